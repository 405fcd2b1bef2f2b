#!/bin/sh
# sh tests/bench/run.sh [PART…]: build the programs that Earshot is compared with, then measure (bench.mjs says what).
# `make bench` installs what is needed and runs this.
set -eu
cd "$(dirname "$0")/../.."
make -s -j"$(nproc)" all benches
exec node tests/bench/bench.mjs "$@"

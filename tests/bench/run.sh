#!/bin/sh
# sh tests/bench/run.sh [PART…]: build the programs that Earshot is compared with, then measure (bench.mjs says what).
# `make bench` installs what is needed and runs this.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-.build}

# compile NAME LIBRARIES…
compile()
{
	name=$1
	shift
	# shellcheck disable=SC2046  # lists of words
	${CC:-cc} -O2 -std=c11 -Wall -Wextra -D_GNU_SOURCE -Ilib $(mariadb_config --include) \
		-o "$build/bench/$name" "tests/bench/$name.c" "$@" -lmariadb
}

mkdir -p "$build/bench"
compile peer_fcgi -lfcgi
compile peer_insert "$build"/lib/db/*.o "$build"/lib/base/*.o -lcjson -lsodium -lm
compile joblist "$build"/lib/records/*.o "$build"/lib/db/*.o "$build"/lib/base/*.o -lcjson -lsodium -lm
for name in compose musicgen; do
	compile $name "$build"/lib/engine/*.o "$build"/lib/engine/*/*.o "$build"/lib/audio/pcm.o "$build"/lib/base/*.o -lfluidsynth \
		-lutf8proc -lcjson -lsodium -lm
done
exec node tests/bench/bench.mjs "$@"

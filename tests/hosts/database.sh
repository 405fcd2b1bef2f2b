#!/bin/sh
# sh database.sh FOLDER [OPTION…]: a MariaDB of our own in FOLDER, set up where there is none in FOLDER/db, which listens on
# FOLDER/db.sock and gives each login of FOLDER/init.sql what a host gives to it. Becomes the server.
set -eu
PATH=$PATH:/usr/sbin:/sbin
. "$(dirname "$0")/parts.sh"
VAR=$1
shift
mkdir -p "$VAR/tmp"
export TMPDIR="$VAR/tmp"
# shellcheck disable=SC2046  # a list of words
[ -d "$VAR/db" ] || mariadb-install-db $(db_options) --datadir="$VAR/db" --tmpdir="$VAR/tmp" --force --skip-test-db >"$VAR/setup.log" 2>&1 ||
	{ cat "$VAR/setup.log"; exit 1; }
# shellcheck disable=SC2046  # a list of words
exec mariadbd $(db_options) --datadir="$VAR/db" --tmpdir="$VAR/tmp" --socket="$VAR/db.sock" --pid-file="$VAR/db.pid" \
	--init-file="$VAR/init.sql" "$@"

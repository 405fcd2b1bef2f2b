#!/bin/sh
# sh tests/db/run.sh [NAME…]: run the programs of BUILD/dbtests (`make dbtests`), or these, in TAP.
# Each gets an empty database of its own in a private MariaDB, which is made for this run in a
# temporary folder and is gone afterwards. EARSHOT_TEST_SERVER=SOCKET takes another server, of MySQL
# say, whose user earshot may do everything there without a password.
set -eu
cd "$(dirname "$0")/../.."
PATH=$PATH:/usr/sbin:/sbin
BUILD=${BUILD:-.build}
. lib/local/process.sh
. lib/local/parts.sh

VAR=$(mktemp -d /tmp/earshot-db-XXXXXX)
DB_SOCKET=${EARSHOT_TEST_SERVER:-$VAR/db.sock}
mkdir "$VAR/log" "$VAR/tmp"
export TMPDIR="$VAR/tmp"

tidy_up()
{
	code=$?
	trap - EXIT
	trap '' INT TERM HUP
	end_parts
	rm -rf "$VAR"
	exit $code
}
trap 'exit 130' INT TERM HUP
trap tidy_up EXIT

# MariaDB itself gives up root's rights for this user's.
user=
if [ "$(id -u)" = 0 ]; then
	user=--user=nobody
	chown nobody "$VAR" "$VAR/tmp"
fi

sql()
{
	mariadb --no-defaults --socket="$DB_SOCKET" --user=earshot "$@"
}

answers()
{
	sql -e 'DO 0' >/dev/null 2>&1
}

# shellcheck disable=SC2046,SC2086  # lists of words
start()
{
	printf '%s;\n' 'CREATE USER earshot@localhost' 'GRANT ALL ON *.* TO earshot@localhost' \
		>"$VAR/tmp/init.sql"
	perform setup mariadb-install-db $(db_options) $user --datadir="$VAR/db" \
		--tmpdir="$VAR/tmp" --force --skip-test-db ||
		fail "The database could not be set up: $(last_words setup)"
	launch database mariadbd $(db_options) $user --datadir="$VAR/db" --tmpdir="$VAR/tmp" \
		--socket="$DB_SOCKET" --pid-file="$VAR/db.pid" --init-file="$VAR/tmp/init.sql"
	wait_for $! 120 answers || fail "The database did not start: $(last_words database)"
}

# One program. Ending badly without naming a test is a failure too.
check()
{
	echo "# $1"
	sql -e "CREATE DATABASE $1"
	status=0
	EARSHOT_STACK=$VAR EARSHOT_TEST_SOCKET=$DB_SOCKET EARSHOT_TEST_DATABASE=$1 \
		CMOCKA_MESSAGE_OUTPUT=TAP timeout 600 "$BUILD/dbtests/$1" \
		>"$VAR/log/$1" 2>&1 || status=$?
	cat "$VAR/log/$1"
	[ -z "${EARSHOT_TEST_SERVER:-}" ] || sql -e "DROP DATABASE $1"
	[ $status != 0 ] || return 0
	failed=1
	grep -q '^not ok' "$VAR/log/$1" || echo "not ok - $1 ended with status $status"
}

if [ $# = 0 ]; then
	for program in "$BUILD"/dbtests/*_test; do
		[ ! -x "$program" ] || set -- "$@" "${program##*/}"
	done
	[ $# != 0 ] || fail "There are no tests in $BUILD/dbtests; make dbtests makes them."
fi
[ -n "${EARSHOT_TEST_SERVER:-}" ] || start
failed=0
for name; do check "$name"; done
exit $failed

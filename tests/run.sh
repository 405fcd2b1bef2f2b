#!/bin/sh
# sh tests/run.sh [SUITE[/PART]…]: build, run every test (or these), several parts at a time. The last line is
# `N passed, N failed`. Each part writes a log to .build/test-logs; what failed in it is shown. A suite says how long its
# parts took one after the other, and how much of that they computed.
set -eu
cd "$(dirname "$0")/.."
export BUILD="${BUILD:-.build}" PATH="$PATH:/usr/sbin:/sbin"
logs=$BUILD/test-logs sanitized=$BUILD/sanitized

# Long parts first, so that none runs alone in the end. `build` is the first, since others wait for it.
suites='build pages storage api-lighttpd faults hosts remote db api-apache-fcgid api-apache-cgi properties music unit-sanitized unit fuzz musicgen layering'

# A part waits about as long as it works.
at_a_time=$(($(nproc) + 2))

# In how many parts the programs of a folder run.
shares='1 2 3 4'

# What depends on the web server: bodies, ranges, headers, files, what happens when something is away. The rest of
# the API is the same responder and the same database behind any of them.
fcgid='adapters audio away ballots delete generate metrics prompts stream system tags'
cgi='adapters away generate stream system'

topics()
{
	for file in tests/"$1"/*.test.mjs; do basename "$file" .test.mjs; done
}

# The parts of a suite, a word each; a suite in one piece has none.
parts()
{
	case $1 in
	pages | faults | hosts | storage | remote) topics "$1" ;;
	api-lighttpd) topics api ;;
	api-apache-fcgid) echo "$fcgid" ;;
	api-apache-cgi) echo "$cgi" ;;
	unit | unit-sanitized | fuzz) echo "$shares" ;;
	esac
}

# SUITE/PART for each part of these suites; what is a part already stays as it is.
all_parts()
{
	for name; do
		names=
		case $name in */*) ;; *) names=$(parts "$name") ;; esac
		if [ -z "$names" ]; then echo "$name"; fi
		for part in $names; do echo "$name/$part"; done
	done
}

# What the tests of the running programs do not need is built beside them.
rest_of_build()
{
	make -s -j2 unit dbtests benches &&
	make -s -j2 BUILD="$sanitized" CFLAGS='-O1 -g1' \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' unit fuzz &&
	echo 'ok - everything else is built'
}

# Wait for the part `build`.
built()
{
	until [ -s "$logs/build.count" ]; do sleep 1; done
	grep -q '^1 0 ' "$logs/build.count" || { echo 'not ok - it was not built'; return 1; }
}

# Test programs of a folder, one after the other: every fourth, beginning with the SHARE-th. One that ends badly without
# naming a test is a failed test.
programs()
{
	built || return 1
	said=$(mktemp) turn=0
	for program in "$1"/*; do
		[ -x "$program" ] || continue
		turn=$((turn % ${shares##* } + 1))
		[ "$turn" = "$2" ] || continue
		echo "# $program"
		status=0
		CMOCKA_MESSAGE_OUTPUT=TAP timeout 600 "$program" >"$said" 2>&1 || status=$?
		cat "$said"
		if [ $status != 0 ] && ! grep -q '^not ok' "$said"; then
			echo "not ok - $program ended with status $status"
			grep -v '^ok ' "$said" | head -n 40
		fi
	done
}

node_test()
{
	timeout 1200 node --test-reporter=tap "tests/$1.test.mjs"
}

part()
{
	case $1 in
	build) rest_of_build ;;
	unit/*) programs "$BUILD/unit" "${1#*/}" ;;
	unit-sanitized/*) programs "$sanitized/unit" "${1#*/}" ;;
	fuzz/*) programs "$sanitized/fuzz" "${1#*/}" ;;
	db) built && sh tests/db/run.sh ;;
	layering) sh tests/layering.sh && sh tests/sql_words.sh ;;
	musicgen) "$BUILD/musicgen_reference" tests/data/musicgen ;;
	api-*/*) front=${1%/*}; FRONT=${front#api-} node_test "api/${1#*/}" ;;
	pages/* | faults/* | hosts/* | storage/* | remote/*) node_test "$1" ;;
	properties) node_test properties/schemathesis ;;
	music) node_test music/music ;;
	*) echo "not ok - there is no suite $1" ;;
	esac
}

# Count "ok" and "not ok". node sums up itself, since it calls a group of tests a test as well.
count()
{
	awk '
	/^# (pass|fail|cancelled) [0-9]+$/ { node = 1; n[$2] += $3 }
	/^ok / { ok++ }
	/^not ok / { bad++ }
	END { if (node) { ok = n["pass"]; bad = n["fail"] + n["cancelled"] } print ok + 0, bad + 0 }' "$1"
}

# Failed tests with what they say, up to the next test.
failures()
{
	awk '/^ *(ok|not ok|1\.\.[0-9])/ { show = /^ *not ok/ } /^ *# Subtest/ { show = 0 } show' "$1" |
		LC_ALL=C tr -d '\000-\010\013-\037' | head -n 200
}

# one_part PART: "PASSED FAILED SECONDS COMPUTED" goes to its .count; COMPUTED are seconds of processor time.
one_part()
{
	log=$logs/$1.log status=0
	mkdir -p "${log%/*}"
	began=$(date +%s)
	part "$1" >"$log" 2>&1 || status=$?
	times >"$log.times"
	took="$(($(date +%s) - began)) $(awk -F '[ms ]+' 'NR == 2 { print int(($1 + $3) * 60 + $2 + $4) }' "$log.times")"
	rm "$log.times"
	result=$(count "$log")
	# A runner that failed without naming a test, or found none, is a failure by itself.
	if [ "${result#* }" = 0 ] && { [ $status != 0 ] || [ "$result" = '0 0' ]; }; then
		result="${result% *} 1"
		tail -n 30 "$log" >"$log.end"
	fi
	if [ "${result#* }" != 0 ]; then
		echo "$1 has failed:"
		cat "$log.end" 2>/dev/null || :
		failures "$log"
	fi
	echo "$result $took" >"$logs/$1.count"
	say_suite "${1%%/*}"
}

# A line for a suite of which every part has ended; what ended at the same moment is not said twice.
say_suite()
{
	exec 9>>"$logs/lock"
	flock 9
	for part in $(grep -x "$1\(/.*\)\?" "$logs/parts"); do
		[ -s "$logs/$part.count" ] || return 0
		cat "$logs/$part.count"
	done >"$logs/$1.counts"
	grep -qsx "$1" "$logs/said" || sum "$1: " "$logs/$1.counts"
	echo "$1" >>"$logs/said"
}

# The sum of counts, in words.
sum()
{
	awk -v name="$1" '{ passed += $1; failed += $2; took += $3; computed += $4 }
	END { printf "%s%d passed, %d failed", name, passed, failed
		if (name) printf ", %d s, of which it computed %d s", took, computed
		print "" }' "$2"
}

if [ "${1:-}" = --part ]; then
	one_part "$2"
	exit
fi

TMPDIR=$(mktemp -d /tmp/earshot-check-XXXXXX)
export TMPDIR
chmod 755 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM HUP

# What the tests of the running programs need: them, and a stack that is set up, for harness.mjs to copy.
prepare()
{
	make -s -j"$(nproc)" all &&
	node --input-type=module -e "import { setUp } from '$PWD/tests/harness.mjs'; await setUp('$TMPDIR/beginning');"
}

rm -rf "$logs"
mkdir -p "$logs"
echo "building"
prepare >"$logs/make.log" 2>&1 || {
	tail -n 40 "$logs/make.log"
	echo "0 passed, 1 failed"
	exit 1
}
export BEGINNING="$TMPDIR/beginning"

# shellcheck disable=SC2086  # a list of words
[ $# != 0 ] || set -- $suites
case "$*" in build*) ;; *unit* | *fuzz* | *db*) set -- build "$@" ;; esac
all_parts "$@" >"$logs/parts"
xargs -P "$at_a_time" -n 1 sh tests/run.sh --part <"$logs/parts" || :
while read -r part; do cat "$logs/$part.count" || echo "0 1 0 0"; done <"$logs/parts" >"$logs/counts"
sum '' "$logs/counts"
awk '{ failed += $2 } END { exit failed > 0 }' "$logs/counts"

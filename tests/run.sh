#!/bin/sh
# sh tests/run.sh [SUITE…]: build, run every test (or these suites), three suites at a time. The last line is
# `N passed, N failed`. Each suite writes a log to .build/test-logs; what failed in it is shown.
set -eu
cd "$(dirname "$0")/.."
export BUILD="${BUILD:-.build}" PATH="$PATH:/usr/sbin:/sbin"
logs=$BUILD/test-logs sanitized=$BUILD/sanitized

# Slow ones first, so that none runs alone in the end. Three at a time, since each of them waits as long as it works.
suites='api-lighttpd pages-making pages-hearing unit-sanitized faults api-apache-fcgid unit db api-apache-cgi properties fuzz music musicgen layering'

# Test programs of a folder, one after the other. One that ends badly without naming a test is a failed test.
programs()
{
	said=$(mktemp)
	for program in "$1"/*; do
		[ -x "$program" ] || continue
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

node_tests()
{
	timeout 1200 node --test --test-reporter=tap "$@"
}

# Topics of a folder.
topics()
{
	folder=$1
	shift
	for topic; do
		shift
		set -- "$@" "tests/$folder/$topic.test.mjs"
	done
	node_tests "$@"
}

# The pages in two halves of about the same length: where one listens and judges, and all others.
hearing='ablisten abtests abwords compare deck library player'

making()
{
	for file in tests/pages/*.test.mjs; do
		topic=$(basename "$file" .test.mjs)
		case " $hearing " in *" $topic "*) ;; *) echo "$topic" ;; esac
	done
}

suite()
{
	case $1 in
	unit) programs "$BUILD/unit" ;;
	unit-sanitized) programs "$sanitized/unit" ;;
	fuzz) programs "$sanitized/fuzz" ;;
	db) sh tests/db/run.sh ;;
	layering) sh tests/layering.sh ;;
	musicgen) "$BUILD/musicgen_reference" tests/data/musicgen ;;
	api-lighttpd) FRONT=lighttpd node_tests tests/api/*.test.mjs ;;
	# What depends on the web server: bodies, ranges, headers, files, what happens when something is away. The rest of
	# the API is the same responder and the same database behind any of them.
	api-apache-fcgid) FRONT=apache-fcgid topics api adapters audio away ballots delete generate metrics prompts stream system tags ;;
	api-apache-cgi) FRONT=apache-cgi topics api adapters away generate stream system ;;
	pages-hearing) topics pages $hearing ;;
	pages-making) topics pages $(making) ;;
	pages | faults | properties | music) node_tests "tests/$1"/*.test.mjs ;;
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

one_suite()
{
	log=$logs/$1.log
	began=$(date +%s)
	suite "$1" >"$log" 2>&1 || status=$?
	result=$(count "$log")
	# A runner that failed without naming a test, or found none, is a failure by itself.
	if [ "${result#* }" = 0 ] && { [ "${status:-0}" != 0 ] || [ "$result" = '0 0' ]; }; then
		result="${result% *} 1"
		tail -n 30 "$log"
	fi
	failures "$log"
	echo "$result" >"$logs/$1.count"
	echo "$1: ${result% *} passed, ${result#* } failed, $(($(date +%s) - began)) s"
}

if [ "${1:-}" = --one ]; then
	one_suite "$2"
	exit
fi

TMPDIR=$(mktemp -d /tmp/earshot-check-XXXXXX)
export TMPDIR
chmod 755 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM HUP

rm -rf "$logs"
mkdir -p "$logs"
echo "building"
{
	make -s -j2 all unit dbtests &&
	make -s -j2 BUILD="$sanitized" CFLAGS='-O1 -g' \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' unit fuzz
} >"$logs/build.log" 2>&1 || {
	tail -n 40 "$logs/build.log"
	echo "0 passed, 1 failed"
	exit 1
}

echo "${*:-$suites}" | tr ' ' '\n' | xargs -P 3 -n 1 sh tests/run.sh --one || :
cat "$logs"/*.count | awk '{ passed += $1; failed += $2 } END { print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 }'

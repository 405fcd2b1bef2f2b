#!/bin/sh
# Is no table or column in our SQL called by a word that MySQL keeps for itself and MariaDB does not? In TAP. No server of
# the tests would say so.
set -eu
cd "$(dirname "$0")/.."
words='cube|cume_dist|dense_rank|empty|first_value|function|generated|get|grouping|groups|intersect|json_table|lag|last_value|lateral|lead|library|manual|nth_value|ntile|of|over|parallel|percent_rank|qualify|rank|row|row_number|stored|system|tablesample|virtual|window'

# The SQL of a file: without comments, or what stands in a program's strings.
sql()
{
	case $1 in
	*.sql) sed 's/-- .*//' "$1" ;;
	*) grep -noE '"([^"\\]|\\.)*"' "$1" ;;
	esac
}

# A name stands behind AS, a dot or a bracket, at the head of a line of columns, before a dot, or between a table and ON.
bad=$(for file in schema/*.sql lib/db/*.[ch] lib/records/*.[ch]; do
	sql "$file" | grep -E "(AS |\.|\) |^[[:blank:]]+)($words)\b|\b($words)\.[a-z]|\b[a-z_]+ ($words) ON\b" |
		sed "s#^#  $file: #" || :
done)
if [ -z "$bad" ]; then
	echo 'ok 1 - no name in our SQL is a word of MySQL'
else
	echo 'not ok 1 - no name in our SQL is a word of MySQL'
	echo "$bad"
fi
echo 1..1

#!/bin/sh
# Does every #include "FOLDER/…" go where lib/README.md allows? One test a folder, in TAP.
set -eu
cd "$(dirname "$0")/.."

# Folder: what it may include besides itself. engine's of audio and daemon's of db are single files.
table='
base:
http: base
db: base
audio: base
storage: base
ipc: base
stats: base
engine: base audio/pcm.h audio/biquad.h audio/decode.h
records: db base
api: http records storage audio stats ipc base
daemon: records db/db.h storage ipc base
worker: engine audio storage ipc base
cli: everything
'

# Every include of ours below a folder: "FILE FOLDER/HEADER".
includes()
{
	grep -rHoE --include='*.[ch]' '^[[:blank:]]*#[[:blank:]]*include[[:blank:]]+"[^"]+"' "$1" |
		sed -E 's/^([^:]+):.*"([^"]+)"$/\1 \2/'
}

forbidden()
{
	includes "lib/$1" | while read -r file header; do
		allowed=
		for may in $1 $2; do
			case $header in "$may" | "$may"/*) allowed=yes ;; esac
			[ "$may" != everything ] || allowed=yes
		done
		[ -n "$allowed" ] || echo "  $file includes $header"
	done
}

n=0
for path in lib/*/; do
	folder=${path#lib/} folder=${folder%/}
	[ -n "$(find "$path" -name '*.[ch]')" ] || continue
	n=$((n + 1))
	if ! line=$(echo "$table" | grep "^$folder:"); then
		echo "not ok $n - lib/$folder is in no table of what may include what"
		continue
	fi
	bad=$(forbidden "$folder" "${line#*:}")
	if [ -z "$bad" ]; then
		echo "ok $n - lib/$folder includes only what it may"
	else
		echo "not ok $n - lib/$folder includes only what it may"
		echo "$bad"
	fi
done
echo "1..$n"

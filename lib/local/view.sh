#!/bin/sh
# view.sh UID GID ROOT VAR COMMAND…: run COMMAND so that UID can enter ROOT and VAR, whatever is above
# them. To be run by root in a mount namespace of its own (unshare --mount); see user.sh.
set -eu
uid=$1 gid=$2 root=$3 var=$4
shift 4

# The first folder on the way to a place that the user cannot enter; nothing if there is none.
closed_on_the_way_to()
{
	way=
	rest=${1#/}/
	while [ -n "$rest" ]; do
		way=$way/${rest%%/*}
		rest=${rest#*/}
		[ -e "$way" ] || return 0
		setpriv --reuid "$uid" --regid "$gid" --clear-groups test -x "$way" && continue
		echo "$way"
		return 0
	done
}

cover()
{
	closed=$(closed_on_the_way_to "$1")
	[ -z "$closed" ] || mount -t tmpfs -o mode=755,size=1m earshot "$closed"
}

# Descriptors lead to the real folders when their paths do not any more.
exec 7<"$root" 8<"$var"
cover "$root"
cover "$var"

# Entry by entry, since ROOT itself may be closed.
if [ ! -e "$root/lighttpd.conf" ]; then
	mkdir -p "$root"
	for entry in "/proc/$$/fd/7"/* "/proc/$$/fd/7/.build"; do
		[ -e "$entry" ] || continue
		if [ -d "$entry" ]; then mkdir "$root/${entry##*/}"; else : >"$root/${entry##*/}"; fi
		mount --no-canonicalize --rbind "$entry" "$root/${entry##*/}"
	done
fi
if [ ! -e "$var/run" ]; then
	mkdir -p "$var"
	mount --no-canonicalize --rbind /proc/$$/fd/8 "$var"
fi
exec 7<&- 8<&-
cd "$root"
setpriv --reuid "$uid" --regid "$gid" --clear-groups test -r lighttpd.conf || {
	echo "User $(id -un "$uid"), as whom Earshot runs when root starts it, may not read $root: chmod -R go+rX would allow it." >&2
	exit 1
}
exec "$@"

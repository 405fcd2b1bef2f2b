# shellcheck shell=sh disable=SC2154  # ROOT, VAR and PORT come from stack.sh
# As whom the stack runs. An ordinary user runs it as himself. Root never does: neither MariaDB nor
# programs that take requests should have root's rights. So root hands it to the owner of VAR,
# or of the checkout, and if that is root too, to nobody.
#
# That user may not be able to enter the checkout, in /root for example. Then the stack gets a mount
# namespace of its own, in which the closed folder holds nothing but the checkout and VAR. That gives
# away no right over anything else, as a capability like CAP_DAC_READ_SEARCH would.

uid=

choose_user()
{
	[ "$(id -u)" = 0 ] || return 0
	for place in "$VAR" "$ROOT"; do
		[ -e "$place" ] || continue
		uid=$(stat -c %u "$place")
		[ "$uid" = 0 ] || break
	done
	[ "$uid" != 0 ] || uid=$(id -u nobody)
	gid=$(id -g "$uid" 2>/dev/null) || gid=$uid
}

as_user()
{
	setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs "$@"
}

# VAR and the folders that are needed before anything can be logged. Not for others' eyes.
make_state()
{
	choose_user
	for folder in "$VAR" "$VAR/run" "$VAR/log"; do
		why=$(umask 077 && mkdir -p "$folder" 2>&1) || fail "Earshot cannot keep its state in $VAR: ${why##*: }."
		if [ -n "$uid" ] && [ "$(stat -c %u "$folder")" = 0 ]; then chown -h "$uid:$gid" "$folder"; fi
	done
	VAR=$(cd "$VAR" && pwd -P)
}

# Go on with this command of stack.sh as the user of the stack.
become_user()
{
	cd "$ROOT" || fail "The folder $ROOT cannot be entered."
	export BUILD
	set -- sh "$here/stack.sh" "$1" "$VAR" "$PORT"
	[ -n "$uid" ] || exec "$@"
	set -- setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs "$@"
	! can_reach || exec "$@"
	exec unshare --mount --propagation private sh "$here/view.sh" "$uid" "$gid" "$ROOT" "$VAR" "$@"
}

can_reach()
{
	as_user test -r "$ROOT/lighttpd.conf" && as_user test -x "$BUILD/bin/earshot" && as_user test -x "$VAR"
}

#!/bin/sh
# sh lib/local/stack.sh run|start|stop|status VAR PORT: a whole Earshot on this machine, for
# `make run` and the tests: a MariaDB of its own, a web server with the responder, the daemon.
#
# Everything that it keeps is in VAR, a folder in the checkout or an absolute path:
#	VAR/earshot.conf   written when missing, never changed
#	VAR/db             data of MariaDB
#	VAR/storage        what was generated
#	VAR/log            a log for each part
#	VAR/run            sockets, locks, settings for the web server, the name of this host
#
# One process, the supervisor, starts the parts (parts.sh), starts again those that die, and stops them
# all in the end. `run` is the supervisor; `start` puts one into the background. Whatever was
# killed, the next start and the next stop first end what is left over (process.sh). The state belongs
# to an ordinary user, and as that user everything runs, also when root starts it (user.sh).
#
# In the environment: BUILD is the build folder; for tests, FRONT=lighttpd|apache-fcgid|apache-cgi is the
# web server, BASE=/sub/path/ where the pages begin, SETTINGS more lines for a new earshot.conf.
set -eu
PATH=$PATH:/usr/sbin:/sbin	# where an ordinary user's ends before
unset EARSHOT_STACK EARSHOT_CONF

here=$(cd "$(dirname "$0")" && pwd -P)
. "$here/process.sh"
. "$here/user.sh"
. "$here/parts.sh"
. "$here/web.sh"

usage='usage: sh lib/local/stack.sh run|start|stop|status VAR PORT'

locate()
{
	ROOT=${here%/lib/local}
	VAR=${1:-} PORT=${2:-}
	BUILD=${BUILD:-.build}
	[ -n "$VAR" ] || fail "$usage"
	case $PORT in '' | *[!0-9]* | ??????*) PORT=0 ;; esac
	if [ "$PORT" -lt 1 ] || [ "$PORT" -gt 65535 ]; then fail "PORT must be a number from 1 to 65535."; fi
	case $VAR in /*) ;; *) VAR=$ROOT/$VAR ;; esac
	case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac
	case $ROOT$VAR$BUILD in *[\"\\]*) fail "Earshot cannot be in a folder with a quotation mark or a backslash in its name." ;; esac
	[ ! -d "$VAR" ] || VAR=$(cd "$VAR" 2>/dev/null && pwd -P) || fail "$VAR belongs to $(stat -c %U "$VAR"), and so does what runs there."
}

# A supervisor holds this lock as long as it lives.
is_supervised()
{
	[ -e "$VAR/run/lock" ] && ! flock --nonblock --shared "$VAR/run/lock" true
}

is_ready()
{
	[ -s "$VAR/run/address" ]
}

is_settled()
{
	is_ready || ! is_supervised
}

# Exit, having said so, when there is nothing to start. One that is about to stop is waited for.
leave_if_running()
{
	is_supervised || return 0
	wait_for $$ 120 is_settled || fail "Earshot is being started or stopped; its state is in $VAR."
	is_supervised || return 0
	echo "Earshot is already running at $(cat "$VAR/run/address")"
	exit 0
}

run()
{
	leave_if_running
	make_state
	become_user supervise
}

start()
{
	leave_if_running
	make_state
	rm -f "$VAR/run/address"
	log=$VAR/log/supervisor.log
	FOREGROUND='' setsid sh "$here/stack.sh" run "$VAR" "$PORT" </dev/null >"$log" 2>&1 &
	trap 'kill $!; wait; exit 130' INT TERM HUP
	wait_for $! 120 is_ready || fail "$(cat "$log")"
	echo "Earshot is ready at $(cat "$VAR/run/address")"
}

stop()
{
	if ! is_supervised && [ -z "$(parts)" ]; then
		echo "Earshot is not running."
		return
	fi
	if is_supervised; then end 120 "$(cat "$VAR/run/supervisor" 2>/dev/null)"; fi
	end_parts
	clean_up
	echo "Earshot has stopped."
}

status()
{
	up=
	if is_supervised && is_ready; then up=yes; fi
	say_part database mariadbd
	say_part 'web server' 'lighttpd|apache2'
	say_part responder earshot.fcgi
	say_part daemon earshotd
	say_part worker earshot-worker
	[ -n "$up" ] || { echo "Earshot is not running."; exit 3; }
	echo "Earshot is running at $(cat "$VAR/run/address")"
}

say_part()
{
	pids=$(pids_of "$2")
	if [ -n "$pids" ]; then
		# shellcheck disable=SC2086  # a list of numbers
		echo "$1: running, process" $pids
	else
		echo "$1: not running"
	fi
}

# The supervisor. VAR is there and ours.
supervise()
{
	for folder in "$VAR" "$VAR/run" "$VAR/log"; do
		[ -w "$folder" ] || fail "Earshot may not write to $folder; it belongs to $(stat -c %U "$folder")."
	done
	exec 9>>"$VAR/run/lock"
	flock -w 5 9 || fail "Earshot is being started already; its state is in $VAR."
	trap 'exit 0' INT TERM HUP
	trap shut_down EXIT
	end_parts
	clean_up
	echo $$ >"$VAR/run/supervisor" || fail "Earshot cannot write to $VAR: is the disk full?"
	check_port
	check_space
	configure
	start_database
	start_web
	start_daemon
	wait_until_healthy
	echo "http://127.0.0.1:$PORT${BASE:-/}" >"$VAR/run/address"
	echo "Earshot is ready at $(cat "$VAR/run/address")"
	while is_wanted; do
		pause "$((troubles / 3)).5"
		keep_running
	done
}

# A foreground supervisor ends with the process that runs it. When that is a make which got a SIGINT that
# did not come to us as well, it waits for us with the signal (bit 1) blocked.
is_wanted()
{
	[ -n "${FOREGROUND-yes}" ] || return 0
	read -r _ _ _ parent _ <"/proc/$$/stat"
	[ "$parent" = "$PPID" ] || return 1
	! grep -qs '^g*make$' "/proc/$PPID/comm" || ! grep -qs '^SigBlk:.*[2367abef]$' "/proc/$PPID/status"
}

shut_down()
{
	code=$?
	trap - EXIT
	trap '' INT TERM HUP
	stop_pause
	was_ready=
	if is_ready; then was_ready=yes; fi
	rm -f "$VAR/run/address"
	end_parts
	clean_up
	[ -z "$was_ready" ] || echo "Earshot has stopped."
	exit $code
}

command=${1:-}
case $command in
run | start | stop | status | supervise) shift ;;
*) fail "$usage" ;;
esac
locate "$@"
"$command"

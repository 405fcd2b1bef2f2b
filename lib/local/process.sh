# shellcheck shell=sh disable=SC2154  # VAR comes from stack.sh
# Finding, waiting for and ending the processes of one stack.
#
# Every part is started with EARSHOT_STACK=VAR in its environment, and so are its children. That mark,
# read from /proc, tells which processes are ours: a process id in a file may be somebody
# else's by now, and a part that lost its parent would be in nobody's list.

fail()
{
	echo "$*" >&2
	exit 1
}

# The processes of this stack, "PID NAME" a line. The supervisor does not bear the mark.
parts()
{
	grep -lzxF "EARSHOT_STACK=$VAR" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ pid _; do
		if { read -r name <"/proc/$pid/comm"; } 2>/dev/null; then echo "$pid $name"; fi
	done
}

# pids_of PATTERN: of the parts whose program has such a name.
pids_of()
{
	parts | sed -nE "s/ ($1)\$//p"
}

is_alive()
{
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	case ${stat##*) } in Z* | X*) return 1 ;; esac
}

are_gone()
{
	for pid; do ! is_alive "$pid" || return 1; done
}

# wait_for PID SECONDS COMMAND…: until the command succeeds; fails when the time is up or PID is gone.
wait_for()
{
	waiting_for=$1 tries=$(($2 * 20))
	shift 2
	until "$@"; do
		is_alive "$waiting_for" && [ "$tries" -gt 0 ] || return 1
		tries=$((tries - 1))
		sleep 0.05
	done
}

# Sleep so that a signal ends it at once.
sleeper=
pause()
{
	sleep "$1" 9>&- &
	sleeper=$!
	wait "$sleeper" || :
	sleeper=
}

stop_pause()
{
	[ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null || :
}

# end SECONDS PIDS: ask them to stop, give them so long, kill those that are still there.
# shellcheck disable=SC2086  # PIDS is a list
end()
{
	[ -n "$2" ] || return 0
	kill -TERM $2 2>/dev/null || :
	kill -CONT $2 2>/dev/null || :
	wait_for $$ "$1" are_gone $2 && return
	kill -KILL $2 2>/dev/null || :
	wait_for $$ 10 are_gone $2 || fail "These processes cannot be ended:" $2
}

# First who takes requests, then who works on them, last who keeps the records.
end_parts()
{
	end 5 "$(pids_of 'lighttpd|apache2')"
	end 10 "$(pids_of earshotd)"
	end 5 "$(pids_of 'earshot.*')"
	end 60 "$(pids_of '.*')"
}

# launch NAME COMMAND…: start a part; its output goes to VAR/log/NAME.log, its process id is $!.
# A session of its own keeps the terminal's Ctrl-C from it. 9 is the supervisor's lock.
launch()
{
	log=$VAR/log/$1.log
	shift
	EARSHOT_STACK=$VAR setsid "$@" </dev/null >>"$log" 2>&1 9>&- &
}

# The same for what ends by itself; its status is the command's.
perform()
{
	rm -f "$VAR/log/$1.log"
	launch "$@"
	wait $!
}

# What a part said last.
last_words()
{
	tail -n 3 "$VAR/log/$1.log" 2>/dev/null
}

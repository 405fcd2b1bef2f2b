# shellcheck shell=sh disable=SC2154  # ROOT, VAR, PORT and BUILD come from stack.sh
# The parts of a stack: settings, database, web server, daemon; how each is set up, started and watched.

# A socket's path may have 107 bytes. With a long VAR the sockets go to a folder in /tmp;
# state_dir in earshot.conf says where they are.
longest_socket=/earshot.fcgi-99

short_folder()
{
	echo "/tmp/earshot-$(printf %s "$VAR" | cksum | tr ' ' -)"
}

write_settings()
{
	run=run
	# Whoever makes it says otherwise in SETTINGS; the port of `make run` is on the loopback address.
	case ${SETTINGS:-} in *access*) access= ;; *) access='access = open' ;; esac
	[ $((${#VAR} + 4 + ${#longest_socket})) -le 107 ] || run=$(short_folder)
	cat >"$VAR/earshot.conf.new" <<-END
		# Made by \`make run\`, yours to change. A path is relative to this folder.
		# \`.build/bin/earshot config\` shows every key with its meaning and default.
		state_dir = $run
		log_file = log/earshot.log
		database_socket = $run/db.sock
		storage_dir = storage
		$access
		${SETTINGS:-}
	END
	mv "$VAR/earshot.conf.new" "$VAR/earshot.conf"
}

# setting KEY: its value in earshot.conf, paths made absolute.
setting()
{
	value=$(sed -nE "s/^[[:blank:]]*$1[[:blank:]]*=[[:blank:]]*(.*[^[:blank:]])[[:blank:]]*\$/\1/p" "$VAR/earshot.conf")
	case $value in '' | /*) echo "$value" ;; *) echo "$VAR/$value" ;; esac
}

configure()
{
	[ -e "$VAR/earshot.conf" ] || write_settings || fail "Earshot cannot write to $VAR: is the disk full?"
	# An earlier version wrote none.
	[ -n "$(setting access)" ] || echo "$VAR/earshot.conf says nothing of access, so one has to sign in: make a user with" \
		"\`earshot user add\`, or add the line \"access = open\" for this machine alone." >&2
	RUN=$(setting state_dir)
	STORAGE=$(setting storage_dir)
	DB_SOCKET=$(setting database_socket)
	if [ -z "$RUN" ] || [ -z "$STORAGE" ] || [ -z "$DB_SOCKET" ]; then
		fail "$VAR/earshot.conf must set state_dir, storage_dir and database_socket."
	fi
	if [ $((${#RUN} + ${#longest_socket})) -gt 107 ] || [ ${#DB_SOCKET} -gt 107 ]; then
		fail "A socket's path may have 107 bytes: $VAR/earshot.conf needs a shorter state_dir and database_socket."
	fi
	if [ "$RUN" = "$(short_folder)" ]; then make_private "$RUN"; else mkdir -p "$RUN"; fi
	rm -f "$RUN"/earshot.fcgi-* "$RUN/earshotd.sock" "$DB_SOCKET"
	find "$VAR/log" -name '*.log' -size +10M -exec mv {} {}.old \;
	mkdir -p "$STORAGE" "$VAR/tmp"
	export EARSHOT_CONF="$VAR/earshot.conf" TMPDIR="$VAR/tmp"
}

# /tmp is everybody's: take the folder only if it is ours alone. It goes when the stack stops; what the
# daemon calls itself must stay.
make_private()
{
	mkdir -m 700 "$1" 2>/dev/null || [ "$(stat -c '%F %u %a' "$1")" = "directory $(id -u) 700" ] ||
		fail "$1 belongs to somebody else."
	ln -sf "$VAR/run/host-id" "$1/host-id"
}

# What a stopped stack leaves in VAR is data, not the traces of its run.
clean_up()
{
	rm -f "$VAR/run/address" "$VAR/run/supervisor"
	rm -rf "$VAR/tmp" "$(short_folder)"
}

# Somebody listens on 127.0.0.1 or on all addresses (0A is LISTEN in these tables).
check_port()
{
	local_or_all='(0100007F|0{8}|0{32}|0{16}FFFF00000100007F)'
	if cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		grep -Eq "^ *[0-9]+: $local_or_all:$(printf %04X "$PORT") [0-9A-F:]+ 0A "; then
		fail "Port $PORT is in use; choose another one with PORT=, for example PORT=$((PORT % 65535 + 1))."
	fi
}

check_space()
{
	need=200
	[ ! -d "$VAR/db" ] || need=16
	free=$(($(df -k --output=avail "$VAR" | tail -n 1) / 1024))
	[ "$free" -ge "$need" ] || fail "The disk of $VAR has $free MB left; Earshot needs $need MB to start."
}

# A database of its own: no TCP, no settings of the system, little memory; acknowledged means on disk.
db_options()
{
	echo --no-defaults --skip-networking --skip-name-resolve --performance-schema=off \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
		--innodb-buffer-pool-size=64M --innodb-log-file-size=32M --innodb-flush-log-at-trx-commit=1 \
		--key-buffer-size=1M --aria-pagecache-buffer-size=8M
}

# Made beside its place and then moved there, so that half a database is never taken for one. root and
# the user of the stack sign in by who they are; earshot without a password, which is safe because
# nobody else can enter the socket's folder.
# shellcheck disable=SC2046  # a list of words
make_database()
{
	rm -rf "$VAR/db.new"
	mkdir -m 700 "$VAR/db.new"
	# In VAR and by relative paths, since the script cannot take a path with a blank; --force, since it
	# would like to look up the name of this host.
	perform setup env --chdir="$VAR" mariadb-install-db $(db_options) --datadir=./db.new --tmpdir=../tmp \
		--force --skip-test-db --auth-root-socket-user="$(id -un 2>/dev/null || echo root)" ||
		fail "The database could not be set up: $(last_words setup)"
	mv "$VAR/db.new" "$VAR/db"
}

# shellcheck disable=SC2046  # a list of words
launch_database()
{
	launch database mariadbd $(db_options) --datadir="$VAR/db" --tmpdir="$VAR/tmp" --socket="$DB_SOCKET" \
		--pid-file="$VAR/run/db.pid" --init-file="$here/database.sql"
	database=$!
}

database_answers()
{
	[ -S "$DB_SOCKET" ] && mariadb --no-defaults --socket="$DB_SOCKET" --user=earshot earshot -e 'DO 0' >/dev/null 2>&1 9>&-
}

start_database()
{
	[ -d "$VAR/db" ] || make_database
	launch_database
	wait_for "$database" 120 database_answers || fail "The database did not start: $(last_words database)"
	perform migrate "$BUILD/bin/earshot" -c "$EARSHOT_CONF" migrate --schema "$ROOT/schema" ||
		fail "The tables could not be brought up to date: $(last_words migrate)"
	import_adapters
}

# The adapters that come with Earshot, each once: what became of it since is its owner's business.
import_adapters()
{
	set -- "$ROOT"/lib/engine/band/adapters/*.json
	[ -e "$1" ] || return 0
	perform import "$BUILD/bin/earshot" -c "$EARSHOT_CONF" adapter import --once "$@" ||
		echo "The adapters that come with Earshot could not be imported: $(last_words import)" >&2
}

start_daemon()
{
	launch daemon "$BUILD/bin/earshotd" -c "$EARSHOT_CONF"
	daemon=$!
}

is_healthy()
{
	curl -fsS -o "$VAR/tmp/health" --max-time 5 "http://127.0.0.1:$PORT${BASE:-/}api/health" 2>"$VAR/tmp/why" 9>&-
}

daemon_listens()
{
	[ -S "$RUN/earshotd.sock" ]
}

wait_until_healthy()
{
	wait_for "$daemon" 30 daemon_listens || fail "The daemon did not get ready: $(last_words daemon; last_words earshot)"
	wait_for "$web" 30 is_healthy || fail "The web server did not get ready: $(cat "$VAR/tmp/why"; last_words web)"
}

# Restarts of late. What dies again and again is given more and more time, up to a minute.
troubles=0 quiet_looks=0

report_end()
{
	echo "The $1 ended; starting it again." >&2
	[ $troubles -ge 180 ] || troubles=$((troubles + 1))
	quiet_looks=0
}

# One look at each part. The responder starts a daemon too, hence the search for one that is not our child.
keep_running()
{
	quiet_looks=$((quiet_looks + 1))
	[ $quiet_looks -lt 60 ] || troubles=0
	if ! is_alive "$database"; then
		report_end database
		launch_database
	fi
	if ! is_alive "$web"; then
		report_end 'web server'
		end 5 "$(pids_of 'lighttpd|apache2|earshot.fcgi')"
		start_web
	fi
	if ! is_alive "$daemon"; then
		daemon=$(pids_of earshotd | head -n 1)
		[ -n "$daemon" ] || { report_end daemon; start_daemon; }
	fi
}

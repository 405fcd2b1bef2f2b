# shellcheck shell=sh disable=SC2154,SC2034  # ROOT, VAR, … come from stack.sh and parts.sh, which also uses web
# The web server of a stack. lighttpd.conf and apache.conf are the ones for real hosts; what they
# leave to the host is written to VAR/run here. BUCKET in the environment is where listeners may be sent.

start_web()
{
	case ${FRONT:=lighttpd} in
	lighttpd) start_lighttpd ;;
	apache-fcgid) start_apache fcgid ;;
	apache-cgi) start_apache cgid ;;
	*) fail "FRONT must be lighttpd, apache-fcgid or apache-cgi, not \"$FRONT\"." ;;
	esac
	web=$!
}

# A responder waits for the database and the disk more than it computes.
responders()
{
	echo $(($(nproc) * 2 + 2))
}

start_lighttpd()
{
	cat >"$VAR/run/lighttpd.conf" <<-END
		server.bind = "127.0.0.1"
		server.port = $PORT
		server.document-root = "$ROOT/www"
		server.upload-dirs = ("$VAR/tmp")
		var.earshot_base = "${BASE:-/}"
		var.earshot_www = "$ROOT/www"
		var.earshot_responder = "$BUILD/bin/earshot.fcgi"
		var.earshot_processes = $(responders)
		var.earshot_conf = "$EARSHOT_CONF"
		var.earshot_storage = "$STORAGE"
		var.earshot_audio = "'self'${BUCKET:+ $BUCKET}"
		var.earshot_socket = "$RUN/earshot.fcgi"
		include "$ROOT/lighttpd.conf"
	END
	if command -v lighttpd >/dev/null; then
		launch web lighttpd -D -f "$VAR/run/lighttpd.conf"
	else
		launch web "$BUILD/lighttpd/usr/sbin/lighttpd" -D -f "$VAR/run/lighttpd.conf" \
			-m "$BUILD/lighttpd/usr/lib/lighttpd"
	fi
}

# start_apache MODULE: the module that runs the responder.
start_apache()
{
	modules=/usr/lib/apache2/modules
	mkdir -p "$RUN/fcgid"
	{
		for m in mpm_event authz_core unixd alias dir mime headers env setenvif "$1" xsendfile; do
			[ ! -e "$modules/mod_$m.so" ] || echo "LoadModule ${m}_module $modules/mod_$m.so"
		done
		cat <<-END
			TypesConfig /dev/null
			ServerName localhost
			ServerTokens Prod
			Listen 127.0.0.1:$PORT
			ServerRoot "$VAR/run"
			DefaultRuntimeDir "$RUN"
			PidFile "$VAR/run/apache.pid"
			ErrorLog "$VAR/log/web.log"
			<IfModule cgid_module>
			ScriptSock "$RUN/cgid"
			</IfModule>
			<IfModule fcgid_module>
			FcgidIPCDir "$RUN/fcgid"
			FcgidProcessTableFile "$RUN/fcgid/table"
			FcgidInitialEnv EARSHOT_STACK "$VAR"
			</IfModule>
			PassEnv EARSHOT_STACK
			Define EARSHOT_BASE "${BASE:-/}"
			Define EARSHOT_WWW "$ROOT/www"
			Define EARSHOT_RESPONDER "$BUILD/bin/earshot.fcgi"
			Define EARSHOT_PROCESSES $(responders)
			Define EARSHOT_SETTINGS "$EARSHOT_CONF"
			Define EARSHOT_STORAGE "$STORAGE"
			Define EARSHOT_AUDIO "'self'${BUCKET:+ $BUCKET}"
			Include "$ROOT/apache.conf"
		END
	} >"$VAR/run/apache.conf"
	launch web apache2 -D FOREGROUND -f "$VAR/run/apache.conf"
}

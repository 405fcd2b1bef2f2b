#!/bin/sh
# sh ~/earshot/share/earshot/shared.sh FOLDER: put Earshot into a folder of the web root of a shared host, by
# FOLDER/.htaccess. Everything else stays where this was unpacked: settings in etc/, state in var/.
#
# sh ~/new/earshot/share/earshot/shared.sh FOLDER ~/earshot: another version was unpacked, to take the place of that one.
#
# May be run again; settings are kept. On its standard input, or in these variables of the environment, it asks for SITE,
# DB_HOST, DB_NAME, DB_USER, DB_PASSWORD and ADMIN, and then for a password of that one.
set -eu
umask 077

fail()
{
	echo "$*" >&2
	exit 1
}

# replace FROM TO: a bundle takes the place of another one, each file in one step, the libraries before the programs that
# want them.
replace()
{
	(cd "$1" && find lib/earshot/*/ -type f && find lib/earshot -maxdepth 1 -type f && find bin share -type f) >"$1/files"
	(cd "$1" && find bin lib share -type d) | (cd "$2" && xargs mkdir -p)
	while read -r file; do mv -f "$1/$file" "$2/$file"; done <"$1/files"
	(cd "$2" && find lib share -type f ! -path 'share/earshot/www/*') | grep -vxFf "$1/files" |
		while read -r file; do rm -f "$2/$file"; done
}

case $# in 1 | 2) ;; *) fail "usage: sh $0 FOLDER [INSTALLATION], for example $HOME/public_html/earshot" ;; esac
# The web server has to get in.
(umask 022 && mkdir -p "$1")
web=$(cd "$1" && pwd -P)
home=$(cd "$(dirname "$0")/../.." && pwd -P)
if [ $# = 2 ]; then
	there=$(cd "$2" && pwd -P)
	[ -e "$there/etc/earshot.conf" ] || fail "There is no Earshot in $there: it has no etc/earshot.conf."
	[ "$there" = "$home" ] || (umask 022 && replace "$home" "$there")
	home=$there
fi
settings=$home/etc/earshot.conf
case $web/ in "$home"/*) fail "$web is inside $home, which must not be in the web: unpack it elsewhere." ;; esac
case $home/ in "$web"/*) fail "$home is inside $web, where anyone could read it: unpack it elsewhere." ;; esac
case $home in *"'"* | *'
'*) fail "The name of the folder $home has a character that a script cannot have." ;; esac

# ask VARIABLE QUESTION DEFAULT
ask()
{
	eval "value=\${$1-}"
	if [ -z "$value" ]; then
		[ ! -t 0 ] || printf '%s [%s]: ' "$2" "$3"
		[ "$1" != DB_PASSWORD ] || [ ! -t 0 ] || stty -echo
		IFS= read -r value || :
		[ "$1" != DB_PASSWORD ] || [ ! -t 0 ] || { stty echo && echo; }
	fi
	value=${value:-$3}
}

# Where a server on this host listens, for hosters mean that by "localhost"; nothing where it is not in a usual place.
usual_socket()
{
	for socket in /run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do
		[ ! -S "$socket" ] || { echo "$socket" && break; }
	done
}

write_settings()
{
	mkdir -p "$home/etc" "$home/var"
	ask SITE 'Name of the site, as in its addresses' localhost
	site=$value
	ask DB_HOST 'Host of the MySQL database, or the path of its socket' localhost
	case $value in localhost) host=$(usual_socket) ;; *) host=$value ;; esac
	ask DB_NAME 'Its name' earshot
	name=$value
	ask DB_USER 'User' "$name"
	user=$value
	ask DB_PASSWORD 'Password' ''
	printf '%s\n' "$value" >"$home/etc/database-password"
	case $host in /*) server="database_socket = $host" ;; *) server="database_host = ${host:-localhost}" ;; esac
	soundfont=$home/share/earshot/soundfont.sf2
	cat >"$settings.new" <<-END
		# Made by shared.sh, yours to change. \`earshot config\` shows every setting with its meaning and default.
		state_dir = $home/var
		log_file = $home/var/earshot.log
		models_dir = $home/var/models
		$server
		database_name = $name
		database_user = $user
		database_password_file = $home/etc/database-password
		hosts = $site
		$([ ! -e "$soundfont" ] || echo "soundfont = $soundfont")
	END
	mv "$settings.new" "$settings"
}

# put MODE FILE: standard input takes the place of the file in one step. One that is the same stays, since for mod_fcgid
# a new file is another program, with processes of its own.
put()
{
	cat >"$2.new"
	chmod "$1" "$2.new"
	if cmp -s "$2.new" "$2"; then rm "$2.new"; else mv -f "$2.new" "$2"; fi
}

# The folder of modules that the pages in a folder load.
version_of()
{
	sed -n 's|.*src="\(v-[0-9a-f]*\)/.*|\1|p' "$1/index.html" 2>/dev/null || :
}

# remove_versions FOLDER VERSION [VERSION]: of such folders, all but these.
remove_versions()
{
	find "$1" -mindepth 1 -maxdepth 1 -type d -name 'v-*' ! -name "$2" ! -name "${3:-$2}" -exec rm -rf {} +
}

# setting KEY: its value in the settings.
setting()
{
	sed -n "s/^[[:blank:]]*$1[[:blank:]]*=[[:blank:]]*\(.*[^[:blank:]]\)[[:blank:]]*\$/\1/p" "$settings"
}

# Where browsers must be allowed to fetch audio from, with a blank before it; nothing where all of it comes through us.
bucket_origin()
{
	[ "$(setting storage) $(setting s3_delivery)" = 's3 redirect' ] || return 0
	url=$(setting s3_url)
	[ "$(setting s3_style)" != host ] || url=${url%%://*}://$(setting s3_bucket).${url#*://}
	echo " ${url%/}"
}

# The web server and, with suexec, the host read these; a program that others might write suexec would refuse. index.html
# comes last, when all that it loads is there; the modules of the version before stay, for pages that are open.
write_pages()
{
	pages=$home/share/earshot/www
	version=$(version_of "$pages") before=$(version_of "$web")
	remove_versions "$pages" "$version"
	chmod 755 "$web"
	if [ ! -d "$web/$version" ]; then
		rm -rf "$web/$version.new"
		cp -R "$pages/$version" "$web/$version.new"
		chmod -R u=rwX,go=rX "$web/$version.new"
		mv "$web/$version.new" "$web/$version"
	fi
	for file in icon.svg openapi.json; do put 644 "$web/$file" <"$pages/$file"; done
	sed "s#\(media-src\|connect-src\) 'self'#&$(bucket_origin)#g" "$home/share/earshot/htaccess" | put 644 "$web/.htaccess"
	put 644 "$web/index.html" <"$pages/index.html"
	remove_versions "$web" "$version" "${before:-$version}"
}

new=
[ -e "$settings" ] || { new=yes && write_settings; }
"$home/bin/earshot" -c "$settings" migrate
"$home/bin/earshot" -c "$settings" adapter import --once "$home"/share/earshot/adapters/*.json
put 755 "$web/api" <<END
#!/bin/sh
export EARSHOT_CONF='$settings' LD_LIBRARY_PATH='$home/lib/earshot/libs'
exec '$home/lib/earshot/earshot.fcgi'
END
write_pages
if [ -n "$new" ]; then
	ask ADMIN 'Login of the first administrator' admin
	"$home/bin/earshot" -c "$settings" user add "$value" --role admin
fi
echo "Earshot is in $web. Next: $home/bin/earshot doctor https://YOUR.HOST/PATH/"

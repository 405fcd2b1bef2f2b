#!/bin/sh
# install.sh PROGRAMS PREFIX ETC STATE [libraries]: what `make install` and `make bundle` do; DESTDIR in the environment
# goes in front of all of them. With "libraries" it is a bundle, which has what the programs need of a system beside
# them: every library but the C library's own, and a soundfont (SOUNDFONT in the environment names another; none).
#
# May be run over an installation that is in use: each file takes the place of the old one in one step, so that nobody
# meets half of it or none, and what runs goes on with what it has until `earshot reload`.
set -eu
programs=$1 prefix=$2 etc=$3 state=$4 libraries=${5:-}
root=${DESTDIR:-}
share=$root$prefix/share/earshot

# put MODE FROM TO
put()
{
	mkdir -p "${3%/*}"
	cp "$2" "$3.new"
	chmod "$1" "$3.new"
	mv -f "$3.new" "$3"
}

# The same with what differs from host to host set to where this installation is.
put_text()
{
	mkdir -p "${3%/*}"
	sed -e "s|/usr/local|$prefix|g; s|/etc/earshot|$etc|g; s|/var/lib/earshot|$state|g" "$2" >"$3.new"
	chmod "$1" "$3.new"
	mv -f "$3.new" "$3"
}

# put_tree FROM TO PATTERN: its files, and nothing that an older version left.
put_tree()
{
	for file in "$1"/$3; do put 644 "$file" "$2/${file##*/}"; done
	for file in "$2"/*; do [ -e "$1/${file##*/}" ] || rm -f "$file"; done
}

# The pages. What index.html loads lies in a folder that is called by its content and that browsers keep for ever, so that
# none mixes two versions. That of the version before stays, for pages that are open.
put_pages()
{
	pages=$share/www
	version=v-$(cd www && find js style.css -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -c 1-12)
	before=$(sed -n 's|.*src="\(v-[0-9a-f]*\)/.*|\1|p' "$pages/index.html" 2>/dev/null || :)
	if [ ! -d "$pages/$version" ]; then
		rm -rf "$pages/$version.new"
		mkdir -p "$pages/$version.new"
		cp -R www/js www/style.css "$pages/$version.new"
		chmod -R u=rwX,go=rX "$pages/$version.new"
		mv "$pages/$version.new" "$pages/$version"
	fi
	for file in icon.svg openapi.json; do put 644 "www/$file" "$pages/$file"; done
	sed "s#=\"\(js/\|style\.css\)#=\"$version/\1#" www/index.html >"$pages/index.html.made"
	put 644 "$pages/index.html.made" "$pages/index.html"
	find "$pages" -mindepth 1 -maxdepth 1 ! -name index.html ! -name icon.svg ! -name openapi.json \
		! -name "$version" ! -name "${before:-$version}" -exec rm -rf {} +
}

umask 022
[ -z "$libraries" ] || sh lib/host/libraries.sh "$programs" "$root$prefix/lib/earshot"
for program in "$programs"/*; do put 755 "$program" "$root$prefix/lib/earshot/${program##*/}"; done
mkdir -p "$root$prefix/bin"
if [ -z "$libraries" ]; then
	ln -sfn ../lib/earshot/earshot "$root$prefix/bin/earshot"
else
	put 755 lib/host/bundled.sh "$root$prefix/bin/earshot"
	put 755 lib/host/shared.sh "$share/shared.sh"
	put 644 lib/host/htaccess "$share/htaccess"
	for file in ${SOUNDFONT:-/usr/share/sounds/sf2/FluidR3_GM.sf2 /usr/share/sounds/sf2/TimGM6mb.sf2}; do
		[ ! -e "$file" ] || { put 644 "$file" "$share/soundfont.sf2" && break; }
	done
fi
put_pages
put_tree schema "$share/schema" '*.sql'
put_tree lib/engine/band/adapters "$share/adapters" '*.json'
for file in apache.conf lighttpd.conf lib/host/earshot.service lib/host/earshot.logrotate; do
	put_text 644 "$file" "$share/${file##*/}"
done

# The first settings. They are the owner's from then on. shared.sh makes those of a bundle, where it was unpacked.
if [ -z "$libraries" ] && [ ! -e "$root$etc/earshot.conf" ]; then
	mkdir -p "$root$etc"
	cat >"$root$etc/earshot.conf" <<-END
		# \`earshot config\` shows every setting with its meaning and default.
		state_dir = $state
		storage_dir = $state/storage
		log_file = $state/earshot.log
		models_dir = $state/models
		database_socket = /run/mysqld/mysqld.sock
		database_name = earshot
		database_user = earshot
		database_password_file = $etc/database-password
	END
fi
echo "Earshot is in $root$prefix"

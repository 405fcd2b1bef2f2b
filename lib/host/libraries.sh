#!/bin/sh
# libraries.sh PROGRAMS FOLDER: copy the libraries of these programs to FOLDER/libs, and the sign-in plug-ins of the
# database's client to FOLDER/plugins.
#
# Not those of the C library: they belong to the host's kernel and loader, and a newer C library runs programs that were
# made with an older one.
set -eu
programs=$1 folder=$2
mkdir -p "$folder/libs.new" "$folder/plugins.new"

# Its own folder first, so that what is copied is what the build found, not what an older copy left there.
for program in "$programs"/*; do ldd "$program"; done | sed -n 's/^[[:blank:]]*\([^ ]*\) => \(\/[^ ]*\) .*/\1 \2/p' |
	sort -u | while read -r name file; do
	case $name in
	libc.so.* | libm.so.* | libdl.so.* | librt.so.* | libpthread.so.* | libresolv.so.* | libutil.so.*) ;;
	*) cp -L "$file" "$folder/libs.new/$name" ;;
	esac
done
plugins=$(mariadb_config --plugindir)
for name in caching_sha2_password client_ed25519 sha256_password; do
	[ ! -e "$plugins/$name.so" ] || cp -L "$plugins/$name.so" "$folder/plugins.new/"
done
for name in libs plugins; do
	rm -rf "$folder/$name.old"
	[ ! -e "$folder/$name" ] || mv "$folder/$name" "$folder/$name.old"
	mv "$folder/$name.new" "$folder/$name"
	rm -rf "$folder/$name.old"
done

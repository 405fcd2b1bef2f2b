#!/bin/sh
# libraries.sh PROGRAMS FOLDER: copy the libraries of these programs to FOLDER/libs, and the sign-in plug-ins of the
# database's client to FOLDER/plugins, each in one step, since what is there may be in use.
#
# Not those of the C library: they belong to the host's kernel and loader, and a newer C library runs programs that were
# made with an older one.
set -eu
programs=$1 folder=$2
wanted=$(mktemp)
trap 'rm -f "$wanted"' EXIT

# Paths of what these programs load here.
libraries()
{
	for program in "$programs"/*; do ldd "$program"; done |
		sed -n 's/^[[:blank:]]*[^ ]* => \(\/[^ ]*\) .*/\1/p' | sort -u |
		grep -Ev '/lib(c|m|dl|rt|pthread|resolv|util)\.so\.[0-9]+$'
}

# keep FOLDER: the files that are listed on standard input, and no others.
keep()
{
	mkdir -p "$1"
	: >"$wanted"
	while read -r file; do
		echo "${file##*/}" >>"$wanted"
		cp -L "$file" "$1/.new"
		mv -f "$1/.new" "$1/${file##*/}"
	done
	for file in "$1"/*; do
		grep -qxF "${file##*/}" "$wanted" || rm -f "$file"
	done
}

libraries | keep "$folder/libs"
plugins=$(mariadb_config --plugindir)
for name in caching_sha2_password client_ed25519 sha256_password; do
	[ ! -e "$plugins/$name.so" ] || echo "$plugins/$name.so"
done | keep "$folder/plugins"

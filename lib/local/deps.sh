#!/bin/sh
# sh lib/local/deps.sh run|check|bench: install the Debian or Ubuntu packages that are missing.
#
# What is there is found without asking apt, so that nothing missing costs nothing. Only packages
# that start no service are installed; the two programs whose packages bring one (lighttpd,
# fluidsynth) are unpacked into the build folder instead; only their libraries are installed.
set -eu
PATH=$PATH:/usr/sbin:/sbin	# where an ordinary user's ends before

build=${BUILD:-.build}
missing=	# packages, as NAME or NAME|OTHER NAME
unpack=		# packages to unpack into the build folder

# want FILE|COMMAND PACKAGE[|OTHER NAME] WHAT FOR: PACKAGE is missing if neither file nor command is there.
want()
{
	case $1 in
	/*) [ -e "$1" ] && return ;;
	*) command -v "$1" >/dev/null && return ;;
	esac
	missing="$missing $2"
}

# want_unpacked PROGRAM PACKAGE: the same for a program whose package must not be installed.
want_unpacked()
{
	command -v "$1" >/dev/null || [ -d "$build/$2" ] || unpack="$unpack $2"
}

want_run()
{
	want cc gcc                                   compiler
	want make make                                build
	want /usr/include/stdio.h libc6-dev           headers of the C library
	want /usr/include/fcgiapp.h libfcgi-dev       FastCGI, the responder
	want /usr/include/mariadb/mysql.h libmariadb-dev   client of MariaDB and MySQL
	want /usr/include/cjson/cJSON.h libcjson-dev  JSON
	want /usr/include/sndfile.h libsndfile1-dev   FLAC, WAV, Ogg, Opus and MP3
	want /usr/include/fluidsynth.h libfluidsynth-dev   synthesizer of the band engine
	want /usr/include/sodium.h libsodium-dev      hashes and random numbers
	want curl-config 'libcurl4-openssl-dev|libcurl4-gnutls-dev'   HTTP, to fetch models
	want /usr/include/utf8proc.h libutf8proc-dev  characters of Unicode, for the tokenizer of MusicGen
	want /usr/share/sounds/sf2/FluidR3_GM.sf2 fluid-soundfont-gm   instruments of the band engine
	want mariadbd 'mariadb-server-core|mariadb-server-core-10.6'   private database, no service
	want mariadb 'mariadb-client-core|mariadb-client-core-10.6'    waits for it to answer
	want curl curl                                waits for the web server to answer
	want_unpacked lighttpd lighttpd               web server
}

want_check()
{
	want /usr/include/cmocka.h libcmocka-dev      unit tests
	want /usr/include/ebur128.h libebur128-dev    a second opinion on loudness and peaks
	want node nodejs                              API, page and fault tests
	want npm npm                                  fetches playwright-core, which drives the browser
	# Not the whole browser, whose GTK brings services of a desktop.
	command -v chromium >/dev/null || want chromium-headless-shell chromium-headless-shell   page tests
	want apache2 apache2-bin                     second web server, no service
	want /usr/lib/apache2/modules/mod_fcgid.so libapache2-mod-fcgid   FastCGI in Apache
	want /usr/lib/apache2/modules/mod_xsendfile.so libapache2-mod-xsendfile   X-Sendfile in Apache
	want_unpacked a2enmod apache2                 "Debian's settings of Apache"
	want /etc/mime.types media-types              "Debian's settings of lighttpd"
	want openssl openssl                          a certificate
	want_unpacked systemd-analyze systemd         checks the unit
	want_unpacked logrotate logrotate             turns the log over
	want /usr/lib/galera/libgalera_smm.so galera-4   a cluster of databases, for the tests of several hosts
	want ffprobe ffmpeg                           a second opinion on our audio files
	want /usr/lib/python3/dist-packages/swift/proxy/server.py python3-swift   an S3 server for tests, no service
	want s3cmd s3cmd                              a second opinion on what we write into a bucket
	want c++ g++                                  compiles the program around libqm-dsp
	want /usr/include/qm-dsp/dsp/keydetection/GetKeyMode.h libqm-dsp-dev   a second opinion on tempo and key
	want aubiotrack aubio-tools                   a second opinion on tempo
	# schemathesis, a second opinion on the API, goes into a folder of its own.
	python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
}

want_bench()
{
	want wrk wrk                                  HTTP load
	want /usr/share/games/openttd/baseset/openmsx openttd-openmsx   music that adapters are learned from
	want_unpacked fluidsynth fluidsynth           measure for the speed of the band engine
}

fail()
{
	echo "$*" >&2
	exit 1
}

# May we become root? Who is not needs sudo, and for sudo's question a terminal.
root=
find_root()
{
	if [ "$(id -u)" = 0 ]; then
		root='env'
	elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		root='sudo env'
	fi
}

# quietly COMMAND…: what it says is only of interest when it fails.
quietly()
{
	said=$("$@" 2>&1) || fail "$said
This failed: $*"
}

# The first of NAME|NAME|… that this release has.
pick()
{
	for name in $(echo "$1" | tr '|' ' '); do
		if LC_ALL=C apt-cache policy "$name" | grep -q 'Candidate: [^(]'; then
			echo "$name"
			return
		fi
	done
	fail "apt knows no package $1; Earshot is made for Debian 12 and Ubuntu 24.04 or later"
}

# The libraries of a package that are not installed.
libraries_of()
{
	LC_ALL=C apt-cache depends "$1" | sed -n 's/^ *Depends: \(lib.*\)/\1/p' | while read -r name; do
		dpkg-query -W "$name" >/dev/null 2>&1 || printf " %s" "$name"
	done
}

# shellcheck disable=SC2086  # lists of words
install_missing()
{
	command -v apt-get >/dev/null || fail "Earshot needs these packages, and apt-get is not here to install them:$missing"
	find_root
	if [ -n "$root" ]; then
		echo "Earshot: asking apt which packages there are"
		quietly $root apt-get -q update
	fi
	packages=
	for name in $missing; do packages="$packages $(pick "$name")"; done
	for name in $unpack; do packages="$packages$(libraries_of "$name")"; done
	[ -n "$packages" ] || return 0
	[ -n "$root" ] || fail "Packages are missing. As root, run: \
apt-get update && apt-get install -y --no-install-recommends$packages"
	echo "Earshot: installing$packages"
	# NEEDRESTART_SUSPEND: Ubuntu would restart services that have nothing to do with us. The file left
	# out: libfluidsynth needs SDL, that x11-common, and that would make itself a boot script.
	quietly $root DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		apt-get -q -y --no-install-recommends -o Dpkg::Options::=--path-exclude=/etc/init.d/x11-common \
		install $packages
}

unpack()
{
	echo "Earshot: unpacking $1 into $build/$1"
	rm -rf "$build/$1.new"
	mkdir -p "$build/$1.new"
	(cd "$build/$1.new" && quietly apt-get -q -o APT::Sandbox::User=root download "$1" && dpkg-deb -x ./*.deb .)
	mv "$build/$1.new" "$build/$1"
}

what=${1:-}
cd "$(dirname "$0")/../.."
case $what in
run) want_run ;;
check) want_run; want_check ;;
bench) want_run; want_check; want_bench ;;
*) fail "usage: sh lib/local/deps.sh run|check|bench" ;;
esac

[ -z "$missing$unpack" ] || install_missing
for name in $unpack; do unpack "$name"; done
if [ "$what" = check ] && ! cmp -s tests/package-lock.json tests/node_modules/.earshot-lock; then
	(cd tests && quietly npm ci --no-fund --no-audit && cp package-lock.json node_modules/.earshot-lock)
fi

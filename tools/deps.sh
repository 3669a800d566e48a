#!/bin/sh
# SPDX-License-Identifier: MIT
# deps.sh LIST ...: install the Debian packages of these lists that are
# missing. Lists: build test lint fuzz cover bench full all.
# deps.sh -n LIST ...: print what is missing, install nothing.
#
# Each line is a probe and a package. Where every probe succeeds, nothing is
# asked of apt: no root and no network are needed then.
set -eu

build='
cmd:gcc gcc
cmd:make make
hdr:stdlib.h libc6-dev
cmd:pkg-config pkg-config
hdr:lmdb.h liblmdb-dev
pc:yaml-0.1 libyaml-dev
pc:libutf8proc libutf8proc-dev
pc:libsodium libsodium-dev
pc:gmime-3.0 libgmime-3.0-dev
cmd:msgfmt gettext
'
# datamash, jq and mlr stand in the pipes that the tests check; strace, faketime
# and locales make faults, clocks and locales; Python, mpack and mblaze read mail,
# msmtp hands it to an SMTP sink; vobject, khard and vdirsyncer read vCards;
# hledger, ledger, beancount, abook, mutt and tidy read what crm-export writes;
# webhook, curl and openssl deliver what crm-import takes.
test='
pc:check check
pc:libsubunit libsubunit-dev
cmd:bats bats
cmd:jq jq
cmd:mlr miller
cmd:datamash datamash
cmd:strace strace
cmd:script bsdutils
cmd:tmux tmux
cmd:zsh zsh
cmd:fish fish
cmd:faketime faketime
cmd:xz xz-utils
file:/usr/bin/python3 python3
cmd:munpack mpack
cmd:mshow mblaze
cmd:msmtp msmtp
cmd:hledger hledger
cmd:ledger ledger
cmd:bean-check beancount
cmd:abook abook
cmd:mutt mutt
cmd:tidy tidy
cmd:webhook webhook
cmd:curl curl
cmd:openssl openssl
file:/usr/lib/python3/dist-packages/vobject python3-vobject
cmd:khard khard
cmd:vdirsyncer vdirsyncer
file:/usr/lib/python3/dist-packages/aiosmtpd python3-aiosmtpd
cmd:todoman todoman
cmd:khal khal
cmd:calcurse calcurse
cmd:remind remind
cmd:task taskwarrior
file:/usr/share/i18n/locales/es_ES locales
'
lint='
cmd:clang clang
cmd:clang-format-14 clang-format-14
cmd:clang-tidy clang-tidy
cmd:cppcheck cppcheck
cmd:shellcheck shellcheck
cmd:mandoc mandoc
cmd:zsh zsh
cmd:fish fish
'
fuzz='
cmd:clang clang
cmd:llvm-symbolizer-14 llvm-14
'
cover='
cmd:gcovr gcovr
'
bench='
cmd:hyperfine hyperfine
cmd:sqlite3 sqlite3
cmd:jq jq
cmd:mlr miller
cmd:recsel recutils
cmd:datamash datamash
file:/usr/bin/time time
'
full='
cmd:valgrind valgrind
'

list_only=false
if [ "${1-}" = -n ]; then
	list_only=true
	shift
fi
[ $# -gt 0 ] || set -- build

rows=
for list; do
	case $list in
	build) rows=$rows$build ;;
	test) rows=$rows$test ;;
	lint) rows=$rows$lint ;;
	fuzz) rows=$rows$fuzz ;;
	cover) rows=$rows$cover ;;
	bench) rows=$rows$bench ;;
	full) rows=$rows$full ;;
	all) rows=$rows$build$test$lint$fuzz$cover$bench$full ;;
	*)
		echo "deps.sh: unknown list '$list'; lists: build test lint fuzz cover bench full all" >&2
		exit 2
		;;
	esac
done

missing=
IFS='
'
for row in $rows; do
	probe=${row%% *}
	package=${row#* }
	name=${probe#*:}
	case $probe in
	cmd:*) command -v "$name" >/dev/null 2>&1 && continue ;;
	pc:*) pkg-config --exists "$name" 2>/dev/null && continue ;;
	hdr:*) [ -e "/usr/include/$name" ] && continue ;;
	file:*) [ -e "$name" ] && continue ;;
	esac
	case " $missing " in
	*" $package "*) ;;
	*) missing="$missing $package" ;;
	esac
done
unset IFS
missing=${missing# }

[ -n "$missing" ] || exit 0
if $list_only; then
	echo "$missing"
	exit 0
fi

echo "deps.sh: missing: $missing" >&2
if ! command -v apt-get >/dev/null 2>&1; then
	echo "deps.sh: there is no apt-get here; install these (Debian's names) by hand" >&2
	exit 69
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "deps.sh: only root may install, and there is no sudo" >&2
		exit 77
	fi
	as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # words on purpose
{
	$as_root apt-get -q update </dev/null >&2
	$as_root apt-get -q install -y --no-install-recommends $missing </dev/null >&2
}

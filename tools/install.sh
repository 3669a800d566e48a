#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh install|uninstall|list DESTDIR [FROM:TO ...] -- [FROM:TO ...]
# Programs (mode 755) before the --, everything else after it (644; a script
# among the examples stays one). What install puts, uninstall removes, and the
# folders that only this package has.
set -eu

verb=$1
dest=$2
shift 2

mode=755
for pair; do
	if [ "$pair" = -- ]; then
		mode=644
		continue
	fi
	from=${pair%%:*}
	to=$dest${pair#*:}
	case $verb in
	install)
		mkdir -p "$(dirname "$to")"
		# Over a program that runs, or a link: a new file.
		rm -f "$to"
		cp "$from" "$to"
		if [ -x "$from" ]; then
			chmod 755 "$to"
		else
			chmod $mode "$to"
		fi
		;;
	uninstall)
		rm -f "$to"
		case $to in
		*/crm-utils/*.so) rmdir "$(dirname "$to")" 2>/dev/null || : ;;
		*/doc/crm-utils/*)
			dir=$(dirname "$to")
			while [ "${dir##*/}" != doc ] &&
				rmdir "$dir" 2>/dev/null; do
				dir=$(dirname "$dir")
			done
			;;
		esac
		;;
	list) printf '%s\n' "$to" ;;
	*)
		echo "install.sh: unknown verb '$verb'" >&2
		exit 2
		;;
	esac
done

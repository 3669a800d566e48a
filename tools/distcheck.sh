#!/bin/sh
# SPDX-License-Identifier: MIT
# distcheck.sh NAME FOLDER: unpack NAME.tar.gz below FOLDER, build it, check
# it, install it below a DESTDIR, compare with the list, uninstall, nothing
# left. MAKE, CC, WERROR and JOBS come from `make distcheck`.
set -eu
cd "$(dirname "$0")/.."

name=$1
dir=$2
make=${MAKE:-make}
rm -rf "$dir"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
tar -xzf "$name.tar.gz" -C "$dir"
cd "$dir/$name"
# A variant of the caller is none of the tarball's.
unset BUILD SAN COV FUZZ MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

"$make" CC="${CC:-cc}" WERROR="${WERROR-}" -j"${JOBS:-2}" all
"$make" CC="${CC:-cc}" WERROR="${WERROR-}" check

dest=$dir/dest
for prefix in /usr/local /usr; do
	# The same build, installed twice: a prefix changes what it must and no more.
	"$make" CC="${CC:-cc}" WERROR="${WERROR-}" DESTDIR="$dest" PREFIX="$prefix" install
	(cd "$dest" && find . ! -type d) | sed 's|^\.||' | LC_ALL=C sort >"$dir/got"
	"$make" -s --no-print-directory CC="${CC:-cc}" PREFIX="$prefix" list-installed |
		LC_ALL=C sort >"$dir/want"
	if ! diff -u "$dir/want" "$dir/got"; then
		echo "distcheck: what is installed is not the list" >&2
		exit 1
	fi
	for program in "$dest$prefix"/bin/*; do
		[ -e "$program" ] || continue
		if ! "$program" -V >/dev/null; then
			echo "distcheck: $program: -V does not work" >&2
			exit 1
		fi
	done
	"$make" -s CC="${CC:-cc}" DESTDIR="$dest" PREFIX="$prefix" uninstall
	left=$(cd "$dest" && find . ! -type d -o -name crm-utils)
	if [ -n "$left" ]; then
		printf 'distcheck: uninstall leaves:\n%s\n' "$left" >&2
		exit 1
	fi
	rm -rf "$dest"
done
cd "$dir" && rm -rf "${dir:?}/$name"
echo "distcheck: $name.tar.gz builds, passes its tests, installs and uninstalls"

#!/bin/sh
# SPDX-License-Identifier: MIT
# dist.sh NAME VERSION: NAME.tar.gz of what git has committed, or of all files
# but build folders where there is no repository. VERSION inside says VERSION;
# times and owners are fixed, so that two runs give the same bytes.
set -eu
cd "$(dirname "$0")/.."

name=$1
version=$2
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/$name"
if [ -e .git ]; then
	git archive --format=tar HEAD | tar -xf - -C "$stage/$name"
	date=@$(git log -1 --format=%ct)
	if [ -n "$(git status --porcelain --untracked-files=no)" ]; then
		echo "dist: what is changed and not committed is not in $name.tar.gz" >&2
	fi
else
	tar -cf - --exclude=./build --exclude='./build-*' --exclude='./crm-utils-*.tar.gz' . |
		tar -xf - -C "$stage/$name"
	date=@$(stat -c %Y VERSION)
fi
printf '%s\n' "$version" >"$stage/$name/VERSION"
tar --sort=name --mtime="$date" --owner=0 --group=0 --numeric-owner \
	-cf "$stage/dist.tar" -C "$stage" "$name"
gzip -9n "$stage/dist.tar"
mv -f "$stage/dist.tar.gz" "$name.tar.gz"
echo "$name.tar.gz"

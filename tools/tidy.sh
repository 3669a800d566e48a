#!/bin/sh
# SPDX-License-Identifier: MIT
# tidy.sh FILE FLAG ...: clang-tidy over one file, quiet where all is well.
# clang-tidy counts warnings of system headers on stderr; they are shown only
# where it also found something here.
set -u

file=$1
shift
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if ! clang-tidy --quiet "$file" -- "$@" >"$log" 2>&1; then
	grep -v "warnings\{0,1\} generated\.$" "$log"
	exit 1
fi

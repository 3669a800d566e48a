#!/bin/sh
# SPDX-License-Identifier: MIT
# check-man.sh PROGRAM PAGE: each option of the program's table has its .It Fl
# in the page, and the page has no other.
set -u

program=$1
page=$2
name=$(basename "$program")
[ -r "$page" ] || {
	echo "$name: there is no $page"
	exit 1
}
table=$("$program" --crm-options </dev/null) || {
	echo "$name: --crm-options ended with status $?"
	exit 1
}

printf '%s\n' "$table" | awk -v name="$name" -v page="$page" '
BEGIN { FS = "\t" }
# The table: verb, letter, long name, ...
NR == FNR {
	if ($2 != "")
		in_table["-" $2] = 1
	if ($3 != "")
		in_table["--" $3] = 1
	next
}
# The page: ".It Fl l Ar N , Fl -limit Ns = Ns Ar N"
/^\.[ \t]*It[ \t]+Fl[ \t]/ {
	gsub(/\\-/, "-")
	n = split($0, word, /[ \t]+/)
	for (i = 1; i < n; i++)
		if (word[i] == "Fl") {
			in_page["-" word[i + 1]] = 1
			# "Fl -no-header , -wide" goes on without another Fl.
		}
}
END {
	for (o in in_table)
		if (!(o in in_page)) {
			printf "%s: no .It Fl for %s\n", page, o
			bad = 1
		}
	for (o in in_page)
		if (!(o in in_table)) {
			printf "%s: %s is no option of %s\n", page, o, name
			bad = 1
		}
	exit bad
}' - "$page"

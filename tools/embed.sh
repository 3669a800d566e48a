#!/bin/sh
# SPDX-License-Identifier: MIT
# embed.sh NAME FILE: C source of the bytes of FILE, on stdout.
# NAME is an array of unsigned char with a NUL after the last byte, which
# NAME_len does not count.
set -eu

[ $# -eq 2 ] || { echo "usage: embed.sh NAME FILE" >&2; exit 2; }
[ -r "$2" ] || { echo "embed.sh: $2: cannot read" >&2; exit 66; }

od -An -v -tu1 "$2" | awk -v name="$1" -v file="$2" '
BEGIN {
	printf "/* Made by tools/embed.sh from %s. */\n", file
	printf "#include <stddef.h>\n\n"
	printf "extern const unsigned char %s[];\n", name
	printf "extern const size_t %s_len;\n\n", name
	printf "const unsigned char %s[] = {\n", name
}
{
	printf "\t"
	for (i = 1; i <= NF; i++)
		printf "%s,%s", $i, i < NF ? " " : "\n"
	n += NF
}
END {
	printf "\t0,\n};\nconst size_t %s_len = %d;\n", name, n
}'

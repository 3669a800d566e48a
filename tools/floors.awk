# SPDX-License-Identifier: MIT
# floors.awk: the floors of lib/floors hold.
#	awk -f tools/floors.awk lib/floors lib/*/*.[ch] cmd/*.c
# Prints FILE:LINE: WHAT for each breach and exits 1.

# The folder of a file: lib/NAME or cmd.
function folder(path,    parts) {
	split(path, parts, "/")
	return parts[1] == "lib" ? parts[1] "/" parts[2] : parts[1]
}

function breach(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what
	bad = 1
}

# The line without comments, strings and character constants; in_comment
# carries a comment over lines.
function code(line,    out, c, two, i, n, quote) {
	n = length(line)
	for (i = 1; i <= n; i++) {
		c = substr(line, i, 1)
		two = substr(line, i, 2)
		if (in_comment) {
			if (two == "*/") {
				in_comment = 0
				i++
			}
		} else if (quote != "") {
			if (c == "\\")
				i++
			else if (c == quote)
				quote = ""
		} else if (two == "/*") {
			in_comment = 1
			i++
		} else if (two == "//") {
			break
		} else if (c == "\"" || c == "'") {
			quote = c
			out = out "\"\""
		} else {
			out = out c
		}
	}
	return out
}

NR == FNR {
	if ($0 !~ /^#/ && NF == 2)
		floor_of[$2] = $1 + 0
	next
}

FNR == 1 {
	in_comment = 0
	mine = folder(FILENAME)
	if (!(mine in floor_of))
		breach("folder '" mine "' is not in lib/floors")
	prints = mine == "cmd" || mine == "lib/app"
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	name = $0
	sub(/^[^"]*"/, "", name)
	sub(/".*/, "", name)
	if (name ~ /(^|\/)\.\.?\//) {
		breach("include of '" name "': write it from lib/")
		next
	}
	target = "lib/" name
	sub(/\/[^\/]*$/, "", target)
	if (!(target in floor_of))
		breach("include of '" name "': no folder '" target "' in lib/floors")
	else if (target != mine && floor_of[target] > floor_of[mine])
		breach("include of '" name "' climbs from floor " floor_of[mine] \
		    " to " floor_of[target])
	else if (target != mine && floor_of[target] == floor_of[mine])
		breach("include of '" name "': a sibling on the same floor")
	next
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	name = $0
	sub(/^[^<]*</, "", name)
	sub(/>.*/, "", name)
	if ((name == "lmdb.h" || name == "libpq-fe.h") && mine != "lib/store")
		breach("<" name "> belongs to lib/store")
	if (name == "yaml.h" && mine != "lib/record")
		breach("<yaml.h> belongs to lib/record; read YAML through its reader")
	next
}

{
	text = code($0)
	if (prints)
		next
	if (match(text, /(^|[^A-Za-z0-9_])(v?f?printf|v?dprintf|f?puts|f?putc|putchar|fwrite|perror|psignal)[ \t]*\(/)) {
		call = substr(text, RSTART, RLENGTH)
		gsub(/[^a-z]/, "", call)
		breach(call "(): only cmd and lib/app print")
	}
	if (match(text, /(^|[^A-Za-z0-9_])(stdin|stdout|stderr)([^A-Za-z0-9_]|$)/)) {
		breach("a standard stream: only cmd and lib/app touch them")
	}
}

END {
	exit bad
}

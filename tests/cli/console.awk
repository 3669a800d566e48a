# SPDX-License-Identifier: MIT
# Reads a document and gives its transcripts, so that they can be run:
#
#	awk -f console.awk FILE			how many there are
#	awk -v n=2 -f console.awk FILE		the second one, as printed
#	awk -v n=2 -v script=1 -f console.awk FILE
#			a shell script that prints each command and runs it:
#			what it writes is the transcript, if that is true
#
# n=all takes all of them together, for a page that tells one story.
#
# In Markdown a transcript is a block fenced as ```console, in a man page a
# literal display whose first line begins with "$ ".  A command may go on after
# a backslash at the end of its line; a here-document's lines, up to EOT, have
# "> " before them, as a shell asks for them.

function begin() {
	if (open)
		return
	open = 1
	count++
}

function wanted() {
	return n == "all" || n == count
}

function shown(line) {
	if (n && wanted() && !script)
		print line
}

function ran(line) {
	if (!script || !wanted())
		return
	if (!going && line !~ /^\$ /)
		return
	print "cat <<'END_OF_COMMAND'"
	print line
	print "END_OF_COMMAND"
	if (document)
		sub(/^> ?/, "", line)
	command = command (going ? "\n" : "") (going ? line : substr(line, 3))
	document = document ? line != "EOT" : line ~ /<<'?EOT/
	going = document || line ~ /\\$/
	if (!going) {
		print "{ " command
		print "} 2>&1"
		command = ""
	}
}

function line_of(text) {
	begin()
	shown(text)
	ran(text)
}

BEGIN { man = ARGV[1] ~ /\.[1-9]$/ }

!man && /^```console$/ { inside = 1; open = 0; next }
!man && /^```$/ { inside = 0; next }
!man && inside { line_of($0) }

man && /^\.Bd / { inside = first = 1; open = 0; next }
man && /^\.Ed/ { inside = 0; next }
man && inside {
	sub(/^\\&/, "")
	gsub(/\\e/, "\\")
	if (first && !/^\$ /)
		inside = 0
	first = 0
	if (inside)
		line_of($0)
}

END {
	if (!n)
		print count + 0
}

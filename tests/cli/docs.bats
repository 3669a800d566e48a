# SPDX-License-Identifier: MIT
# What the documents say is what the programs do.
load helper

MAN=$CRM_TOP/man

# programs: those that are built and have a page.
programs() {
	local page
	for page in "$MAN"/*.1; do
		basename "$page" .1
	done
}

# transcript N FILE [SETUP]: runs the N-th transcript of FILE (all: all of them)
# in a home of its own and compares; SETUP runs first, in the same home.
transcript() {
	local n=$1 file=$2 setup=${3-}
	local top
	top=$BATS_TEST_TMPDIR/$(basename "$file")-$n
	mkdir -p "$top"
	(
		BATS_TEST_TMPDIR=$top
		crm_setup
		ln -s "$EXAMPLES" examples
		[ -z "$setup" ] || "$setup" || exit
		awk -v n="$n" -f "$CRM_TOP/tests/cli/console.awk" "$file" \
			>"$top/want"
		[ -s "$top/want" ] || {
			echo "$file: no transcript $n"
			exit 1
		}
		awk -v n="$n" -v script=1 -f "$CRM_TOP/tests/cli/console.awk" \
			"$file" >"$top/script"
		sh "$top/script" >"$top/got" 2>&1 </dev/null || true
		diff -u --label "$file, transcript $n" --label 'what it gave' \
			"$top/want" "$top/got"
	)
}

# transcripts FILE [SETUP]: each in turn.
transcripts() {
	local n i
	n=$(awk -f "$CRM_TOP/tests/cli/console.awk" "$1")
	for ((i = 1; i <= n || i == 1; i++)); do
		transcript "$i" "$@" || return
	done
}

@test "every transcript of the README is true" {
	transcripts "$CRM_TOP/README.md"
}

@test "the README is no longer than 12 KB" {
	[ "$(wc -c <"$CRM_TOP/README.md")" -le 12288 ]
}

@test "the sample data loads, and a second load with keys changes nothing" {
	runs "$EXAMPLES/load"
	gives 0
	crm-find --all-fields -o csv >before
	runs crm-add -q company -i csv - --key domain <"$EXAMPLES/companies.csv"
	gives 0
	crm-find --all-fields -o csv >after
	same before after
}

@test "every transcript of a program's manual is true, with the sample data" {
	local p
	for p in $(programs); do
		case $p in
		crm) transcripts "$MAN/$p.1" ;;
		*) transcripts "$MAN/$p.1" "$EXAMPLES/load" ;;
		esac || return
	done
}

@test "the tutorial is true from its first line to its last" {
	transcript all "$MAN/crm-tutorial.7"
}

@test "SYNOPSIS and the usage line of -h are the same" {
	needs mandoc
	local p page usage
	for p in $(programs); do
		page=$(mandoc -T ascii -O width=200 "$MAN/$p.1" | col -b |
			awk '/^SYNOPSIS/ { on = 1; next } /^[A-Z]/ { on = 0 } on' |
			tr -s ' \t\n' ' ' | sed 's/^ //; s/ $//')
		usage=$("$p" -h | sed -n 's/^usage: //p')
		[ "$page" = "$usage" ] || {
			echo "$p: SYNOPSIS is '$page'"
			echo "$p: -h says   '$usage'"
			return 1
		}
	done
}

@test "each status of EXIT STATUS is asserted in a test" {
	local p status bad=0
	for p in $(programs); do
		for status in $(awk '
		    /^\.Sh / { on = /EXIT STATUS/ }
		    on && /^\.It [0-9]+$/ { print $2 }' "$MAN/$p.1"); do
			grep -qEh "(status_is|gives|status.*-eq) $status\b" \
				"$CRM_TOP"/tests/cli/"$p"*.bats \
				"$CRM_TOP"/tests/fault/*.bats 2>/dev/null || {
				echo "$p: no test sees $status"
				bad=1
			}
		done
	done
	return $bad
}

@test "each page that SEE ALSO names is there" {
	local page ref bad=0
	for page in "$MAN"/*.[157]; do
		for ref in $(sed -n 's/^\.Xr \(crm[a-z-]*\) \([157]\).*/\1.\2/p' \
			"$page" | sort -u); do
			[ -r "$MAN/$ref" ] || {
				echo "$page: there is no $ref"
				bad=1
			}
		done
	done
	return $bad
}

@test "no document names a path of the machine it was written on" {
	run grep -nE '(^|[^A-Za-z0-9_.])/(root|home/[a-z]+)/' \
		"$CRM_TOP"/README.md "$CRM_TOP"/CONTRIBUTING.md "$MAN"/*
	[ "$status" -eq 1 ]
}

# formats: those that a message of crm-find ends in, a blank around each.
formats() {
	crm-find - "$1" no-such-format 2>&1 </dev/null | tr '\n' ' ' |
		sed 's/.*\(Formats:\|;\)//; s/=TEXT//; s/[,.]/ /g'
}

@test "help and pages name every format that is read and written" {
	local option name page
	for option in -o -i; do
		formats $option >names
		[ "$(wc -w <names)" -gt 7 ]
		crm-find --help |
			sed -n "/^ *$option, /,/^ *-[^$option]/p" >help
		for name in $(cat names); do
			grep -qw -- "$name" help ||
				{ echo "--help $option: no $name"; return 1; }
		done
		for page in "$MAN"/*.1; do
			awk -v o="${option#-}" '/^\.It /{f=$2=="Fl"&&$3==o} f' "$page" >row
			grep -q 'ltsv , json' row || continue
			[ "$page" != "$MAN/crm-import.1" ] || [ $option = -o ] || continue
			for name in $(cat names); do
				grep -qw -- "$name" row ||
					{ echo "$page $option: no $name"; return 1; }
			done
		done
	done
}

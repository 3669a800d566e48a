# SPDX-License-Identifier: MIT
# crm: the list of programs, and running one of them.
load helper

# program NAME DIR: a program of the user's in DIR that shows how it is called.
program() {
	mkdir -p "$2"
	cat >"$2/crm-$1" <<-'EOT'
		#!/bin/sh
		echo "$(basename "$0") $#"
		for a; do echo "<$a>"; done
		exit 7
	EOT
	chmod +x "$2/crm-$1"
}

@test "alone it lists the programs by need" {
	runs crm
	status_is 0
	err_empty
	out_is <<'EOT'
put it in
  crm-add     store records: arguments, or lines on stdin
  crm-import  bring in files of other programs
  crm-log     put a call, mail, visit, note or order on timelines

look at it
  crm-find    select records by query
  crm-show    everything about one customer
  crm-score   score customers: lead, rfm, clv, churn
  crm-segment named queries and frozen sets of customers
  crm-changes the change log as lines; -f follows it
  crm-export  write records as files of other programs

reach them
  crm-mail    send a template to the records piped in
  crm-consent who may be contacted, and who may not

change it
  crm-edit    change fields of the records named, found or piped in
  crm-merge   make one record of several that are the same
  crm-rm      remove records, or erase a person for good
  crm-undo    undo or redo one invocation

keep it in order
  crm-db      make, describe and check the store; its schema

'crm NAME ...' runs crm-NAME. First steps: man 7 crm-tutorial
EOT
}

@test "the list names each program that is built, and no other" {
	local f
	crm | sed -n 's/^  \(crm-[a-z]*\) .*/\1/p' | sort >listed
	for f in "$CRM_BIN"/crm-*; do
		basename "$f"
	done | sort >built
	same built listed
}

@test "with -q it says nothing" {
	runs crm -q
	gives 0
}

@test "crm NAME runs crm-NAME from its own folder" {
	runs crm find -V
	status_is 0
	err_empty
	[[ $output == "crm-find (crm-utils) "* ]]
}

@test "its own folder comes before PATH" {
	program find "$BATS_TEST_TMPDIR/other"
	PATH=$BATS_TEST_TMPDIR/other:$PATH runs crm find -V
	status_is 0
	[[ $output == "crm-find (crm-utils) "* ]]
}

@test "a program of the user's is found in PATH, and its status counts" {
	program mine "$BATS_TEST_TMPDIR/other"
	PATH=$PATH:$BATS_TEST_TMPDIR/other runs crm mine -x 'two words' ''
	gives 7 $'crm-mine 3\n<-x>\n<two words>\n<>'
}

@test "options before the name go to the program, in front of its own" {
	program mine "$BATS_TEST_TMPDIR/other"
	PATH=$PATH:$BATS_TEST_TMPDIR/other runs crm -D a.crm --color=never \
		--lock-timeout 2s -q mine -D b.crm
	gives 7 "crm-mine 8
<-D>
<a.crm>
<--color=never>
<--lock-timeout>
<2s>
<-q>
<-D>
<b.crm>"
}

@test "-- before the name ends the options of crm and goes nowhere" {
	program mine "$BATS_TEST_TMPDIR/other"
	PATH=$PATH:$BATS_TEST_TMPDIR/other runs crm -q -- mine --
	gives 7 $'crm-mine 2\n<-q>\n<-->'
}

@test "a typo is told with the nearest program" {
	runs crm fnd stage:lead
	gives 2 '' "crm: unknown program 'fnd'; did you mean 'find'?"
	runs crm crm-fnd
	gives 2 '' "crm: unknown program 'crm-fnd'; did you mean 'find'?"
}

@test "a name that is far from all lists them" {
	runs crm spreadsheet
	gives 2 '' "crm: unknown program 'spreadsheet'
Programs: add, import, log, find, show, score, segment, changes, export, mail, consent, edit, merge, rm, undo, db."
}

@test "a name with a slash runs nothing" {
	program x "$PWD/crm-a"
	runs crm a/crm-x
	status_is 2
	out_empty
	runs crm ''
	status_is 2
	out_empty
}

@test "a program that may not be run is 77" {
	[ "$(id -u)" -ne 0 ] || skip "root may run what is not executable"
	program mine "$BATS_TEST_TMPDIR/other"
	chmod 000 "$BATS_TEST_TMPDIR/other/crm-mine"
	PATH=$PATH:$BATS_TEST_TMPDIR/other runs crm mine
	gives 77 '' "crm: crm-mine: Permission denied"
}

@test "-h and -V before the name are those of crm" {
	runs crm -V find
	status_is 0
	[[ $output == "crm (crm-utils) "* ]]
	runs crm -h
	status_is 0
	err_empty
	[ "${#lines[@]}" -le 40 ]
	[ "${lines[0]}" = "crm - list and run the programs of crm-utils" ]
	[ "${lines[1]}" = "usage: crm [options] [NAME [ARG ...]]" ]
}

@test "an unknown option is told before anything runs" {
	runs crm --verbos find
	gives 2 '' "crm: unknown option '--verbos'; did you mean '--verbose'?
Try 'crm --help'."
}

@test "a full stdout is 74" {
	[ -w /dev/full ] || skip "there is no /dev/full"
	runs sh -c 'crm >/dev/full'
	gives 74 '' 'crm: standard output: No space left on device'
}

@test "a program begins with the signals that crm was given" {
	program mine "$BATS_TEST_TMPDIR/other"
	# bash tells of a child that died by SIGPIPE only in PIPESTATUS.
	cat >"$BATS_TEST_TMPDIR/other/crm-mine" <<-'EOT'
		#!/bin/bash
		yes | head -n 1
		echo "${PIPESTATUS[0]}"
	EOT
	PATH=$PATH:$BATS_TEST_TMPDIR/other runs crm mine
	gives 0 $'y\n141'
}

@test "words behind the name are completed by the program" {
	program mine "$BATS_TEST_TMPDIR/other"
	PATH=$PATH:$BATS_TEST_TMPDIR/other runs crm --crm-complete -- mine a b
	gives 7 $'crm-mine 4\n<--crm-complete>\n<-->\n<a>\n<b>'
}

@test "the name itself is completed" {
	runs crm --crm-complete -- f
	gives 0 $'find\tselect records by query'
}

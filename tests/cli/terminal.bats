#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a terminal sees: widths, colour, footer, notes, help.
load helper

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
	crm-add -q contact - <<-'EOT'
	name:Marta Gil	email:marta@ibaiza.example	company:Ibaiza SL	stage:customer	tag:vip
	name:Íñigo Arrizabalaga Etxeberria de Mendieta	email:inigo@faro.example	company:Faro	stage:customer
	name:山田太郎	email:yamada@example.jp	stage:lead	note:a\nb
	EOT
}

# plain: what the terminal saw, without escapes
plain() {
	sed 's/\x1b\[[0-9;]*m//g'
}

# without PATTERN: no line on stdin has it
without() {
	[ -z "$(grep -e "$1")" ]
}

# wide FILE: the widest line, by display columns
wide() {
	python3 -c '
import sys, unicodedata
print(max(sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
    for c in line.rstrip("\n")) for line in open(sys.argv[1], encoding="utf-8")))' "$1"
}

@test "a table fits 80, 60, 40 and 20 columns, id and name stay" {
	for columns in 80 60 40 20; do
		on_terminal $columns crm-find | plain >seen
		[ "$(wide seen)" -le $columns ]
		head -n 1 seen | grep -q '^ID *NAME'
		grep -q Marta seen
	done
}

@test "the footer counts rows, and of how many after -l" {
	on_terminal 80 crm-find -F name | plain >seen
	tail -n 1 seen | grep -q '^3 contacts'
	on_terminal 80 crm-find -F name -l 2 | plain >seen
	tail -n 1 seen | grep -q '^2 of 3 contacts'
	on_terminal 80 crm-find -F name -s name -l 1 | plain >seen
	tail -n 1 seen | grep -q '^1 of 3 contacts'
}

@test "colour: option, NO_COLOR, CRM_COLOR, config, TERM, in this order" {
	esc=$'\x1b'
	on_terminal 80 crm-find | grep -q "$esc"
	on_terminal 80 crm-find --color=never | without "$esc"
	NO_COLOR=1 on_terminal 80 crm-find | without "$esc"
	NO_COLOR=1 on_terminal 80 crm-find --color=always | grep -q "$esc"
	CRM_COLOR=never on_terminal 80 crm-find | without "$esc"
	on_terminal 80 env TERM=dumb crm-find | without "$esc"
	on_terminal 80 env -u TERM crm-find | without "$esc"
	CRM_COLOR=always crm-find -o table | grep -q "$esc"
	crm-find -o table | without "$esc"
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'color: always' >"$XDG_CONFIG_HOME/crm/config.yaml"
	crm-find -o table | grep -q "$esc"
	crm-find | without "$esc"
}

@test "a terminal gets the same records in the same order" {
	on_terminal 200 crm-find -F name -s -name | plain | sed '1d;$d' >seen
	crm-find -o value -F name -s -name >pipe
	same pipe seen
}

@test "notes come where stderr is a terminal" {
	run on_terminal 80 crm-find lopez
	[ "$output" = "crm-find: no record matches 'lopez'; the store holds 3 contacts" ]
	run on_terminal 80 crm-find -q lopez
	[ -z "$output" ]
	run on_terminal 80 sh -c 'crm-find - tag:vip'
	[[ $output == 'crm-find: reading from the terminal; Ctrl-D ends'* ]]
}

@test "control characters are shown, never sent" {
	crm-find -o json -F name >/dev/null
	printf 'name:a\xe2\x80\xaeb\n' >in
	on_terminal 80 crm-find - -F name <in >seen
	without $'\xe2\x80\xae' <seen
}

@test "-h of every program fits 40 lines of 80 columns" {
	for f in "$CRM_BIN"/crm "$CRM_BIN"/crm-*; do
		"$f" -h >help
		[ "$(wc -l <help)" -le 40 ] || { echo "$f: $(wc -l <help) lines"; false; }
		[ -z "$(LC_ALL=C.UTF-8 awk 'length > 80' help)" ]
		"$f" --help >help
		[ -z "$(LC_ALL=C.UTF-8 awk 'length > 80' help)" ]
	done
}

@test "an LC_CTYPE without UTF-8 gets dots and dashes, data stays" {
	on_terminal 40 env LC_ALL=C crm-find | plain >seen
	grep -q Marta seen
	without '…\|·' <seen
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# vCards through the programs: -i vcard, -o vcard, and the peers that read them.
load helper

CARDS=$CRM_TOP/tests/data/vcard

# all_cards: the names of all cards there are, ours and the shared ones; not
# the hostile one, whose escapes no card keeps.
all_cards() {
	find "$CARDS" "$CORPORA/vcard" -name '*.vcf' 2>/dev/null | sort
}

@test 'a card becomes a contact, and the contact a card' {
	runs crm-add contact -i vcard - <"$CARDS/ana.vcf"
	status_is 0
	err_is "crm-add: stdin:13: 'ask for Ana' is no phone number: kept as typed, as x.phone"
	runs crm-find ana -o vcard
	status_is 0
	same "$CARDS/ana-4.0.vcf" "$OUT"
}

@test 'vCards are told by their first line' {
	runs crm-find - -o value -F name <"$CARDS/ana-4.0.vcf"
	status_is 0
	out_is 'Ana Núñez'
}

@test 'import, export, import changes nothing' {
	local card
	all_cards >cards
	while read -r card; do
		for v in 3 4; do
			crm-find - -i vcard <"$card" >one 2>/dev/null
			crm-find - -o vcard --vcard=$v <one >again.vcf
			crm-find - -i vcard <again.vcf >two 2>err
			same one two || return
			grep -v 'kept as\|kept in' err && return 1
		done
	done <cards
	true
}

@test 'a store filled from cards is filled the same from its own cards' {
	local card n=0
	all_cards >cards
	while read -r card; do
		n=$((n + 1))
		crm-add -D "$PWD/a$n" contact -q -i vcard - <"$card" 2>/dev/null
		crm-find -D "$PWD/a$n" -o vcard >again.vcf
		# Companies made on the way take no id that a card brings.
		CRM_SEED=$((n + 1)) crm-add -D "$PWD/b$n" contact -q -i vcard - <again.vcf 2>/dev/null
		crm-find -D "$PWD/a$n" -F '*,-company_id' >one
		crm-find -D "$PWD/b$n" -F '*,-company_id' >two
		same one two || return
	done <cards
	[ "$n" -gt 0 ]
}

@test 'the shared cards give the FN, EMAIL, TEL and UID that vobject reads' {
	needs_corpus vcard
	runs /usr/bin/python3 "$CRM_TOP/tests/data/vcard/expected.py" "$CORPORA"
	gives 0
}

@test 'vobject reads what we write' {
	local card
	needs_vobject
	all_cards >cards
	while read -r card; do
		for v in 3 4; do
			crm-find - -i vcard -o vcard --vcard=$v <"$card" 2>/dev/null
		done
	done <cards >all.vcf
	runs /usr/bin/python3 - all.vcf <<'PY'
import sys, vobject
n = 0
for card in vobject.readComponents(open(sys.argv[1], newline="")):
    assert card.fn.value and card.n, card
    n += 1
text = open(sys.argv[1]).read()
assert n == text.count("BEGIN:VCARD\n"), n
PY
	gives 0
}

@test 'khard finds and shows what we write' {
	needs khard
	mkdir book
	crm-find - -i vcard -o vcard --vcard=3 <"$CARDS/ana.vcf" >book/ana.vcf
	printf '[addressbooks]\n[[book]]\npath = %s\n' "$PWD/book" >khard.conf
	runs khard -c khard.conf email --parsable --remove-first-line ana
	status_is 0
	cut -f 1,2 "$OUT" >got
	is got addresses $'nunez@example.com\tAna María Núñez' \
		$'ana@acme.example\tAna María Núñez'
	runs khard -c khard.conf email --parsable --remove-first-line nobody
	status_is 1
}

@test 'vdirsyncer carries what we write from folder to folder' {
	needs vdirsyncer
	mkdir one two
	crm-find - -i vcard -o vcard --vcard=3 <"$CARDS/ana.vcf" >one/ana.vcf
	cat >vds.conf <<EOT
[general]
status_path = "$PWD/status"
[pair p]
a = "one"
b = "two"
collections = null
[storage one]
type = "filesystem"
path = "$PWD/one"
fileext = ".vcf"
[storage two]
type = "filesystem"
path = "$PWD/two"
fileext = ".vcf"
EOT
	yes | vdirsyncer -c vds.conf discover >/dev/null 2>&1
	runs vdirsyncer -c vds.conf sync
	status_is 0
	same one/ana.vcf "$(echo two/*.vcf)"
}

@test 'a bad line refuses its card with its line, the others are stored' {
	printf 'BEGIN:VCARD\nFN:A\nbad\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n' >in
	runs crm-add contact - <in
	gives 65 '' "crm-add: stdin:3: got 'bad', wanted NAME:VALUE
crm-add: nothing stored, 1 of 2 lines refused; --keep-going stores the other 1"
	runs crm-add contact --keep-going --reject rejects -q - <in
	status_is 1
	tr -d '\r' <rejects >plain
	is plain rejects <<-'EOT'
	BEGIN:VCARD
	FN:A
	bad
	X-CRM-LINE:3
	X-CRM-ERROR:got 'bad'\, wanted NAME:VALUE
	END:VCARD
	EOT
	sed -i '/^bad/d' rejects
	runs crm-add contact -q - <rejects
	gives 0
	runs crm-find -o value -F name
	gives 0 $'B\nA'
}

@test '--vcard is 3 or 4, and only contacts are cards' {
	runs crm-find --vcard=5
	status_is 2
	crm-add company name:Acme >/dev/null
	runs crm-find kind:company -o vcard
	gives 65 '' 'crm-find: kind company: a vCard holds a contact'
}

# bomb: crm-find reads stdin as vCards within 2 s and 64 MiB; the seconds are
# the program's own, whatever else runs beside it.
bomb() {
	runs /usr/bin/time -o used -f '%U %S %M' crm-find - -i vcard -o value -F name
	tail -n 1 used >figures
	awk '{ exit !($1 + $2 < 2 && $3 < 65536) }' figures && return
	echo "user, system, KiB: $(cat figures)"
	return 1
}

@test 'bombs end within 2 s and 64 MiB' {
	[ -x /usr/bin/time ] || skip 'not found: /usr/bin/time'
	[ -z "${SAN-}" ] || skip 'sanitizers take their own memory'
	{
		printf 'BEGIN:VCARD\nFN:A\nNOTE:'
		yes ' aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' |
			head -c 8000000
		printf '\nEND:VCARD\n'
	} >folded
	bomb <folded
	gives 65 '' 'crm-find: stdin:3: a content line longer than 4194304 bytes'
	{
		printf 'BEGIN:VCARD\nFN:A\nNOTE:'
		head -c 50000000 /dev/zero | tr '\0' a
		printf '\nEND:VCARD\n'
	} >long
	bomb <long
	gives 65 '' 'crm-find: stdin:1: a card longer than 10485760 bytes'
	{
		printf 'BEGIN:VCARD\nFN:A\n'
		yes 'X-A;B=c;D=e:f' | head -n 100000
		printf 'END:VCARD\n'
	} >many
	bomb <many
	gives 65 '' 'crm-find: stdin:5003: more than 10000 parameters in a card'
	{
		printf 'BEGIN:VCARD\nFN:A\nX'
		yes ';a' | head -n 2000000 | tr -d '\n'
		printf ':v\nEND:VCARD\n'
	} >params
	bomb <params
	gives 65 '' 'crm-find: stdin:3: more than 1000 parameters'
	yes "$(printf 'AGENT:\nBEGIN:VCARD')" | head -n 400000 |
		{ printf 'BEGIN:VCARD\n'; cat; } >nested
	bomb <nested
	status_is 65
	yes 'BEGIN:VCARD' | head -n 400000 >begins
	bomb <begins
	status_is 0
}

@test 'escapes in a name never reach the terminal as such' {
	printf 'BEGIN:VCARD\nFN:Evil\033]0;PWN\007\033[2J\302\233x\nEND:VCARD\n' >in
	runs crm-find - -i vcard -o table <in
	status_is 0
	grep -q 'Evil\\x1b\]0;PWN\\x07\\x1b\[2J\\x9bx' "$OUT"
	run ! grep -q $'\033\|\007' "$OUT"
	runs crm-add contact -i vcard - <in
	status_is 65
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# crm-export: records as files of other programs.

load helper

# Two contacts, orders of theirs in two currencies, one that does not count.
shop() {
	printf '%s\n' 'kind:contact	name:Ana Núñez	given:Ana	family:Núñez	email:ana@acme.es	email:a@x.es	phone:+34600111222	company:Acme	tag:vip	note:=hola' \
		'kind:contact	name:Bo Lind	email:bo@x.se	birthday:--04-12' |
		crm-add -q -
	{
		printf 'contact:ana@acme.es\tat:2026-01-%s\tamount:%s\tcurrency:EUR\text:shop/%s\n' \
			05 120 1 09 -20.50 2 11 0.07 3
		printf 'contact:bo@x.se\tat:2026-02-01\tamount:1200\tcurrency:JPY\n'
		printf 'contact:bo@x.se\tat:2026-02-02\tamount:9\tcurrency:EUR\tstatus:pending\n'
	} | crm-log -q order -
}

ana() {
	crm-find -o id email:ana@acme.es
}

# ---- what is asked ----

@test "an unknown format, preset or option is 2, with the nearest" {
	runs crm-export vcrad
	gives 2 '' "crm-export: unknown format 'vcrad'; did you mean 'vcard'?"
	runs crm-export ldif
	status_is 2
	err_is "crm-export: unknown format 'ldif'" \
		'Formats: csv, vcard, ical, mutt, abook, remind, taskwarrior, journal, beancount, html.'
	runs crm-export csv --preset gogle
	gives 2 '' "crm-export: --preset: got 'gogle'; did you mean 'google'?"
	runs crm-export csv -F nmae
	gives 2 '' "crm-export: --fields: unknown field 'nmae'; did you mean 'name'?"
	runs crm-export
	gives 2 '' 'crm-export: which format? crm-export FORMAT, as crm-export vcard; --help names them'
}

@test "options that do not go together are 2" {
	local opts
	for opts in 'mutt --preset google' 'mutt --raw' 'csv --dir d' \
		'csv --declare' 'mutt -F name' 'html --income x' 'mutt -o json' \
		'csv -s name' 'vcard --dir d -l 1' 'csv --preset google -F name' \
		'csv --person ana@acme.es' '--person ana@acme.es -F name' \
		'--person ana@acme.es -o table'; do
		# shellcheck disable=SC2086
		runs crm-export $opts
		status_is 2
		out_empty
		[ "$(wc -l <"$ERR")" -eq 1 ]
	done
	[ ! -e d ]
}

@test "an account of the wrong form is 2" {
	runs crm-export journal --receivable 'a  b'
	gives 2 '' "crm-export: --receivable: account: got 'a  b', wanted words with colons between, as assets:receivable"
	runs crm-export beancount --income income:sales
	status_is 2
	local account
	for account in a: :a a::b '(a)' 12:3; do
		runs crm-export journal --income "$account"
		status_is 2
	done
	for account in Assets: Assets::A Assets:a Assets:A_b Assets; do
		runs crm-export beancount --receivable "$account"
		status_is 2
	done
	runs crm-export beancount --receivable Assets:Año:1ñ
	gives 0
}

@test "no input gives a whole file of each format" {
	runs crm-export csv
	status_is 0
	[ "$(head -c 12 "$OUT")" = id,kind,rev, ]
	[ "$(wc -l <"$OUT")" -eq 1 ]
	runs crm-export mutt
	gives 0
	runs crm-export journal
	gives 0
	runs crm-export beancount
	gives 0
	runs crm-export abook
	gives 0 '# abook addressbook file

[format]
program=abook
version=0.6.1
'
	runs crm-export html
	status_is 0
	[ "$(head -n 1 "$OUT")" = '<!DOCTYPE html>' ]
	[ "$(tail -n 1 "$OUT")" = '</html>' ]
	runs crm-export csv --preset google
	status_is 0
	[ "$(wc -l <"$OUT")" -eq 1 ]
}

@test "records come by handle, by line, or as handles on standard input" {
	shop
	runs crm-export mutt bo@x.se
	gives 0 'alias bo.lind Bo Lind <bo@x.se>'
	runs crm-export mutt - <<<'bo@x.se'
	gives 0 'alias bo.lind Bo Lind <bo@x.se>'
	runs crm-export mutt <<<'name:Bo	email:other@x.se'
	gives 0 'alias bo Bo <other@x.se>'
	runs crm-export mutt -l 1 <<<'{"name":"Bo","email":["b@x.se","c@x.se"]}'
	gives 0 'alias bo Bo <b@x.se>
alias bo.2 Bo <c@x.se>'
	runs crm-export mutt nobody@x.se
	gives 66 '' "crm-export: no contact 'nobody@x.se'"
	runs crm-export mutt <<<'nobody@x.se'
	gives 65 '' "crm-export: stdin:1: no contact 'nobody@x.se'"
}

@test "lines need no store, and a store that was named must be there" {
	runs crm-export journal <<<'kind:order	at:2026-01-01	currency:EUR	amount:1	contact_id:01HF7YAT00JXHQEH5M3VYDK7BV'
	status_is 0
	runs crm-export -D "$PWD/none" mutt ana@acme.es
	status_is 66
	runs crm-export --verbose mutt ana@acme.es
	gives 66 '' "crm-export: no store yet at ~/.local/share/crm; crm-add or crm-import makes it
crm-export: no contact 'ana@acme.es'"
}

@test "what the format cannot hold is 65, or skipped with --keep-going" {
	printf '%s\n' 'kind:order	amount:1' 'name:Bo	email:b@x.se' >in
	runs crm-export mutt <in
	gives 65 '' "crm-export: stdin:1: kind: got 'order', wanted contact or company: an alias has an address"
	runs crm-export mutt --keep-going <in
	gives 1 'alias bo Bo <b@x.se>' "crm-export: stdin:1: kind: got 'order', wanted contact or company: an alias has an address"
}

@test "a full stdout is 74" {
	shop
	local f
	for f in csv mutt abook html 'csv --preset outlook'; do
		# shellcheck disable=SC2086
		run bash -c "crm-find | crm-export $f >/dev/full"
		[ "$status" -eq 74 ]
	done
	run bash -c "crm-export --person ana@acme.es >/dev/full"
	[ "$status" -eq 74 ]
	run bash -c 'crm-find kind:order | crm-export journal >/dev/full'
	[ "$status" -eq 74 ]
}

@test "a bad configuration is 78, a folder that cannot be made 73" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-export mutt
	status_is 78
	rm "$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-export vcard --dir none/cards
	gives 73 '' 'crm-export: --dir: none/cards: No such file or directory'
}

@test "restricted people are exported as all others" {
	shop
	crm-edit -q bo@x.se restricted:true
	runs crm-export mutt bo@x.se
	gives 0 'alias bo.lind Bo Lind <bo@x.se>'
}

# ---- csv ----

@test "csv is safe for spreadsheets unless --raw says otherwise" {
	shop
	runs crm-export csv ana@acme.es -F name,email,phone,note
	gives 0 "name,email,phone,note
Ana Núñez,ana@acme.es;a@x.es,+34600111222,'=hola"
	runs crm-export csv ana@acme.es -F name,note --raw
	gives 0 'name,note
Ana Núñez,=hola'
}

@test "a preset writes the header of the sample, byte for byte" {
	local csv=$CORPORA/csv
	needs_corpus csv
	crm-export csv --preset google </dev/null >got
	head -n 1 "$csv/google-contacts-2024.csv" | tr -d '\r' >want
	same want got
	crm-export csv --preset google-legacy </dev/null >got
	head -n 1 "$csv/google-contacts-legacy.csv" | tr -d '\r' >want
	same want got
	crm-export csv --preset outlook </dev/null >got
	head -n 1 "$csv/outlook.csv" >want
	same want got
}

@test "google's columns hold a contact" {
	shop
	crm-find kind:contact | crm-export csv --preset google --no-header >got
	cat >want <<-'EOT'
	Ana,,Núñez,,,,,,,,Acme,,,,'=hola,,vip,,ana@acme.es,,a@x.es,,+34600111222,,,,,,,,,,,
	Bo Lind,,,,,,,,,,,,,'--04-12,,,,,bo@x.se,,,,,,,,,,,,,,,
	EOT
	same want got
}

@test "other programs read the table" {
	needs mlr
	shop
	crm-find kind:contact | crm-export csv --preset outlook |
		mlr --icsv --ojson cat |
		jq -r '.[0]["Mobile Phone"], .[0]["E-mail 2 Address"]' >got
	printf '%s\n' +34600111222 a@x.es >want
	same want got
}

@test "our own import of a preset's table changes nothing" {
	needs crm-import
	local preset
	shop
	crm-edit -q bo@x.se tag:x url:https://bo.example/ city:Lund country:SE
	crm-find >before
	for preset in google google-legacy outlook; do
		crm-find kind:contact | crm-export csv --preset $preset >table.csv
		runs crm-import --preset $preset table.csv
		status_is 0
		crm-find >after
		same before after
	done
}

# ---- aliases ----

@test "mutt takes every alias for what it is" {
	needs mutt
	# shellcheck disable=SC2016 # that is the point
	printf '%s\n' 'name:`touch pwned` $HOME #1 "q"; x	email:a@x.es' \
		'name:Ruiz, Bo	email:`touch${IFS}pwned`@x.es' |
		crm-export mutt >aliases
	printf 'source aliases\nset query_command="crm-find --mutt %%s"\n' >rc
	runs mutt -n -F rc -A ruiz.bo
	# shellcheck disable=SC2016
	gives 0 '"Ruiz, Bo" <`touch${IFS}pwned`@x.es>'
	runs mutt -n -F rc -A touch.pwned.home.1.q.x
	# shellcheck disable=SC2016
	gives 0 '"`touch pwned` $HOME #1 \"q\"; x" <a@x.es>'
	runs mutt -n -F rc -Q query_command
	gives 0 'query_command="crm-find --mutt %s"'
	[ ! -e pwned ]
}

@test "abook converts its addressbook" {
	needs abook
	shop
	crm-find kind:contact | crm-export abook >book
	runs abook --convert --infile book --informat abook --outformat csv
	status_is 0
	grep -q '"Ana Núñez","ana@acme.es,a@x.es"' "$OUT"
}

@test "no value of a line makes another address or alias" {
	printf '%s\n' 'name:x	email:a@b.es>,<evil@x.es	email:c@x.es' \
		'name:y\nalias z	email:"a b"@x.es	email:d@x.es' |
		crm-export mutt >got
	printf '%s\n' 'alias x x <c@x.es>' \
		'alias y.alias.z y alias z <d@x.es>' >want
	same want got
}

# ---- journals ----

@test "a journal has the orders that count, in their own digits" {
	shop
	crm-find kind:order | crm-export journal --verbose >got 2>notes
	cat >want <<-EOT
	2026-01-05 * (shop/1) Ana Núñez  ; crm: $(ana)
	    assets:receivable                   120.00 EUR
	    income:sales                       -120.00 EUR

	2026-01-09 * (shop/2) Ana Núñez  ; crm: $(ana)
	    assets:receivable                   -20.50 EUR
	    income:sales                         20.50 EUR

	2026-01-11 * (shop/3) Ana Núñez  ; crm: $(ana)
	    assets:receivable                     0.07 EUR
	    income:sales                         -0.07 EUR

	2026-02-01 * Bo Lind  ; crm: $(crm-find -o id email:bo@x.se)
	    assets:receivable                     1200 JPY
	    income:sales                         -1200 JPY

	EOT
	same want got
	printf '%s\n' 'crm-export: left out 1 order that does not count, by its status' >want
	same want notes
}

@test "the day of an order is that of the schema's zone, not the machine's" {
	printf 'crm-schema: 1\ntz: Asia/Tokyo\n' | crm-db schema -q --apply -
	crm-add -q order at:2026-01-31T20:00:00Z amount:1 currency:EUR
	crm-find kind:order | TZ=America/New_York crm-export journal |
		head -n 1 >got
	echo '2026-02-01 *' >want
	same want got
}

@test "hledger checks the journal, and its totals are those of crm-find" {
	needs hledger
	shop
	crm-find kind:order | crm-export journal --declare >j
	runs hledger -f j check -s
	gives 0
	hledger -f j bal -N tag:crm="$(ana)" income |
		tr -d ' ' | cut -dE -f1 >got
	crm-find -o value -F revenue email:ana@acme.es | sed 's/^/-/' >want
	same want got
}

@test "hledger's table brings the orders back as they were" {
	needs hledger
	needs crm-import
	shop
	crm-find kind:order ext:shop >before
	crm-find kind:order | crm-export journal >j
	hledger -f j print -O csv >table.csv
	runs crm-import --preset hledger table.csv
	status_is 0
	crm-find -F id,amount,currency,contact_id kind:order ext:shop >after
	crm-find -F id,amount,currency,contact_id - <before >want
	same want after
}

@test "ledger checks it too" {
	needs ledger
	shop
	crm-find kind:order | crm-export journal --declare >j
	runs ledger --strict --pedantic -f j bal income and %crm="$(ana)" \
		--format '%(scrub(display_total))\n'
	gives 0 '-99.57 EUR'
}

@test "beancount checks and queries its own" {
	needs bean-check
	shop
	crm-find kind:order | crm-export beancount --declare >b.bean
	runs bean-check b.bean
	gives 0
	runs bean-query -f csv b.bean "select sum(position) where
		entry_meta('crm') = '$(ana)' and account ~ 'Income'"
	status_is 0
	grep -q -- '-99.57 EUR' "$OUT"
}

@test "names of any kind make no other transaction" {
	needs hledger
	needs ledger
	needs bean-check
	printf '%s\n' 'kind:contact	name:(x) ; | " \\ \n2026-01-01 * b	email:a@x.es' |
		crm-add -q -
	crm-log -q order contact:a@x.es at:2026-01-05 amount:1 currency:EUR \
		'ext:shop/a)b;c'
	crm-find kind:order | crm-export journal --declare >j
	runs hledger -f j check -s
	gives 0
	[ "$(hledger -f j print | grep -c '^20')" -eq 1 ]
	runs ledger --strict --pedantic -f j payees
	status_is 0
	[ "$(wc -l <"$OUT")" -eq 1 ]
	crm-find kind:order | crm-export beancount --declare >b.bean
	runs bean-check b.bean
	gives 0
}

# ---- html ----

@test "a contact sheet has the fields of -F, and no byte of a value is markup" {
	printf '%s\n' 'name:<script>alert(1)</script>	email:a"b@x.es	url:javascript:alert(1)' |
		crm-export html -F name,email,url >page
	[ "$(grep -c '<script' page)" -eq 0 ]
	grep -q '<td dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;</td>' page
	grep -q '<td dir="auto">javascript:alert(1)</td>' page
	/usr/bin/python3 - page <<-'EOT'
	import html.parser, sys
	void = {"meta", "br"}
	class P(html.parser.HTMLParser):
	    def __init__(self):
	        super().__init__()
	        self.open, self.rows = [], 0
	    def handle_starttag(self, tag, attrs):
	        if tag not in void:
	            self.open.append(tag)
	        self.rows += tag == "tr"
	    def handle_endtag(self, tag):
	        assert self.open.pop() == tag, tag
	p = P()
	p.feed(open(sys.argv[1], encoding="utf-8").read())
	assert p.open == [] and p.rows == 2, (p.open, p.rows)
	EOT
}

@test "a checker of HTML finds nothing" {
	needs tidy
	shop
	crm-find kind:contact | crm-export html >page
	runs tidy -q -e page
	gives 0
}

# ---- cards and calendars ----

# exports ARG ...: all contacts, with its note.
exports() {
	crm-find kind:contact | crm-export --verbose "$@"
}

# stamps DIR: name and time of each file, to the nanosecond.
stamps() {
	(cd "$1" && stat -c '%n %y %i' -- *)
}

@test "vcard is a stream of 4.0, of 3.0 with --vcard=3" {
	shop
	runs crm-export vcard bo@x.se
	status_is 0
	[ "$(tr -d '\r' <"$OUT" | sed -n 2p)" = VERSION:4.0 ]
	grep -q '^BDAY:--0412' "$OUT"
	runs crm-export vcard --vcard=3 bo@x.se
	status_is 0
	[ "$(tr -d '\r' <"$OUT" | sed -n 2p)" = VERSION:3.0 ]
	runs crm-export vcard <<<'kind:order	amount:1'
	status_is 65
	runs crm-export csv --vcard=3
	gives 2 '' 'crm-export: --vcard goes with vcard, not with csv'
}

@test "no input gives an empty stream of cards and of a calendar" {
	runs crm-export vcard
	gives 0
	runs crm-export ical
	status_is 0
	[ "$(tr -d '\r' <"$OUT" | sed -n '1p;$p' | tr '\n' ' ')" = \
		'BEGIN:VCALENDAR END:VCALENDAR ' ]
}

@test "a folder has a file for each record, called by its id" {
	shop
	runs exports vcard --dir cards
	gives 0 '' 'crm-export: files: 2 written, 0 as they were, 0 removed'
	(cd cards && ls -A) >got
	crm-find kind:contact -o id | sed 's/$/.vcf/' >want
	same want got
	[ "$(stat -c '%a' cards)" = 700 ]
	[ "$(cat cards/*.vcf | tr -d '\r' | grep -c '^VERSION:3.0$')" -eq 2 ]
}

@test "what is as it was is not touched; what is not asked for goes" {
	shop
	exports vcard --dir cards 2>/dev/null
	stamps cards >before
	runs exports vcard --dir cards
	gives 0 '' 'crm-export: files: 0 written, 2 as they were, 0 removed'
	stamps cards >after
	same before after
	crm-edit -q bo@x.se title:Sailor
	runs exports vcard --dir cards
	gives 0 '' 'crm-export: files: 1 written, 1 as they were, 0 removed'
	crm-find email:bo@x.se | crm-export vcard --dir cards
	crm-find -o id email:bo@x.se | sed 's/$/.vcf/' >want
	(cd cards && ls) >got
	same want got
}

@test "a file is known by its UID, and what is not ours in it stays" {
	shop
	exports vcard --dir cards 2>/dev/null
	mv "cards/$(ana).vcf" 'cards/a b.vcf'
	sed -i 's/^VERSION/X-FOO;A=b:keep\r\n&/' 'cards/a b.vcf'
	crm-edit -q ana@acme.es title:Boss
	runs exports vcard --dir cards
	gives 0 '' 'crm-export: files: 1 written, 1 as they were, 0 removed'
	grep -q '^X-FOO;A=b:keep' 'cards/a b.vcf'
	grep -q '^TITLE:Boss' 'cards/a b.vcf'
	[ ! -e "cards/$(ana).vcf" ]
}

@test "cards of others stay, whoever is exported" {
	shop
	mkdir cards
	printf 'BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x-1\r\nFN:X\r\nEND:VCARD\r\n' >cards/x.vcf
	echo 'no card' >cards/y.vcf
	echo 'no card' >cards/z.txt
	runs crm-export vcard --dir cards
	gives 0
	(cd cards && ls) >got
	printf '%s\n' x.vcf y.vcf z.txt >want
	same want got
	crm-edit -q bo@x.se ext+:vcard/x-1
	crm-find email:bo@x.se | crm-export vcard --dir cards
	(cd cards && ls) >got
	same want got
	grep -q '^FN:Bo Lind' cards/x.vcf
	grep -q '^UID:x-1' cards/x.vcf
}

@test "two files of one UID, and several cards in one, are said and left alone" {
	shop
	exports vcard --dir cards 2>/dev/null
	cp "cards/$(ana).vcf" cards/copy.vcf
	stamps cards >before
	crm-edit -q ana@acme.es title:Boss
	runs exports vcard --dir cards
	gives 1 '' "crm-export: cards: warning: $(ana).vcf and copy.vcf hold one UID, $(ana); neither is written
crm-export: files: 0 written, 1 as they were, 0 removed"
	stamps cards >after
	same before after
	cat cards/copy.vcf cards/copy.vcf >"cards/$(ana).vcf"
	rm cards/copy.vcf
	runs exports vcard --dir cards
	status_is 1
	grep -q 'warning: it holds more than one; it is left alone' "$ERR"
}

@test "no link leads out of the folder, and no file loses what it was" {
	shop
	mkdir cards
	echo secret >outside
	ln -s ../outside "cards/$(ana).vcf"
	exports vcard --dir cards 2>/dev/null
	[ "$(cat outside)" = secret ]
	[ -L "cards/$(ana).vcf" ]
	[ -f "cards/$(ana)-2.vcf" ]
	runs exports vcard --dir cards
	gives 0 '' 'crm-export: files: 0 written, 2 as they were, 0 removed'
	[ -z "$(find cards -name '.*.tmp')" ]
}

@test "a bad line leaves every file of the folder where it is" {
	shop
	exports vcard --dir cards 2>/dev/null
	stamps cards >before
	printf 'kind:order\tid:%s\n' "$(ana)" >in
	runs crm-export vcard --dir cards <in
	gives 65 '' "crm-export: stdin:1: kind: got 'order', wanted contact"
	runs crm-export vcard --dir cards --keep-going <in
	status_is 1
	runs crm-export vcard --dir cards <<<'name:Bo'
	gives 65 '' 'crm-export: stdin:1: no id: a file is that of a stored record'
	stamps cards >after
	same before after
}

@test "tasks are calendar files, and stay when nothing changed" {
	shop
	crm-add -q task title:'Call Bo' contact:bo@x.se due:2026-03-05
	crm-find kind:task | crm-export ical --dir cal
	stamps cal >before
	crm-find kind:task | crm-export ical --dir cal
	stamps cal >after
	same before after
	grep -q "^UID:$(crm-find -o id kind:task)@crm-utils" cal/*.ics
	crm-export ical --dir cal </dev/null
	[ -z "$(ls cal)" ]
}

@test "vobject reads each card" {
	shop
	needs_vobject
	exports vcard --dir cards 2>/dev/null
	/usr/bin/python3 - cards/*.vcf >got <<-'EOT'
	import sys, vobject
	for f in sys.argv[1:]:
	    c = vobject.readOne(open(f, newline="", encoding="utf-8").read())
	    print(c.fn.value, c.email.value)
	EOT
	printf '%s\n' 'Ana Núñez ana@acme.es' 'Bo Lind bo@x.se' >want
	same want got
}

@test "khard finds a contact in the folder" {
	needs khard
	shop
	exports vcard --dir cards 2>/dev/null
	cat >khard.conf <<-EOT
	[addressbooks]
	[[crm]]
	path = $PWD/cards
	[general]
	editor = true
	merge_editor = true
	EOT
	runs khard -c khard.conf email --parsable --remove-first-line lind
	status_is 0
	[ "$(cut -f1,2 "$OUT")" = 'bo@x.se	Bo Lind' ]
}

@test "vdirsyncer copies the folder, and an edit comes back" {
	needs vdirsyncer
	shop
	exports vcard --dir cards 2>/dev/null
	mkdir copy
	cat >sync.conf <<-EOT
	[general]
	status_path = "$PWD/status/"
	[pair p]
	a = "a"
	b = "b"
	collections = null
	conflict_resolution = "b wins"
	[storage a]
	type = "filesystem"
	path = "$PWD/cards/"
	fileext = ".vcf"
	[storage b]
	type = "filesystem"
	path = "$PWD/copy/"
	fileext = ".vcf"
	EOT
	runs bash -c 'yes | vdirsyncer -c sync.conf discover && vdirsyncer -c sync.conf sync'
	status_is 0
	[ "$(cat copy/*.vcf | grep -c '^BEGIN:VCARD')" -eq 2 ]
	crm-edit -q bo@x.se title:Sailor
	exports vcard --dir cards 2>/dev/null
	runs vdirsyncer -c sync.conf sync
	status_is 0
	grep -q '^TITLE:Sailor' copy/*.vcf
}

@test "todoman lists what the folder has" {
	needs todoman
	shop
	crm-add -q task title:'Call Bo' contact:bo@x.se due:2026-03-05
	mkdir cal
	crm-find kind:task | crm-export ical --dir cal/tasks
	cat >todo.py <<-EOT
	path = "$PWD/cal/*"
	date_format = "%Y-%m-%d"
	time_format = "%H:%M"
	default_list = "tasks"
	EOT
	runs todoman --config todo.py --porcelain list
	status_is 0
	[ "$(jq -r '.[0].summary' "$OUT")" = 'Call Bo' ]
}

@test "remind tells of tasks and birthdays on their day" {
	needs remind
	crm-add -q name:Bo email:bo@x.se birthday:1990-03-05
	crm-add -q task title:'Call [1+1] 50% of "Bo"' due:2026-03-05
	crm-add -q task title:Write due:2026-03-05T10:30:00Z
	crm-find kind:contact,task | crm-export remind >rem
	remind -s - 2026-03-05 <rem | cut -d' ' -f1,5- | sort >got
	sort >want <<-'EOT'
	2026/03/05 * Birthday: Bo
	2026/03/05 * Call [1+1] 50% of "Bo"
	2026/03/05 630 10:30am Write
	EOT
	same want got
}

@test "taskwarrior imports our tasks, and a second time changes them" {
	needs task
	crm-add -q task title:'Call "Bo"' due:2026-03-05 priority:high tag:vip
	crm-add -q task title:Done due:2026-03-01 status:done
	mkdir tw
	printf '%s\n' "data.location=$PWD/tw" verbose=nothing news.version=9 >taskrc
	export TASKRC=$PWD/taskrc
	crm-find kind:task | crm-export taskwarrior |
		task rc.confirmation=off import - >said
	task export | jq -r '.[] | [.status, .description, .due, .priority,
		(.tags // [] | join(" "))] | join("|")' | sort >got
	sort >want <<-'EOT'
	pending|Call "Bo"|20260305T000000Z|H|vip
	completed|Done|20260301T000000Z|M|
	EOT
	same want got
	crm-find kind:task title:Call -o id | crm-edit -q - title:Write
	crm-find kind:task | crm-export taskwarrior |
		task rc.confirmation=off import - >said
	task export | jq -r '.[].description' | sort >got
	printf '%s\n' Done Write >want
	same want got
}

# ---- a person ----

# canaries: one in each field of each kind that can be about a person, numbered
# as they are planted; some are edited away, some removed.
canaries() {
	awk -F '\t' 'BEGIN { OFS = FS } {
		for (i = 1; i <= NF; i++)
			while (sub(/@@/, "canary" ++n "x", $i)) ;
	} 1' <<-'EOT' >planted
	kind:contact	name:@@	given:@@	family:@@	prefix:@@	email:me@here.es	email:@@@here.es	phone:+34600111222	company:@@	title:@@	department:@@	street:@@	city:@@	region:@@	postcode:@@	url:https://here.es/@@	handle:telegram/@@	source:@@	owner:@@	tag:@@	note:@@	ext:erp/@@	x.own:@@
	kind:activity	type:call	contact:me@here.es	subject:@@	body:@@	owner:@@	msgid:@@	ext:a/@@	variant:@@	x.own:@@
	kind:deal	name:@@	contact:me@here.es	product:@@	lost_reason:@@	source:@@	owner:@@	tag:@@	note:@@	ext:d/@@
	kind:order	contact:me@here.es	amount:5	currency:EUR	item:@@*1@5	tag:@@	note:@@	ext:o/@@	x.own:@@
	kind:task	title:@@	contact:me@here.es	owner:@@	tag:@@	note:@@	ext:t/@@
	kind:case	title:@@	contact:me@here.es	product:@@	owner:@@	tag:@@	note:@@	ext:c/@@
	kind:campaign	name:@@
	kind:activity	type:note	contact:me@here.es	body:@@
	EOT
	crm-add -q - <planted
	crm-consent -q grant me@here.es channel:email source:canary201x \
		wording:canary202x
	crm-add -q points contact:me@here.es points:5 reason:canary203x
	crm-segment -q save canary204x email:me@here.es
	crm-segment -q freeze canary204x@canary205x
	printf '%s\n' 'Subject: hi' 'From: me@firm.es' 'Purpose: transactional' \
		'' 'Hello' >mail.txt
	crm-find email:me@here.es | crm-mail -q -t ./mail.txt -c offers --send \
		--sendmail /bin/true --step canary209x
	# What was, and is no more: a value, and a whole record.
	crm-edit -q me@here.es title:canary206x
	crm-add -q task title:canary207x contact:me@here.es
	crm-find kind:task title:canary207x -o id | crm-rm -q -
	# Once the person's, now another's.
	crm-add -q contact name:Other email:other@here.es
	crm-add -q task title:canary208x contact:me@here.es
	crm-find kind:task title:canary208x -o id |
		crm-edit -q - contact:other@here.es note:not-the-persons
	# Another's from the first.
	crm-add -q task title:not-the-persons contact:other@here.es
	crm-score lead me@here.es --save -q
	crm-consent -q suppress me@here.es
}

@test "a person's data have every canary, in each format" {
	local format
	canaries
	{
		grep -o 'canary[0-9]*x' planted
		printf 'canary%sx\n' 201 202 203 204 205 206 207 208 \
			209
	} | LC_ALL=C sort -u >want
	# A campaign is about nobody.
	grep '^kind:campaign' planted | grep -o 'canary[0-9]*x' >about-nobody
	grep -vxF -f about-nobody want >want.persons
	[ "$(wc -l <want.persons)" -gt 55 ]
	for format in text json ltsv; do
		runs crm-export --person me@here.es -o $format
		status_is 0
		grep -o 'canary[0-9]*x' "$OUT" | LC_ALL=C sort -u >got
		same want.persons got
		[ "$(grep -c 'not-the-persons' "$OUT")" -eq 0 ]
		grep -q suppressed "$OUT"
		grep -q 'fit = ' "$OUT"
	done
}

@test "a person's JSON is one object with every part" {
	canaries
	crm-export --person me@here.es -o json | jq -r 'keys[] | select(.[0:1] == "_")' >got
	printf '%s\n' _changes _company _referring _scores _segments _suppression _timeline >want
	same want got
	crm-add -q contact name:Nobody email:nobody@here.es
	crm-export --person nobody@here.es -o json |
		jq -c '[._company, ._timeline, ._segments, (._changes | length)]' >got
	echo '[null,[],[],1]' >want
	same want got
}

@test "a person who was removed is asked for by the whole id" {
	local id
	shop
	crm-add -q contact name:Gone email:gone@x.es
	id=$(crm-find -o id email:gone@x.es)
	crm-rm -q gone@x.es
	runs crm-export --person gone@x.es
	status_is 66
	runs crm-export --person "$id" -o json
	status_is 0
	jq -e '[._changes[]._do] == ["add", "rm"]' "$OUT"
}

@test "text for a person shows no control characters" {
	crm-add -q contact name:Bo email:bo@x.se note:$'a\u202eb\nc'
	runs crm-export --person bo@x.se -o text
	status_is 0
	grep -q '^  note: a\\u{202E}b$' "$OUT"
	grep -q '^      c$' "$OUT"
}

@test "what cannot be told of a person is said, and is 1" {
	shop
	crm-consent -q suppress ana@acme.es
	mv "$XDG_DATA_HOME"/crm.key away
	runs crm-export --person ana@acme.es -o json
	status_is 1
	grep -q 'warning: which addresses are suppressed is not known' "$ERR"
	jq -e '._suppression == []' "$OUT"
}

# ---- completion ----

@test "formats, presets and handles complete" {
	shop
	runs crm-export --crm-complete -- j
	gives 0 'journal	orders for hledger and ledger'
	runs crm-export --crm-complete -- csv --preset=g
	status_is 0
	grep -q '^--preset=google	*$\|^google' "$OUT"
	runs crm-export --crm-complete -- mutt bo
	status_is 0
	grep -q '^bo@x.se' "$OUT"
	runs crm-export --crm-complete -- --person bo
	status_is 0
	grep -q '^bo@x.se' "$OUT"
}

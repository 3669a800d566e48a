# SPDX-License-Identifier: MIT
# crm-edit: handles, --where, lines, rev, --replace, -n, the editor.
# shellcheck disable=SC2016,SC2028,SC2030,SC2031,SC2154 # the editor has $1; see helper.bash
load helper

setup() {
	crm_setup
	crm-add -q - <<-'EOT'
	kind:company	name:Faro	domain:faro.es
	name:Ana Núñez	email:ana@acme.es	company:Faro	stage:lead	tag:vip	tag:old
	name:Bo Lind	email:bo@faro.es	phone:+34600111222	stage:customer	note:old
	EOT
	crm-add -q kind:deal name:Big contact:ana@acme.es amount:100 currency:EUR
	# The texts of the editor go to a folder of their own.
	export TMPDIR=$BATS_TEST_TMPDIR/texts
	mkdir "$TMPDIR"
}

# masked: ids of 26 characters as ID, of texts' folders as TEXT.
masked() {
	sed -E -i -e 's/01[0-9A-HJKMNP-TV-Z]{24}/ID/g' \
		-e 's/[0-9A-HJKMNP-TV-Z]{4} (Ana|Bo|Faro|Big)/XXXX \1/g' \
		-e "s|$TMPDIR/crm-edit-[A-Za-z0-9]{6}|TEXT|g" "$OUT" "$ERR"
}

# stored HANDLE LIST: what the store has of it, these fields.
stored() {
	runs crm-show "$1" --since 2030-01-01 -F "$2"
	sed -i 1q "$OUT"
}

# id_of HANDLE
id_of() {
	crm-show "$1" -o id | head -n 1
}

# edits SCRIPT: the editor from here on is this shell script; $1 is the text.
edits() {
	printf '#!/bin/sh\n%s\n' "$1" >editor
	chmod +x editor
	export EDITOR=$PWD/editor
}

# no_texts: no text was left behind.
no_texts() {
	[ -z "$(ls "$TMPDIR")" ]
}

# ---- handles and fields ----

@test "fields of the records named are changed, and these are printed" {
	runs crm-edit ana@acme.es stage:customer
	masked
	gives 0 $'id:ID\tkind:contact\trev:2\tname:Ana Núñez\temail:ana@acme.es\tcompany:Faro\tcompany_id:ID\tstage:customer\ttag:vip\ttag:old\tcreated:2026-03-02T09:00:00Z\tupdated:2026-03-02T09:00:00Z\topen_deals:1\tpipeline:100.00'
	runs crm-edit ana@acme.es bo@faro.es city:Lugo -F name,city,rev
	gives 0 $'name:Ana Núñez\tcity:Lugo\trev:3\nname:Bo Lind\tcity:Lugo\trev:2'
	runs crm-edit 600111222 city:Vigo -F name,city
	gives 0 $'name:Bo Lind\tcity:Vigo'
	runs crm-edit faro.es city:Vigo -F kind,name,city
	gives 0 $'kind:company\tname:Faro\tcity:Vigo'
}

@test "each edit form on a field of one value and of several" {
	runs crm-edit ana@acme.es tag+:press tag-:old stage: -F name,stage,tag
	gives 0 $'name:Ana Núñez\ttag:vip\ttag:press'
	runs crm-edit ana@acme.es tag:a tag:b -F tag
	gives 0 $'tag:a\ttag:b'
	runs crm-edit ana@acme.es tag: -F name,tag
	gives 0 'name:Ana Núñez'
	runs crm-edit ana@acme.es tag-:never -F name,rev
	gives 0 $'name:Ana Núñez\trev:4'
	runs crm-edit bo@faro.es stage-:lead -F stage
	gives 0 stage:customer
	runs crm-edit bo@faro.es stage-:customer -F name,stage
	gives 0 'name:Bo Lind'
	runs crm-edit bo@faro.es city+:Lugo
	gives 65 '' 'crm-edit: argument 2: city+: it has one value, so nothing is added to it'
	runs crm-edit bo@faro.es tag-:
	gives 65 '' 'crm-edit: argument 2: tag-: wanted the value to take away'
}

@test "the note says how many, and how it is taken back" {
	runs crm-edit --verbose ana@acme.es bo@faro.es stage:customer -F name
	gives 0 $'name:Ana Núñez\nname:Bo Lind' 'crm-edit: changed 1, unchanged 1; crm-undo takes it back'
	runs crm-edit --verbose ana@acme.es bo@faro.es stage:customer -F name
	gives 0 $'name:Ana Núñez\nname:Bo Lind' 'crm-edit: changed 0, unchanged 2'
	runs crm-edit -q --verbose ana@acme.es stage:lead
	gives 0
}

@test "a kind narrows handles to it, and takes its unique values" {
	crm-add -q product sku:A-100 name:Glass
	crm-edit -q faro.es email:info@faro.es
	crm-edit -q bo@faro.es email+:info@faro.es
	runs crm-edit info@faro.es city:Lugo -F name
	gives 0 'name:Bo Lind'
	runs crm-edit kind:company info@faro.es city:Lugo -F name
	gives 0 name:Faro
	runs crm-edit kind:product A-100 name:Cup -F sku,name
	gives 0 $'sku:A-100\tname:Cup'
	runs crm-edit kind:compny info@faro.es city:Lugo
	gives 2 '' "crm-edit: argument 1: unknown kind 'compny'; did you mean 'company'?"
	runs crm-edit kind:company kind:deal x@y.es city:Lugo
	gives 2 '' "crm-edit: argument 2: kind: got 'deal', but company was said before"
}

@test "a bare name is no handle: what crm-find gives is told" {
	runs crm-edit ana stage:lead
	masked
	gives 2 '' $'crm-edit: \'ana\' is no handle: an id, e-mail, phone or external key names a record\ncrm-find \'ana\' gives XXXX Ana Núñez'
	runs crm-edit kind:deal Big amount:3
	masked
	gives 66 '' $'crm-edit: no deal \'Big\'\ncrm-find kind:deal \'Big\' gives XXXX Big'
	runs crm-edit nobody stage:lead
	gives 66 '' "crm-edit: no record 'nobody'"
}

@test "a handle that names nothing is 66, one of several 65" {
	runs crm-edit ana@acme.se stage:lead
	gives 66 '' "crm-edit: no contact 'ana@acme.se'; did you mean 'ana@acme.es'?"
	crm-add -q company name:Two domain:two.es phone:+34911222333
	crm-add -q company name:Three phone:+34911222333
	runs crm-edit +34911222333 city:Lugo
	status_is 65
	[[ $stderr == "crm-edit: '+34911222333' names 2 companies: "* ]]
	crm-add -q - <<<$'id:01HW3KT9ERJXHQEH5M3VY3K7BV\trev:1\tname:Marta Gil\nid:01HW3KT9ERJXHQEH5M3VY9K7BV\trev:1\tname:Bo Lind'
	runs crm-edit k7bv stage:lead
	gives 65 '' "crm-edit: 'k7bv' ends the ids of 2 contacts: 3K7BV Marta Gil, 9K7BV Bo Lind; type one more character"
	runs crm-edit 3k7bv stage:lead -F name,stage
	gives 0 $'name:Marta Gil\tstage:lead'
	runs crm-edit --full-id K7BV stage:lead
	gives 2 '' "crm-edit: 'K7BV' is an id suffix; --full-id wants the whole id"
}

@test "of several records all are changed or none, unless --keep-going" {
	runs crm-edit bo@faro.es no@no.es city:Lugo -F name
	gives 66 '' "crm-edit: no contact 'no@no.es'"
	runs crm-edit bo@faro.es no@no.es city:Lugo -F name --keep-going
	gives 1 'name:Bo Lind' "crm-edit: no contact 'no@no.es'"
	runs crm-edit bo@faro.es ana@acme.es email:both@faro.es -F name
	masked
	gives 65 '' "crm-edit: XXXX Ana Núñez: email: both@faro.es is that of XXXX Bo Lind"
	stored bo@faro.es name
	gives 0 'name:Bo Lind'
	runs crm-edit bo@faro.es ana@acme.es email:both@faro.es -F name --keep-going
	masked
	gives 1 'name:Bo Lind' "crm-edit: XXXX Ana Núñez: email: both@faro.es is that of XXXX Bo Lind"
}

@test "a wrong field is blamed itself" {
	runs crm-edit ana@acme.es stge:lead
	gives 2 '' "crm-edit: argument 2: unknown field 'stge'; did you mean 'stage'?"
	runs crm-edit ana@acme.es stage:custmer
	gives 2 '' $'crm-edit: argument 2: stage: got \'custmer\'; did you mean \'customer\'?\nStages: lead, qualified, customer, former.'
	runs crm-edit ana@acme.es bo@faro.es email:x@
	gives 65 '' "crm-edit: argument 3: email: got 'x@', wanted local@domain"
	runs crm-edit ana@acme.es erp:4711
	gives 2 '' "crm-edit: argument 2: unknown field 'erp'; did you mean the handle 'erp/4711'?"
	runs crm-edit ana@acme.es stag:x
	gives 2 '' "crm-edit: argument 2: unknown field 'stag'
Near it: stage, tag; 'crm-db schema' lists the fields of kind contact."
	runs crm-edit ana@acme.es name: email: company:
	gives 65 '' 'crm-edit: a contact needs one of name, given, family, email, phone, handle, company, ext'
	runs crm-edit ana@acme.es company_id:faro.se
	gives 66 '' "crm-edit: argument 2: company_id: no company 'faro.se'"
	runs crm-edit ana@acme.es bo@faro.es company_id:faro.se
	gives 66 '' "crm-edit: argument 3: company_id: no company 'faro.se'"
	runs crm-edit kind:deal --where 'name:big' stage:wonn
	status_is 2
	[[ $stderr == "crm-edit: argument 2: stage: got 'wonn'; did you mean 'won'?"* ]]
}

@test "what follows from other records, or the store keeps, is never set" {
	runs crm-edit ana@acme.es open_deals:3
	gives 2 '' 'crm-edit: argument 2: open_deals: it follows from other records and is never set'
	runs crm-edit ana@acme.es company.city:Lugo
	gives 2 '' 'crm-edit: argument 2: company.city: it follows from other records and is never set'
	runs crm-edit ana@acme.es created:2020-01-01
	gives 2 '' 'crm-edit: argument 2: created: the store keeps it; it is never set'
	runs crm-edit ana@acme.es updated:2020-01-01
	gives 2 '' 'crm-edit: argument 2: updated: the store keeps it; it is never set'
}

@test "a rev among the arguments is compared" {
	runs crm-edit ana@acme.es rev:1 city:Lugo -F rev
	gives 0 rev:2
	runs crm-edit ana@acme.es rev:1 city:Vigo
	gives 75 '' $'crm-edit: argument 2: rev: got 1, wanted 2: \'Ana Núñez\' was changed after it was read\nRead it again with crm-find, or use --force to overwrite.'
	runs crm-edit --force ana@acme.es rev:1 city:Vigo -F city,rev
	gives 0 $'city:Vigo\trev:3'
}

@test "an entry of a ledger is never changed" {
	crm-add -q points contact:ana@acme.es points:5
	id=$(crm-find kind:points -o id)
	runs crm-edit "$id" points:6
	gives 77 '' 'crm-edit: a points entry is never changed; add another'
	runs crm-edit - <<<"id:$id	kind:points	points:6"
	gives 77 '' $'crm-edit: stdin:1: a points entry is never changed; add another\ncrm-edit: nothing stored, 1 of 1 line refused'
	EDITOR=true runs crm-edit --editor "$id"
	gives 77 '' 'crm-edit: a points entry is never changed; add another'
	no_texts
}

@test "nothing to change is a usage error" {
	runs crm-edit ana@acme.es
	gives 2 '' 'crm-edit: nothing says what to change; say FIELD:VALUE, or --editor'
	runs crm-edit --where tag:vip
	gives 2 '' 'crm-edit: nothing says what to change; say FIELD:VALUE, or --editor'
	crm-find -o id >ids
	runs crm-edit - <ids
	gives 2 '' 'crm-edit: standard input names records, but nothing says what to change; say FIELD:VALUE, or --editor'
	runs crm-edit --where tag:vip ana@acme.es city:Lugo
	gives 2 '' 'crm-edit: --where names the records, so handles and - do not'
	runs crm-edit --where tag:vip - city:Lugo
	gives 2 '' 'crm-edit: --where names the records, so handles and - do not'
	runs crm-edit --where ' ' city:Lugo
	gives 2 '' 'crm-edit: --where: the query is empty; kind:contact is every contact'
	runs crm-edit --limt
	gives 2 '' $'crm-edit: unknown option \'--limt\'; did you mean \'--limit\'?\nTry \'crm-edit --help\'.'
}

@test "a company that is not there is made, unless --no-create" {
	runs crm-edit --verbose bo@faro.es company:Acme -F name,company
	gives 0 $'name:Bo Lind\tcompany:Acme' $'crm-edit: made 1 company: Acme\ncrm-edit: changed 1, unchanged 0; crm-undo takes it back'
	runs crm-edit --no-create bo@faro.es company:Nova
	gives 65 '' "crm-edit: argument 2: company: no company 'Nova', and --no-create makes none"
	runs crm-edit bo@faro.es company: -F name,company
	gives 0 'name:Bo Lind'
}

@test "money is read in the currency of the record" {
	crm-add -q deal name:Yen amount:500 currency:JPY ext:d/1
	runs crm-edit d/1 amount:700 -F amount,currency
	gives 0 $'amount:700\tcurrency:JPY'
	runs crm-edit d/1 amount:7.50
	status_is 65
	[[ $stderr == "crm-edit: argument 2: amount: "* ]]
	runs crm-edit d/1 currency:EUR -F amount,currency
	gives 0 $'amount:700.00\tcurrency:EUR'
	runs crm-edit d/1 currency:
	gives 65 '' 'crm-edit: argument 2: currency: it stays while amount is there'
	runs crm-edit d/1 currency: amount: -F name,amount,currency
	gives 0 name:Yen
	runs crm-edit d/1 stage:won -F stage,state,closed
	gives 0 $'stage:won\tstate:won\tclosed:2026-03-02T09:00:00Z'
	runs crm-edit d/1 stage:wonn
	status_is 2
}

# ---- --where ----

@test "--where names the records that match, contacts by default" {
	runs crm-edit --where 'stage:lead or stage:customer' tag+:expo -F name,tag
	gives 0 $'name:Ana Núñez\ttag:vip\ttag:old\ttag:expo\nname:Bo Lind\ttag:expo'
	runs crm-edit --where 'kind:deal amount:50..' amount:70 -F name,amount
	gives 0 $'name:Big\tamount:70.00'
	runs crm-edit kind:deal --where 'name:big' tag:x -F name,tag
	gives 0 $'name:Big\ttag:x'
	runs crm-edit --where 'kind:contact,company' x.seen:yes -F name,x.seen
	gives 0 $'name:Faro\tx.seen:yes\nname:Ana Núñez\tx.seen:yes\nname:Bo Lind\tx.seen:yes'
	runs crm-edit --where 'stgae:lead' tag:x
	status_is 2
	[[ $stderr == "crm-edit: query: unknown field 'stgae' in 'stgae:lead'; did you mean 'stage'?"* ]]
}

@test "--where that matches nothing is nothing done" {
	runs crm-edit --verbose --where tag:vpi tag+:x
	gives 0 '' $'crm-edit: no record matches \'tag:vpi\'; the store holds 2 contacts; did you mean \'tag:vip\'?\ncrm-edit: changed 0, unchanged 0'
}

@test "--where of thousands is one operation" {
	for ((i = 0; i < 3000; i++)); do echo "name:N$i	tag:many"; done | crm-add -q -
	runs crm-edit -q --where tag:many tag+:more
	gives 0
	runs crm-find -c tag:more rev:2
	gives 0 3000
	runs crm-edit --where tag:many tag+:third -l 2 -F name
	gives 0 $'name:N0\nname:N1'
	runs crm-find -c tag:third
	gives 0 3000
}

# ---- lines ----

@test "changed lines come back; their rev is compared" {
	crm-find >all
	sed 's/\tstage:lead\t/\tstage:qualified\t/' all >new
	runs crm-edit - -F name,stage,rev <new
	gives 0 $'name:Ana Núñez\tstage:qualified\trev:2\nname:Bo Lind\tstage:customer\trev:1'
	runs crm-edit - -F name <new
	gives 75 '' $'crm-edit: stdin:1: rev: got 1, wanted 2: \'Ana Núñez\' was changed after it was read\nRead it again with crm-find, or use --force to overwrite.\ncrm-edit: nothing stored, 1 of 2 lines refused; --keep-going stores the other 1'
	runs crm-edit -q --force - <new
	gives 0
}

@test "all conflicts are listed; --keep-going stores the rest" {
	crm-add -q name:Eve email:eve@faro.es
	crm-find | sed 's/$/\tcity:Lugo/' >all
	crm-edit -q ana@acme.es eve@faro.es city:Vigo
	runs crm-edit - <all
	status_is 75
	[ "$(grep -c 'was changed after it was read' "$ERR")" = 2 ]
	[ "${stderr_lines[-1]}" = 'crm-edit: nothing stored, 2 of 3 lines refused; --keep-going stores the other 1' ]
	runs crm-edit - -F name,city --keep-going --reject bad <all
	status_is 1
	out_is $'name:Bo Lind\tcity:Lugo'
	[ "$(wc -l <bad)" = 2 ]
	runs crm-edit --force - -F name,city <bad
	gives 0 $'name:Ana Núñez\tcity:Lugo\nname:Eve\tcity:Lugo'
}

@test "a line about a record that another line changed is no conflict" {
	crm-find ana@acme.es >a
	{
		sed 's/$/\tcity:Lugo/' a
		sed 's/$/\tregion:Galicia/' a
	} >two
	runs crm-edit - -F city,region,rev <two
	gives 0 $'city:Lugo\tregion:Galicia\trev:3'
}

@test "crm-find | shuf | crm-edit leaves every rev alone" {
	for ((i = 0; i < 200; i++)); do
		echo "name:N$i	note:a\\tb\\\\	tag:b	tag:a	email:n$i@x.es	company:C$((i % 9))	birthday:--03-09"
	done | crm-add -q -
	crm-find kind:contact,company,deal >before
	runs crm-edit --verbose - -q < <(shuf before)
	gives 0
	crm-find kind:contact,company,deal >after
	same before after
	runs crm-edit --verbose -F name -l 0 - < <(shuf before)
	gives 0 '' "crm-edit: changed 0, unchanged $(wc -l <before)"
}

@test "lines that are handles, with the fields of the command" {
	crm-find kind:contact,deal -o id >ids
	runs crm-edit tag+:x -F name,tag <ids
	gives 0 $'name:Ana Núñez\ttag:vip\ttag:old\ttag:x\nname:Bo Lind\ttag:x\nname:Big\ttag:x'
	runs crm-edit tag+:y -F name,tag <<<$'bo@faro.es\nno@no.es'
	gives 65 '' $'crm-edit: stdin:2: no contact \'no@no.es\'\ncrm-edit: nothing stored, 1 of 2 lines refused; --keep-going stores the other 1'
	runs crm-edit -i id - tag+:y -F name,tag <<<bo@faro.es
	gives 0 $'name:Bo Lind\ttag:x\ttag:y'
}

@test "each line says id; a line without kind is of its record's" {
	runs crm-edit - -F name,city <<<$'id:bo@faro.es\tcity:Lugo'
	gives 0 $'name:Bo Lind\tcity:Lugo'
	runs crm-edit - -F name,amount <<<"id:$(crm-find kind:deal -o id)	amount:3"
	gives 0 $'name:Big\tamount:3.00'
	runs crm-edit - <<<'name:Eve'
	gives 65 '' $'crm-edit: stdin:1: no id: which record is to be changed?\ncrm-edit: nothing stored, 1 of 1 line refused'
	runs crm-edit - <<<"id:$(id_of bo@faro.es)	kind:company	city:Lugo"
	gives 65 '' $'crm-edit: stdin:1: kind: got company, but this is a contact\ncrm-edit: nothing stored, 1 of 1 line refused'
	runs crm-edit kind:deal - <<<"id:$(id_of bo@faro.es)	kind:contact	city:Lugo"
	gives 65 '' $'crm-edit: stdin:1: kind: got \'contact\', wanted deal\ncrm-edit: nothing stored, 1 of 1 line refused'
	runs crm-edit - <<<$'id:bo@faro.es\tkind:contact\tcty:Lugo\nid:bo@faro.es\temail:x@'
	gives 65 '' $'crm-edit: stdin:1: unknown field \'cty\'; did you mean \'city\'?\ncrm-edit: stdin:2: email: got \'x@\', wanted local@domain\ncrm-edit: nothing stored, 2 of 2 lines refused'
	runs crm-edit - <<<$'id:01ARZ3NDEKTSV4RRFFQ69G5FAV\tcity:Lugo'
	gives 65 '' $'crm-edit: stdin:1: no record \'01ARZ3NDEKTSV4RRFFQ69G5FAV\'\ncrm-edit: nothing stored, 1 of 1 line refused'
}

@test "fields of the command go over those of each line" {
	runs crm-edit - stage:lead tag+:x -F stage,tag <<<$'id:bo@faro.es\tstage:former\ttag:y'
	gives 0 $'stage:lead\ttag:y\ttag:x'
	runs crm-edit - stge:lead <<<$'id:bo@faro.es\tstage:former'
	gives 2 '' "crm-edit: argument 2: unknown field 'stge'; did you mean 'stage'?"
}

@test "handles and lines of stdin together" {
	runs crm-edit ana@acme.es - city:Lugo -F name,city <<<bo@faro.es
	gives 0 $'name:Ana Núñez\tcity:Lugo\nname:Bo Lind\tcity:Lugo'
	runs bash -c 'printf "ana@acme.es\nbo@faro.es\n" | while read -r h; do crm-edit "$h" tag:w -F name; done'
	gives 0 $'name:Ana Núñez\nname:Bo Lind'
}

@test "read-only labels of a line are ignored, with a note where they differ" {
	runs crm-edit --verbose - -F name,city <<<$'id:ana@acme.es\tkind:contact\topen_deals:5\tcity:Lugo'
	gives 0 $'name:Ana Núñez\tcity:Lugo' $'crm-edit: open_deals: ignored: 1 line differs from the store\ncrm-edit: changed 1, unchanged 0; crm-undo takes it back'
}

@test "each input format" {
	runs crm-edit - -F name,tag <<<'{"id":"bo@faro.es","tag+":["j"],"city":null}'
	gives 0 $'name:Bo Lind\ttag:j'
	runs crm-edit -i csv - -F name,city,stage <<<$'id,city,stage\nbo@faro.es,Lugo,'
	gives 0 $'name:Bo Lind\tcity:Lugo\tstage:customer'
	runs crm-edit -i csv --clear-empty - -F name,city,stage <<<$'id,city,stage\nbo@faro.es,Vigo,'
	gives 0 $'name:Bo Lind\tcity:Vigo'
	runs crm-edit -i tsv - -F city <<<$'id\tcity\nbo@faro.es\tOza'
	gives 0 city:Oza
	runs crm-edit -i csv --delim ';' - -F city <<<$'id;city\nbo@faro.es;Noia'
	gives 0 city:Noia
	runs crm-edit -i yaml - -F city,tag <<<$'id: bo@faro.es\ncity: Lugo\ntag: [a, b]'
	gives 0 $'city:Lugo\ttag:a\ttag:b'
	runs bash -c 'printf "id:bo@faro.es\tcity:Ribeira\0" | crm-edit -z - -F city'
	gives 0 city:Ribeira
	runs crm-edit --decimal comma - -F amount <<<"id:$(crm-find kind:deal -o id)	kind:deal	amount:1.234,50"
	gives 0 amount:1234.50
	runs crm-edit --last-wins bo@faro.es city:A city:B -F city
	gives 0 city:B
	runs crm-edit --strict - <<<$'ID:bo@faro.es\tcity:Lugo'
	status_is 65
	runs crm-edit --max-line 5 - <<<$'id:bo@faro.es\tcity:Lugo'
	status_is 65
}

@test "each output format, and what selects" {
	both='ana@acme.es bo@faro.es'
	# shellcheck disable=SC2086
	edited() { runs crm-edit $both source:fair "$@"; }
	edited -o json -F name,tag
	gives 0 $'{"name":"Ana Núñez","tag":["vip","old"]}\n{"name":"Bo Lind"}'
	edited -o json-array -F name
	gives 0 $'[\n{"name":"Ana Núñez"},\n{"name":"Bo Lind"}\n]'
	edited -o csv -F name,stage
	gives 0 $'name,stage\nAna Núñez,lead\nBo Lind,customer'
	edited -o csv -F name,tag --no-header --safe --crlf --delim ';'
	gives 0 $'Ana Núñez;"vip;old"\r\nBo Lind;\r'
	edited -o tsv -F name --bom
	status_is 0
	edited -o yaml -F name
	gives 0 $'name: Ana Núñez\n---\nname: Bo Lind'
	edited -o value -F name -s -name
	gives 0 $'Bo Lind\nAna Núñez'
	edited -o id -l 1
	masked
	gives 0 ID
	edited -o template='{{name}}' -l 1
	gives 0 'Ana Núñez'
	edited -o table -F name,stage
	gives 0 $'NAME       STAGE\nAna Núñez  lead\nBo Lind    customer'
	edited -o table --wide --no-header -F name
	gives 0 $'Ana Núñez\nBo Lind'
	runs bash -c 'crm-edit bo@faro.es source:fair -0 -F name | od -An -c'
	gives 0 '   n   a   m   e   :   B   o       L   i   n   d  \0'
	edited --stored -l 1 -F open_deals,name
	gives 0 'name:Ana Núñez'
	edited --line-buffered --color=never -F name
	gives 0 $'name:Ana Núñez\nname:Bo Lind'
	runs bash -c 'crm-edit ana@acme.es source:fair -o csv --all-fields | head -1'
	status_is 0
	edited -F nmae
	gives 2 '' "crm-edit: --fields: unknown field 'nmae' of contact; did you mean 'name'?"
}

@test "store commands in one pipe neither wait nor lose" {
	runs bash -c 'crm-find | crm-edit - tag+:x | crm-edit - city:Lugo | crm-edit - -F name,tag,city,rev'
	gives 0 $'name:Ana Núñez\ttag:vip\ttag:old\ttag:x\tcity:Lugo\trev:3\nname:Bo Lind\ttag:x\tcity:Lugo\trev:3'
	runs bash -c 'crm-find -o id | crm-edit tag+:y | head -n 1 | wc -l'
	gives 0 1
	runs crm-find -c tag:y
	gives 0 2
	runs crm-edit - tag+:z < <(crm-find | sed 's/$/\r/')
	status_is 0
}

@test "an interrupted run stores nothing" {
	mkfifo in
	crm-edit - tag+:late <in >out 2>err 3>&- &
	pid=$!
	exec 7>in
	crm-find >&7
	kill -TERM "$pid"
	exec 7>&-
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	[ ! -s out ]
	[ "$(crm-find -c tag:late)" = 0 ]
}

# ---- --replace ----

@test "--replace: the line is the whole record" {
	runs crm-edit --replace - <<<$'id:ana@acme.es\tname:Ana\tcompany:Faro'
	masked
	gives 0 $'id:ID\tkind:contact\trev:2\tname:Ana\tcompany:Faro\tcompany_id:ID\tcreated:2026-03-02T09:00:00Z\tupdated:2026-03-02T09:00:00Z\topen_deals:1\tpipeline:100.00'
	runs crm-edit --replace bo@faro.es name:Bo -F name,email,phone,stage,note
	gives 0 name:Bo
	crm-find kind:contact,company,deal >all
	runs crm-edit --replace --verbose - -l 0 <all
	gives 0 '' 'crm-edit: changed 0, unchanged 4'
	runs crm-edit --replace - <<<"id:$(id_of faro.es)	kind:company	city:Lugo"
	gives 65 '' $'crm-edit: stdin:1: a company needs one of name, domain\ncrm-edit: nothing stored, 1 of 1 line refused'
}

# ---- -n, --follow ----

@test "-n prints the change lines and changes nothing" {
	crm-find kind:contact,company >before
	runs crm-edit -n --verbose ana@acme.es stage:former tag-:old tag+:new
	masked
	sed -i "s/_by:$(id -un)/_by:me/" "$OUT"
	gives 0 $'id:ID\tkind:contact\trev:2\tname:Ana Núñez\t_do:edit\t_field:stage\t_old:lead\t_new:former\t_at:2026-03-02T09:00:00Z\t_by:me\t_prog:crm-edit
id:ID\tkind:contact\trev:2\tname:Ana Núñez\t_do:edit\t_field:tag\t_old:old\t_at:2026-03-02T09:00:00Z\t_by:me\t_prog:crm-edit
id:ID\tkind:contact\trev:2\tname:Ana Núñez\t_do:edit\t_field:tag\t_new:new\t_at:2026-03-02T09:00:00Z\t_by:me\t_prog:crm-edit' \
		'crm-edit: would change 1 record; nothing stored'
	runs crm-edit -n bo@faro.es company:Nova -o json -F _do,kind,name,_field
	gives 0 $'{"_do":"add","kind":"company","name":"Nova"}\n{"_do":"edit","kind":"contact","name":"Bo Lind","_field":"company_id"}'
	runs crm-edit -n ana@acme.es rev:7 stage:former
	status_is 75
	runs crm-edit -n --where tag:vip 'tag:' -F _old
	gives 0 $'_old:vip\n_old:old'
	crm-find kind:contact,company >after
	same before after
}

@test "what -n prints is what crm-changes prints afterwards" {
	crm-edit -n ana@acme.es bo@faro.es city:Lugo tag+:a tag-:old stage: >dry
	[ "$(wc -l <dry)" = 7 ]
	crm-edit -q ana@acme.es bo@faro.es city:Lugo tag+:a tag-:old stage:
	crm-changes --since 2 | sed -E 's/\t_(op|seq):[^\t]*//g' >real
	same dry real
}

@test "crm-undo takes an edit back, and a second time" {
	crm-find kind:contact,company,deal | sed 's/\trev:[0-9]*//' >before
	crm-edit -q --where tag:vip stage:customer company:Nova 'tag:' email+:a@b.es note:x
	crm-edit -q --replace bo@faro.es name:Bo
	crm-undo -q
	crm-undo -q
	crm-find kind:contact,company,deal | sed 's/\trev:[0-9]*//' >after
	same before after
}

@test "the two edit pipelines of the manual" {
	crm-edit -q ana@acme.es email+:ana@b.es tag+:expo
	runs bash -c 'crm-find tag:expo -o json | jq -c '\''select((.email|length)>1)|{id,"tag+":["multi"]}'\'' | crm-edit - -F name,tag'
	gives 0 $'name:Ana Núñez\ttag:vip\ttag:old\ttag:expo\ttag:multi'
	runs bash -c 'crm-find stage:lead | sed '\''s/\tstage:lead\t/\tstage:qualified\t/'\'' | crm-edit -n - -F _field,_old,_new'
	gives 0 $'_field:stage\t_old:lead\t_new:qualified'
}

@test "--follow commits when the input pauses" {
	mkfifo in
	crm-edit --follow city:Lugo -F name,city <in >seen 3>&- &
	pid=$!
	exec 7>in
	echo bo@faro.es >&7
	for ((i = 0; i < 600; i++)); do
		[ -s seen ] && break
		sleep 0.05
	done
	[ "$(cat seen)" = $'name:Bo Lind\tcity:Lugo' ]
	[ "$(crm-find -c city:Lugo)" = 1 ]
	exec 7>&-
	wait $pid
}

# ---- the store ----

@test "without a store there is nothing to change, and none is made" {
	export XDG_DATA_HOME=$PWD/none
	runs crm-edit ana@acme.es stage:lead
	gives 66 '' "crm-edit: no contact 'ana@acme.es'"
	runs crm-edit - </dev/null
	gives 0
	[ ! -e none ]
	runs crm-edit -D nowhere ana@acme.es stage:lead
	status_is 66
	[[ $stderr == "crm-edit: nowhere: "* ]]
	[ ! -e nowhere ]
}

@test "a store that may not be written is 77" {
	[ "$(id -u)" -ne 0 ] || {
		ln -s "$XDG_DATA_HOME/crm" link
		runs crm-edit -D link ana@acme.es stage:lead
		status_is 77
		return
	}
	chmod 0500 "$XDG_DATA_HOME/crm"
	chmod 0400 "$XDG_DATA_HOME/crm"/data.mdb
	runs crm-edit ana@acme.es stage:customer
	chmod 0700 "$XDG_DATA_HOME/crm"
	status_is 77
}

@test "full and closed outputs are 74, a bad configuration 78, a busy store 75" {
	runs bash -c 'crm-edit ana@acme.es city:Lugo >/dev/full'
	gives 74 '' 'crm-edit: standard output: No space left on device'
	runs bash -c 'crm-edit --help >/dev/full'
	status_is 74
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-edit ana@acme.es city:Lugo
	gives 78 '' "crm-edit: ~/.config/crm/config.yaml:1:1: unknown key 'colour'; did you mean 'color'?"
}

@test "-h, --help, -V; --reject that cannot be made is 73" {
	runs crm-edit -h
	status_is 0
	[ "${lines[1]}" = 'usage: crm-edit [options] [kind:KIND] [HANDLE ...] [FIELD:VALUE ...] [-]' ]
	[ "${#lines[@]}" -le 40 ]
	runs crm-edit --help
	status_is 0
	runs crm-edit -V
	status_is 0
	[[ $output == 'crm-edit (crm-utils) '* ]]
	runs crm-edit --reject no/such/file - <<<$'id:bo@faro.es\tcity:Lugo'
	gives 73 '' 'crm-edit: --reject: no/such/file: No such file or directory'
}

@test "completion: handles, labels, values, kinds" {
	runs crm-edit --crm-complete -- an
	status_is 0
	[[ $output == *$'ana@acme.es\tAna Núñez'* ]]
	runs crm-edit --crm-complete -- ana@acme.es stage:cu
	gives 0 $'stage:customer\t'
	runs crm-edit --crm-complete -- kind:deal stage:wo
	gives 0 $'stage:won\t'
	runs crm-edit --crm-complete -- ana@acme.es tag-:o
	gives 0 $'tag-:old\t1 contact'
	runs crm-edit --crm-complete -- kind:comp
	gives 0 $'kind:company\t'
	runs crm-edit --crm-complete -- kin
	gives 0 $'kind:\t'
	runs crm-edit --crm-complete -- --rep
	gives 0 $'--replace\twhat is given is the whole record, the rest goes'
}

# ---- the editor ----

@test "the editor gets a form, and what is changed there is stored" {
	edits 'cp "$1" form
sed -i -e "s/^stage: lead/stage: qualified/" -e "/^company:/d" \
	-e "s/^# city:/city: Lugo/" "$1"'
	runs crm-edit --editor ana@acme.es -F name,company,city,stage,tag,rev
	gives 0 $'name:Ana Núñez\tcity:Lugo\tstage:qualified\ttag:vip\ttag:old\trev:2'
	no_texts
	sed -E -i 's/01[0-9A-HJKMNP-TV-Z]{24}/ID/' form
	is form form <<'EOT'
# Change what you like, save, and leave the editor. A field that is
# taken out is removed. A text that is unchanged or empty changes nothing.
id: ID
kind: contact
rev: 1
name: Ana Núñez
email:
  - ana@acme.es
company: Faro
stage: lead
tag:
  - vip
  - old
#
# Further fields:
# given:
# family:
# prefix:
# phone:
# title:
# department:
# street:
# city:
# region:
# postcode:
# country:
# lang:
# tz:
# birthday:
# url:
# handle:
# source:
# campaign_id:
# owner:
# channel:
# next:
# cadence:
# note:
# ext:
# restricted:
# hold:
#
# Read only:
# created: 2026-03-02T09:00:00Z
# updated: 2026-03-02T09:00:00Z
# open_deals: 1
# pipeline: 100.00
EOT
}

@test "the text is private, and named as YAML" {
	edits 'stat -c "%a %n" "$1" "$(dirname "$1")" >seen'
	runs crm-edit --editor ana@acme.es
	gives 0
	sed -E -i 's|crm-edit-[A-Za-z0-9]{6}|X|' seen
	is seen modes "600 $TMPDIR/X/edit.yaml" "700 $TMPDIR/X"
}

@test "VISUAL comes before EDITOR, blanks are none, words are the shell's" {
	export EDITOR=false VISUAL='touch seen; :'
	runs crm-edit --editor ana@acme.es
	gives 0
	[ -e seen ]
	export VISUAL=' ' EDITOR="sed -i 's/^stage: .*/stage: former/'"
	runs crm-edit --editor ana@acme.es -F stage
	gives 0 stage:former
}

@test "vi is the last resort" {
	mkdir bin
	printf '#!/bin/sh\nsed -i "s/^stage: .*/stage: former/" "$1"\n' >bin/vi
	chmod +x bin/vi
	PATH=$PWD/bin:$PATH runs crm-edit --editor ana@acme.es -F stage
	gives 0 stage:former
}

@test "an unchanged or empty text writes nothing" {
	EDITOR=true runs crm-edit --editor --verbose ana@acme.es
	gives 0 '' 'crm-edit: unchanged; nothing stored'
	edits ': >"$1"'
	runs crm-edit --editor --verbose ana@acme.es
	gives 0 '' 'crm-edit: the text is empty; nothing stored'
	edits 'rm "$1"'
	runs crm-edit --editor --verbose ana@acme.es
	gives 0 '' 'crm-edit: the text is empty; nothing stored'
	edits 'sed -i "s/^# Read only:/# Look:/" "$1"'
	runs crm-edit --editor --verbose ana@acme.es -F name,rev
	gives 0 $'name:Ana Núñez\trev:1' 'crm-edit: changed 0, unchanged 1'
	no_texts
}

@test "long and many-lined texts, references and odd values come back as they went" {
	long=$(printf 'word %.0s' {1..60})end
	crm-edit -q ana@acme.es "note:first\\n\\n  indented: # no comment\\n- item\\n---\\nlast" \
		"source:$long" 'title:yes' 'x.odd:: - "q" {' x.two:1 x.two:2 "city:a\\tb"
	crm-show ana@acme.es --since 2030-01-01 >before
	edits 'sed -i "s/^# prefix:/prefix: Dr/" "$1"'
	runs crm-edit -q --editor ana@acme.es
	gives 0
	stored ana@acme.es prefix
	gives 0 prefix:Dr
	crm-edit -q ana@acme.es prefix:
	crm-show ana@acme.es --since 2030-01-01 | sed 's/\trev:4\t/\trev:2\t/' >after
	same before after
	edits 'cat "$1" >form; sed -i "s/^  - 01.*/  - bo@faro.es/" "$1"'
	runs crm-edit --editor "$(crm-find kind:deal -o id)" -F name,contact
	gives 0 $'name:Big\tcontact:Bo Lind'
	grep -q '^  - 01[0-9A-Z]* # Ana Núñez$' form
	grep -q '^amount: 100.00$' form
}

@test "several records in one text; one that is taken out stays" {
	edits 'sed -i -e "s/^stage: .*/stage: former/" -e "/^name: Big/,\$d" "$1"'
	runs crm-edit --editor ana@acme.es bo@faro.es -F name,stage
	gives 0 $'name:Ana Núñez\tstage:former\nname:Bo Lind\tstage:former'
	edits 'sed -i -e "1,/^---/d" -e "s/^stage: .*/stage: lead/" "$1"'
	runs crm-edit --editor ana@acme.es bo@faro.es -F name,stage
	gives 0 $'name:Bo Lind\tstage:lead'
	stored ana@acme.es stage
	gives 0 stage:former
	edits 'sed -i "s/^stage: .*/stage: customer/" "$1"'
	crm-find -o id >ids
	runs crm-edit --editor - -F name,stage <ids
	gives 0 $'name:Ana Núñez\tstage:customer\nname:Bo Lind\tstage:customer'
	runs crm-edit --editor --where tag:vip -n -F _field
	gives 0
	runs crm-edit --editor - <<<$'name:x'
	gives 65 '' 'crm-edit: stdin:1: no id: which record is to be changed?'
	no_texts
}

@test "a record that the text did not hold, or twice, is refused" {
	edits 'sed -i "s/^id: .*/id: 01ARZ3NDEKTSV4RRFFQ69G5FAV/" "$1"'
	runs crm-edit --editor ana@acme.es
	masked
	gives 65 '' $'crm-edit: TEXT/edit.yaml:3: id: got \'ID\', wanted that of a record of this text\ncrm-edit: nothing stored; the text is kept in TEXT/edit.yaml\nMend it, then: crm-edit --replace -i yaml - <TEXT/edit.yaml'
	edits '{ cat "$1"; echo ---; cat "$1"; } >twice; cp twice "$1"'
	runs crm-edit --editor ana@acme.es
	status_is 65
	[[ $stderr == *'id: this record stands here twice'* ]]
	edits 'sed -i "s/^name:/name/" "$1"'
	runs crm-edit --editor ana@acme.es
	status_is 65
	[[ $stderr == *'edit.yaml:3: line '* ]]
}

@test "off the terminal a refused text is kept, and stored once it is mended" {
	edits 'sed -i -e "s/^stage: .*/stage: former/" -e s/acme.es// -e "/^tag:/,/old/d" "$1"'
	runs crm-edit --editor ana@acme.es
	masked
	gives 65 '' $'crm-edit: TEXT/edit.yaml:7: email: got \'ana@\', wanted local@domain\ncrm-edit: nothing stored; the text is kept in TEXT/edit.yaml\nMend it, then: crm-edit --replace -i yaml - <TEXT/edit.yaml'
	stored ana@acme.es stage
	gives 0 stage:lead
	sed -i 's/ana@/ana@acme.es/' "$TMPDIR"/*/edit.yaml
	runs crm-edit --replace -i yaml - -F name,email,company,stage,tag <"$(echo "$TMPDIR"/*/edit.yaml)"
	gives 0 $'name:Ana Núñez\temail:ana@acme.es\tcompany:Faro\tstage:former'
}

@test "a missing or failing editor is 69, and the text is kept" {
	EDITOR=no-such-editor runs crm-edit --editor ana@acme.es
	masked
	status_is 69
	[[ $(tail -n 2 "$ERR") == $'crm-edit: cannot run the editor \'no-such-editor\'; set VISUAL or EDITOR\nThe text is kept in TEXT/edit.yaml.' ]]
	out_empty
	EDITOR=false runs crm-edit --editor ana@acme.es
	masked
	gives 69 '' $'crm-edit: the editor \'false\' failed with status 1\nThe text is kept in TEXT/edit.yaml.'
	edits 'echo "# kept" >>"$1"; kill -9 $$'
	runs crm-edit --editor ana@acme.es
	status_is 69
	[[ $stderr == *'was ended by signal 9'* ]]
	grep -q '# kept' "$TMPDIR"/*/edit.yaml
	[ "$(find "$TMPDIR" -name edit.yaml | wc -l)" = 3 ]
	stored ana@acme.es rev
	gives 0 rev:1
}

@test "a change by another while the editor runs is a conflict" {
	edits 'crm-edit -q ana@acme.es city:Vigo
sed -i "s/^stage: lead/stage: former/" "$1"'
	runs crm-edit --editor ana@acme.es
	masked
	gives 75 '' $'crm-edit: TEXT/edit.yaml:5: rev: got 1, wanted 2: \'Ana Núñez\' was changed after it was read
Read it again with crm-find, or use --force to overwrite.
crm-edit: nothing stored; the text is kept in TEXT/edit.yaml
To overwrite: crm-edit --force --replace -i yaml - <TEXT/edit.yaml'
	stored ana@acme.es city,stage
	gives 0 $'city:Vigo\tstage:lead'
	edits 'crm-edit -q ana@acme.es city:Lugo
sed -i "s/^stage: lead/stage: former/" "$1"'
	runs crm-edit --editor --force ana@acme.es -F city,stage,rev
	gives 0 $'city:Lugo\tstage:former\trev:4'
}

@test "what does not go with the editor" {
	runs crm-edit --editor ana@acme.es city:Lugo
	gives 2 '' 'crm-edit: --editor asks for the changes, so fields do not go with it'
	runs crm-edit --editor --follow
	gives 2 '' 'crm-edit: --editor does not go with --follow, --keep-going or --reject'
	for ((i = 0; i < 1001; i++)); do echo "name:N$i	tag:many"; done | crm-add -q -
	runs crm-edit --editor --where tag:many
	gives 2 '' 'crm-edit: more than 1000 records are no text for an editor; say FIELD:VALUE, or change lines of crm-find'
	crm-find -o id >ids
	runs crm-edit --editor - <ids
	gives 2 '' 'crm-edit: more than 1000 records are no text for an editor; say FIELD:VALUE, or change lines of crm-find'
	no_texts
	export TMPDIR=$PWD/none
	runs crm-edit --editor ana@acme.es
	status_is 73
}

@test "the editor has no store open, and SIGPIPE as it came in" {
	edits 'ls -l /proc/self/fd | grep -c mdb >fds
sh -c "kill -PIPE \$\$"; echo $? >pipe'
	runs crm-edit --editor ana@acme.es
	gives 0
	is fds descriptors 0
	[ "$(cat pipe)" -ge 128 ]
}

@test "SIGTERM ends the editor, then us; the text is kept" {
	edits 'echo "# begun" >>"$1"; touch begun; exec sleep 30'
	crm-edit --editor ana@acme.es >out 2>err 3>&- &
	pid=$!
	for ((i = 0; i < 600; i++)); do
		[ -e begun ] && break
		sleep 0.05
	done
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	grep -q '# begun' "$TMPDIR"/*/edit.yaml
	grep -q '^crm-edit: interrupted$' err
}

# ---- on a terminal ----

@test "on a terminal a handle alone opens the editor" {
	edits '[ -t 0 ] && [ -t 1 ] && sed -i "s/^stage: lead/stage: former/" "$1"'
	on_terminal 80 crm-edit ana@acme.es -F name,stage --color=never >seen
	is seen 'the terminal' 'NAME       STAGE' 'Ana Núñez  former' '1 contact' \
		'crm-edit: changed 1, unchanged 0; crm-undo takes it back'
	no_texts
	on_terminal 80 crm-edit >seen
	grep -q '^usage: crm-edit' seen
}

@test "the editor has the terminal where stdin or stdout is a pipe" {
	edits '[ -t 0 ] && [ -t 1 ] && sed -i "s/^stage: .*/stage: former/" "$1"'
	on_terminal 80 bash -c 'crm-find -o id | crm-edit --editor - -F name,stage 2>err | cat >out'
	is out stdout $'name:Ana Núñez\tstage:former' $'name:Bo Lind\tstage:former'
}

@test "on a terminal a refused text comes back with the reason, until it is mended" {
	edits 'n=$(cat round 2>/dev/null || echo 0); n=$((n + 1)); echo $n >round
cp "$1" "round$n"
case $n in
1) sed -i -e "s/ana@acme.es/ana@/" -e "s/^stage: lead/stage: customr/" "$1" ;;
2) sed -i -e "s/ana@/ana@acme.es/" "$1" ;;
3) sed -i -e "s/customr/customer/" "$1" ;;
esac'
	on_terminal 80 crm-edit ana@acme.es -F name,email,stage -o ltsv >seen
	is seen 'the terminal' $'name:Ana Núñez\temail:ana@acme.es\tstage:customer' \
		'crm-edit: changed 1, unchanged 0; crm-undo takes it back'
	head -n 9 round2 | sed '5s/.*/id/' >top
	is top 'the second text' <<'EOT'
#! Refused, nothing is stored: each reason stands above its line.
#! Mend it; or leave the text as it is, or empty, to give up.
# Change what you like, save, and leave the editor. A field that is
# taken out is removed. A text that is unchanged or empty changes nothing.
id
kind: contact
rev: 1
name: Ana Núñez
#! email: got 'ana@', wanted local@domain
EOT
	grep -A 1 '^#! Stages' round3 | tail -n 1 | grep -q '^stage: customr'
	[ "$(grep -c '^#!' round3)" = 4 ]
	[ "$(cat round)" = 3 ]
	no_texts
}

@test "on a terminal a refused text is given up by leaving it, or emptying it" {
	edits 'n=$(cat round 2>/dev/null || echo 0); echo $((n + 1)) >round
[ $n -gt 0 ] || sed -i -e "s/ana@acme.es/ana@/" "$1"'
	on_terminal 200 bash -c 'crm-edit ana@acme.es; echo "status $?"' >seen
	sed -E -i "s|$TMPDIR/crm-edit-[A-Za-z0-9]{6}|TEXT|g" seen
	is seen 'the terminal' 'crm-edit: given up: nothing stored; the text is kept in TEXT/edit.yaml' \
		'Mend it, then: crm-edit --replace -i yaml - <TEXT/edit.yaml' 'status 65'
	[ "$(cat round)" = 2 ]
	rm -r round "${TMPDIR:?}"/*
	edits 'n=$(cat round 2>/dev/null || echo 0); echo $((n + 1)) >round
[ $n -gt 0 ] && : >"$1" || sed -i -e "s/ana@acme.es/ana@/" "$1"'
	on_terminal 80 bash -c 'crm-edit ana@acme.es; echo "status $?"' >seen
	is seen 'the terminal' 'crm-edit: the text is empty; nothing stored' 'status 0'
	no_texts
}

@test "-l bounds the change lines of -n too" {
	crm-add -q contact name:Bo email:bo@x.es
	crm-add -q contact name:Cy email:cy@x.es
	runs crm-edit -n -l 1 bo@x.es cy@x.es tag:a --verbose -F name,_new
	status_is 0
	out_is 'name:Bo	_new:a'
	err_is 'crm-edit: would change 2 records; nothing stored'
}

# SPDX-License-Identifier: MIT
# crm-add: arguments, lines, keys, links, what it prints and what it refuses.
# shellcheck disable=SC2154 # helper.bash sets stderr and stderr_lines
load helper

# masked: ids of 26 characters as ID, suffixes before a name as XXXX.
masked() {
	sed -E -i -e 's/01[0-9A-HJKMNP-TV-Z]{24}/ID/g' \
		-e "s/ of [0-9A-Z]{4} / of XXXX /" "$OUT" "$ERR"
}

# stored KIND LIST: what the store has of it, these fields.
stored() {
	runs crm-find "kind:$1" -F "$2"
}

# ---- arguments ----

@test "a contact from arguments, printed as stored" {
	runs crm-add contact name:'Ana Núñez' email:ana@acme.es tag:vip
	masked
	gives 0 $'id:ID\tkind:contact\trev:1\tname:Ana Núñez\temail:ana@acme.es\ttag:vip\tcreated:2026-03-02T09:00:00Z\tupdated:2026-03-02T09:00:00Z'
	runs crm-find -F name,email,tag
	gives 0 $'name:Ana Núñez\temail:ana@acme.es\ttag:vip'
}

@test "without a kind it is a contact; kind:KIND says it too" {
	runs crm-add name:Bo -F kind,name
	gives 0 $'kind:contact\tname:Bo'
	runs crm-add kind:company name:Faro -F kind,name
	gives 0 $'kind:company\tname:Faro'
	runs crm-add kind:compny name:Faro
	gives 2 '' "crm-add: argument 1: unknown kind 'compny'; did you mean 'company'?"
	runs crm-add contact kind:company name:Faro
	gives 2 '' "crm-add: argument 2: kind: got 'company', but contact was said before"
}

@test "the rest of a word is the value, whatever stands in it" {
	runs crm-add name:Bo 'note:see https://a.es:8080/ a=b "c"' \
		-F note
	gives 0 'note:see https://a.es:8080/ a=b "c"'
	runs crm-add name:Bo 'note:a\tb\\c\nd\x' -F note
	gives 0 'note:a\tb\\c\nd\\x'
	runs crm-add name:Bo 'NOTE:capitals' -F note
	gives 0 note:capitals
}

@test "a field of several values is given several times" {
	runs crm-add name:Bo email:bo@a.es email:bo@b.es tag:x tag+:y tag:x \
		x.car:Seat x.car:Fiat -F email,tag,x.car
	gives 0 $'email:bo@a.es\temail:bo@b.es\ttag:x\ttag:y\tx.car:Seat\tx.car:Fiat'
}

@test "a field of one value is given once, or the last one wins" {
	runs crm-add name:Bo city:Lugo city:Vigo
	gives 65 '' 'crm-add: argument 3: city: got two values, wanted one; --last-wins takes the last'
	runs crm-add name:Bo city:Lugo city:Vigo --last-wins -F city
	gives 0 city:Vigo
}

@test "nothing after the colon is nothing; nothing is taken from what is new" {
	runs crm-add name:Bo city: -F name,city
	gives 0 name:Bo
	runs crm-add name:Bo tag-:lead
	gives 2 '' 'crm-add: argument 2: tag-: a new record has nothing to take away'
	runs crm-add name:Bo city+:Lugo -F city
	gives 0 city:Lugo
}

@test "a word that is no field shows how to spell one" {
	runs crm-add lui
	gives 2 '' "crm-add: argument 1: 'lui' is neither a kind nor a field; name:lui?"
	runs crm-add contact 'Ana Ruiz'
	gives 2 '' "crm-add: argument 2: 'Ana Ruiz' is neither a kind nor a field; name:'Ana Ruiz'?"
	runs crm-add contact ana@acme.es
	gives 2 '' "crm-add: argument 2: 'ana@acme.es' is neither a kind nor a field; email:ana@acme.es?"
	runs crm-add task ana@acme.es
	gives 2 '' "crm-add: argument 2: 'ana@acme.es' is neither a kind nor a field; title:ana@acme.es?"
	runs crm-add contcat name:x
	gives 2 '' "crm-add: argument 1: 'contcat' is neither a kind nor a field; did you mean 'contact'?"
	runs crm-add contact id:K7BV
	status_is 2
	runs crm-add contact https://acme.es/x
	status_is 2
}

@test "unknown names in an argument are 2, with the nearest" {
	runs crm-add contact name:Ana stage:custmer
	gives 2 '' $'crm-add: argument 3: stage: got \'custmer\'; did you mean \'customer\'?\nStages: lead, qualified, customer, former.'
	runs crm-add contact name:Ana emial:a@b.es
	gives 2 '' "crm-add: argument 3: unknown field 'emial'; did you mean 'email'?"
	runs crm-add contact name:Ana erp:4711
	gives 2 '' "crm-add: argument 3: unknown field 'erp'; did you mean the handle 'erp/4711'?"
	runs crm-add contact name:Ana revenue:5
	gives 2 '' 'crm-add: argument 3: revenue: it follows from other records and is never set'
	runs crm-add contact name:Ana company.city:Lugo
	gives 2 '' 'crm-add: argument 3: company.city: it follows from other records and is never set'
	runs crm-add --limt
	gives 2 '' $'crm-add: unknown option \'--limt\'; did you mean \'--limit\'?\nTry \'crm-add --help\'.'
	runs crm-add contact name:Ana -F nmae
	status_is 2
	runs crm-find -c
	gives 0 0
}

@test "stamps in an argument: created dates a new record, the rest is 2" {
	runs crm-add name:Bo created:2020-01-01 -F name,created,updated
	gives 0 $'name:Bo\tcreated:2020-01-01T00:00:00Z\tupdated:2026-03-02T09:00:00Z'
	runs crm-add name:Bo updated:2020-01-01
	gives 2 '' 'crm-add: argument 2: updated: the store keeps it; it is never set'
	runs crm-add name:Bo rev:3
	gives 2 '' 'crm-add: argument 2: rev: the store keeps it; it is never set'
	runs crm-add --key email email:bo@faro.es created:2020-01-01
	gives 2 '' 'crm-add: argument 2: created: the store keeps it; it is never set'
}

@test "a value that its type refuses is 65; of several the argument is named" {
	runs crm-add contact name:Ana email:a@b.es email:x@
	gives 65 '' "crm-add: argument 4: email: got 'x@', wanted local@domain"
	runs crm-add deal name:D amount:1234,50 currency:EUR
	gives 65 '' "crm-add: argument 3: amount: got '1234,50', wanted '1234.50'; --decimal comma reads it"
}

@test "what a kind needs" {
	runs crm-add contact city:Lugo
	gives 65 '' 'crm-add: a contact needs one of name, given, family, email, phone, handle, company, ext'
	runs crm-add company city:Lugo
	gives 65 '' 'crm-add: a company needs one of name, domain'
	runs crm-add activity note:x
	status_is 2
	runs crm-add activity body:x
	gives 65 '' 'crm-add: an activity needs type'
	runs crm-add task note:x
	gives 65 '' 'crm-add: a task needs title'
	runs crm-add product name:x
	gives 65 '' 'crm-add: a product needs sku'
}

@test "a unique value has one owner, who is named" {
	crm-add -q name:'Marta Gil' email:marta@acme.es
	runs crm-add name:Eve email:MARTA@acme.es
	masked
	gives 65 '' 'crm-add: argument 2: email: MARTA@acme.es is that of XXXX Marta Gil'
	runs crm-add - <<<$'name:Eve\temail:eve@acme.es\temail:marta@acme.es'
	masked
	gives 65 '' $'crm-add: stdin:1: email: marta@acme.es is that of XXXX Marta Gil\ncrm-add: nothing stored, 1 of 1 line refused'
	runs crm-find -F name
	gives 0 'name:Marta Gil'
}

# ---- lines ----

@test "a line a record, printed in input order" {
	runs crm-add - -F name,kind <<-'EOT'
		name:Ana
		kind:company	name:Faro

		name:Bo	email:bo@faro.es
	EOT
	out_is $'name:Ana\tkind:contact' $'name:Faro\tkind:company' \
		$'name:Bo\tkind:contact'
	status_is 0
	runs crm-find -c kind:contact,company
	gives 0 3
}

@test "stdin is read without a dash too; nothing in it is nothing done" {
	runs crm-add <<<name:Ana -F name
	gives 0 name:Ana
	runs crm-add contact </dev/null
	gives 0
	runs crm-add - <<<$'\n\n'
	gives 0
	runs crm-find -c
	gives 0 1
}

@test "fields of the command go over those of each line" {
	runs crm-add contact - tag+:expo stage:lead -F name,stage,tag <<-'EOT'
		name:Ana	tag:vip	stage:customer
		name:Bo
	EOT
	out_is $'name:Ana\tstage:lead\ttag:vip\ttag:expo' \
		$'name:Bo\tstage:lead\ttag:expo'
	runs crm-add contact - tag:expo -F name,tag <<<$'name:Ana\ttag:vip'
	gives 0 $'name:Ana\ttag:expo'
	runs crm-add contact - company:Faro -F name,company <<<$'name:Ana\tcompany:Acme'
	gives 0 $'name:Ana\tcompany:Faro'
}

@test "a wrong field of the command is blamed once, not on the lines" {
	runs crm-add contact - emial:x <<<$'name:Ana\nname:Bo'
	gives 2 '' "crm-add: argument 3: unknown field 'emial'; did you mean 'email'?"
	runs crm-add contact - birthday:31.2. <<<$'name:Ana\nname:Bo'
	status_is 65
	[[ $stderr == "crm-add: argument 3: birthday: got '31.2.'"* ]]
}

@test "a line of another kind than the command's is refused" {
	runs crm-add contact - <<<$'name:Ana\nkind:company\tname:Faro'
	gives 65 '' $'crm-add: stdin:2: kind: got \'company\', wanted contact\ncrm-add: nothing stored, 1 of 2 lines refused; --keep-going stores the other 1'
	runs crm-add - <<<$'kind:compny\tname:Faro'
	gives 65 '' $'crm-add: stdin:1: kind: unknown kind \'compny\'; did you mean \'company\'?\ncrm-add: nothing stored, 1 of 1 line refused'
}

@test "all or nothing: every bad line is told, 20 at most" {
	{
		for i in {1..24}; do echo "name:N$i"$'\t'"email:x@"; done
		echo name:Good
	} >lines
	runs crm-add - <lines
	status_is 65
	out_empty
	[ "${#stderr_lines[@]}" -eq 22 ]
	[ "${stderr_lines[19]}" = "crm-add: stdin:20: email: got 'x@', wanted local@domain" ]
	[ "${stderr_lines[20]}" = 'crm-add: and 4 more lines refused' ]
	[ "${stderr_lines[21]}" = 'crm-add: nothing stored, 24 of 25 lines refused; --keep-going stores the other 1' ]
	runs crm-find -c
	gives 0 0
}

@test "the twelfth line of messages: one of 250" {
	{
		for i in {1..250}; do
			if [ "$i" -eq 17 ]; then
				printf 'name:N%d\temail:x@\n' "$i"
			else
				printf 'name:N%d\temail:n%d@a.es\n' "$i" "$i"
			fi
		done
	} >lines
	runs crm-add - <lines
	gives 65 '' $'crm-add: stdin:17: email: got \'x@\', wanted local@domain\ncrm-add: nothing stored, 1 of 250 lines refused; --keep-going stores the other 249'
}

@test "lines that the store refuses count with those that are wrong by themselves" {
	crm-add -q name:Ana email:ana@a.es
	runs crm-add - <<<$'name:A\temail:ana@a.es\nname:B\temail:x@\nname:C\nname:D\tcontact:x'
	masked
	status_is 65
	out_empty
	err_is "crm-add: stdin:2: email: got 'x@', wanted local@domain" \
		"crm-add: stdin:4: unknown field 'contact'" \
		"'x.contact:' is free for fields of your own; 'crm-db schema' lists those of kind contact." \
		'crm-add: stdin:1: email: ana@a.es is that of XXXX Ana' \
		'crm-add: nothing stored, 3 of 4 lines refused; --keep-going stores the other 1'
}

# ---- --keep-going, --reject ----

@test "--keep-going stores the good ones and ends with 1" {
	runs crm-add - --keep-going -F name <<<$'name:A\temail:x@\nname:B\nname:C\temail:c@a.es\nname:D\temail:c@a.es'
	masked
	status_is 1
	out_is name:B name:C
	err_is "crm-add: stdin:1: email: got 'x@', wanted local@domain" \
		'crm-add: stdin:4: email: c@a.es is that of XXXX C'
	runs crm-add - --keep-going -F name <<<$'name:E\nname:F'
	gives 0 $'name:E\nname:F'
}

@test "--reject in ltsv: as it came, with where and why; mended it is taken" {
	printf 'name:A\temail:x@\tnote:a\\tb\nname:B\nstgae:lead\tname:C\n' >in
	runs crm-add - --keep-going --reject bad -F name <in
	status_is 1
	out_is name:B
	is bad reject <<-'EOT'
		name:A	email:x@	note:a\tb	_line:1	_error:email: got 'x@', wanted local@domain
		stgae:lead	name:C	_line:3	_error:unknown field 'stgae'; did you mean 'stage'?
	EOT
	sed -i -e 's/x@/x@y.es/;s/stgae/stage/' bad
	runs crm-add - -F name,note,stage <bad
	gives 0 $'name:A\tnote:a\\tb\nname:C\tstage:lead'
}

@test "--reject without --keep-going stores nothing and still fills the file" {
	runs crm-add - --reject bad <<<$'name:A\temail:x@\nname:B'
	status_is 65
	is bad reject $'name:A\temail:x@\t_line:1\t_error:email: got \'x@\', wanted local@domain'
}

@test "--reject in json: two keys more; mended it is taken" {
	runs crm-add - --keep-going --reject bad -F name <<-'EOT'
		{"name":"A","email":["x@"]}
		{"name":"B"}
		{"name":"C","nested":{"x":[{"y":1}]}}
	EOT
	status_is 1
	out_is name:B
	[ "$(wc -l <bad)" -eq 2 ]
	grep -q '"_line":1' bad
	grep -q "\"_error\":\"email: got 'x@', wanted local@domain\"" bad
	runs jq -c '._line' bad
	out_is 1 3
	jq -c '.email=(.email//[]|map("a"+.+"b.es"))|del(.nested)' bad >mended
	runs crm-add - -F name,email <mended
	gives 0 $'name:A\temail:ax@b.es\nname:C'
}

@test "--reject in csv: two columns more, one header; mended it is taken" {
	printf 'name,email,note\nA,x@,"two\nlines"\nB,b@a.es,\nC,y@,\n' >in
	runs crm-add - -i csv --keep-going --reject bad -F name <in
	status_is 1
	out_is name:B
	err_is "crm-add: stdin:2: email: got 'x@', wanted local@domain" \
		"crm-add: stdin:5: email: got 'y@', wanted local@domain"
	[ "$(head -1 bad)" = name,email,note,_line,_error ]
	sed -i 's/[xy]@,/&/;s/x@/x@a.es/;s/y@/y@a.es/' bad
	runs crm-add - -i csv -F name,email,note <bad
	gives 0 $'name:A\temail:x@a.es\tnote:two\\nlines\nname:C\temail:y@a.es'
}

@test "--reject: a record refused by the store goes there too" {
	crm-add -q name:Ana email:ana@a.es
	runs crm-add - --keep-going --reject bad -F name <<<$'name:A\temail:ana@a.es\nname:B'
	status_is 1
	out_is name:B
	[ "$(cut -f1-3 bad)" = $'name:A\temail:ana@a.es\t_line:1' ]
	runs crm-add - --reject /nowhere/bad <<<name:A
	gives 73 '' 'crm-add: --reject: /nowhere/bad: No such file or directory'
}

# ---- --key ----

@test "--key changes what it finds and adds the rest" {
	crm-add -q name:Ana email:ana@a.es city:Lugo tag:x
	runs crm-add --verbose - --key email -F rev,name,email,city,tag <<-'EOT'
		email:ANA@a.es	city:Vigo	tag:y
		email:bo@a.es	name:Bo
	EOT
	status_is 0
	out_is $'rev:2\tname:Ana\temail:ana@a.es\tcity:Vigo\ttag:y' \
		$'rev:1\tname:Bo\temail:bo@a.es'
	err_is 'crm-add: added 1, changed 1, unchanged 0'
}

@test "a second load with --key changes nothing, and says so" {
	cat >in <<-'EOT'
		name:Ana	email:ana@a.es	company:Acme	tag:b	tag:a	birthday:--03-09
		name:Bo	ext:erp/1	phone:600 11 12 22	country:ES
		kind:company	name:Faro	domain:faro.es	size:12
		kind:order	ext:erp/9	item:A*2@3.50	currency:EUR	contact:ana@a.es	at:2025-01-02
	EOT
	crm-add -q - --key ext,email,domain <in
	crm-find 'kind:contact,company,order' >first
	runs crm-add --verbose - --key ext,email,domain -F rev <in
	status_is 0
	out_is rev:1 rev:1 rev:1 rev:1
	err_is 'crm-add: added 0, changed 0, unchanged 4'
	crm-find 'kind:contact,company,order' >second
	same first second
}

@test "edit forms hold under --key" {
	crm-add -q name:Ana email:ana@a.es tag:a tag:b city:Lugo note:x
	runs crm-add - --key email -F tag,city,note <<<$'email:ana@a.es\ttag+:c\ttag-:a\tcity:\tnote-:x'
	gives 0 $'tag:b\ttag:c'
	runs crm-add - --key email -F tag <<<$'email:ana@a.es\ttag+:c\ttag-:zz'
	gives 0 $'tag:b\ttag:c'
	runs crm-add - --key email -F tag <<<$'email:ana@a.es\ttag:d\ttag:e'
	gives 0 $'tag:d\ttag:e'
	runs crm-add - --key email -F tag <<<$'email:ana@a.es\ttag:'
	gives 0
	runs crm-add - --key email <<<$'email:ana@a.es\tcity+:x'
	status_is 65
}

@test "values of a key field are joined to those stored" {
	crm-add -q name:Ana email:ana@a.es
	runs crm-add - --key email -F email <<<$'email:ana@b.es\temail:ana@a.es'
	gives 0 $'email:ana@a.es\temail:ana@b.es'
}

@test "the first key that finds one decides" {
	crm-add -q - <<<$'name:Ana\temail:ana@a.es\text:erp/1\nname:Bo\temail:bo@a.es'
	runs crm-add - --key ext,email -F name,city <<<$'ext:erp/1\tcity:Lugo\nemail:bo@a.es\text:erp/7\tcity:Vigo\ntext:x'
	status_is 65
	runs crm-add - --key ext,email -F name,ext,city <<<$'ext:erp/1\tcity:Lugo\nemail:bo@a.es\text:erp/7\tcity:Vigo'
	gives 0 $'name:Ana\text:erp/1\tcity:Lugo\nname:Bo\text:erp/7\tcity:Vigo'
}

@test "values of two records in one key field are refused, both named" {
	crm-add -q - <<<$'name:Ana\temail:ana@a.es\nname:Bo\temail:bo@a.es'
	runs crm-add - --key email <<<$'email:ana@a.es\temail:bo@a.es'
	sed -E -i 's/[0-9A-Z]{4} (Ana|Bo)/XXXX \1/g' "$ERR"
	gives 65 '' $'crm-add: stdin:1: email: the values are of two records: XXXX Ana and XXXX Bo\nIf they are one, join them with crm-merge.\ncrm-add: nothing stored, 1 of 1 line refused'
}

@test "two lines that meet one record are folded, and it is printed once" {
	runs crm-add --verbose - --key email -F rev,name,city,tag <<<$'email:a@a.es\tname:Ana\ttag:x\nemail:a@a.es\tcity:Lugo\ttag+:y'
	status_is 0
	out_is $'rev:1\tname:Ana\tcity:Lugo\ttag:x\ttag:y'
	err_is 'crm-add: added 1, changed 0, unchanged 0'
}

@test "--if-absent leaves what it finds as it is, links too" {
	crm-add -q name:Ana email:ana@a.es city:Lugo
	runs crm-add --verbose - --key email --if-absent -F rev,name,city <<<$'email:ana@a.es\tcity:Vigo\tcompany:New\nemail:bo@a.es\tname:Bo'
	status_is 0
	out_is $'rev:1\tname:Ana\tcity:Lugo' $'rev:1\tname:Bo'
	err_is 'crm-add: added 1, changed 0, unchanged 1'
	runs crm-find -c kind:company
	gives 0 0
	runs crm-add - --if-absent <<<name:x
	gives 2 '' 'crm-add: --if-absent goes with --key'
}

@test "keys that are none" {
	runs crm-add --key emial - <<<name:x
	gives 2 '' "crm-add: --key: unknown field 'emial'; did you mean 'email'?"
	runs crm-add --key city - <<<name:x
	gives 2 '' "crm-add: --key: 'city' is not unique, so it names no record"
	runs crm-add company --key email name:x
	gives 2 '' "crm-add: --key: 'email' is not unique, so it names no record"
	runs crm-add product --key sku sku:A-1 price:3 currency:EUR -F sku,price
	gives 0 $'sku:A-1\tprice:3.00'
}

@test "--key id: a dump is laid over its store" {
	crm-add -q name:Ana email:ana@a.es
	crm-find >dump
	runs crm-add --verbose - --key id <dump
	status_is 0
	same dump "$OUT"
	err_is 'crm-add: added 0, changed 0, unchanged 1'
	sed 's/name:Ana/name:Ann/' dump >new
	runs crm-add - --key id -F rev,name <new
	gives 0 $'rev:2\tname:Ann'
	runs crm-add - <dump
	masked
	gives 65 '' $'crm-add: stdin:1: id: ID is in the store; --key id changes it\ncrm-add: nothing stored, 1 of 1 line refused'
	sed 's/kind:contact/kind:company/' dump | runs crm-add - --key id
	id=$(cut -f1 dump)
	runs crm-add - --key id <<<"$id"$'\tkind:company\tname:X'
	status_is 65
	err_is 'crm-add: stdin:1: kind: got company, but this is a contact' \
		'crm-add: nothing stored, 1 of 1 line refused'
}

# ---- ids of lines ----

@test "a dump shuffled into an empty store gives the same bytes" {
	crm-add -q - <<-'EOT'
		kind:company	name:Acme	domain:acme.es
		name:Ana	email:ana@acme.es	company:Acme	x.shoe:41
		kind:deal	name:D	contact:ana@acme.es	stage:won	amount:12.5	currency:EUR
		kind:product	sku:A-1	price:2.50	currency:EUR
		kind:order	contact:ana@acme.es	item:A-1*2
		kind:task	title:T	contact:ana@acme.es	due:friday
	EOT
	crm-add -q --key email - <<<$'email:ana@acme.es\tcity:Lugo'
	kinds=kind:contact,company,deal,order,task,product
	crm-find $kinds >dump
	[ "$(wc -l <dump)" -eq 6 ]
	tac dump | crm-add -q -D other -
	crm-find -D other $kinds >again
	same dump again
	runs crm-db check -D other --full
	gives 0
}

@test "an id that is none is refused; a future stamp is not believed" {
	runs crm-add - <<<$'id:K7BV\tname:x'
	gives 65 '' $'crm-add: stdin:1: id: got \'K7BV\', wanted a full id\ncrm-add: nothing stored, 1 of 1 line refused'
	runs crm-add - -F rev,created,updated <<<$'id:01HW3KT9ERJXHQEH5M3VYDK7BV\trev:7\tname:x\tcreated:2099-01-01T00:00:00Z\tupdated:2099-01-01T00:00:00Z'
	gives 0 $'rev:7\tcreated:2024-04-22T19:16:39Z\tupdated:2026-03-02T09:00:00Z'
}

# ---- links ----

@test "company:NAME makes the company once, and finds it afterwards" {
	runs crm-add --verbose - -F name,company <<<$'name:A\tcompany:Acme SL\nname:B\tcompany:ACME sl\nname:C\tcompany:faro.es'
	status_is 0
	out_is $'name:A\tcompany:Acme SL' $'name:B\tcompany:Acme SL' \
		$'name:C\tcompany:faro.es'
	err_is 'crm-add: made 2 companies: Acme SL, faro.es' 'crm-add: added 3'
	stored company name,domain
	out_is 'name:Acme SL' $'name:faro.es\tdomain:faro.es'
	runs crm-add --verbose name:D company:'acme sl' -F company
	gives 0 'company:Acme SL'
	runs crm-add name:E company:https://www.faro.es/about -F company
	gives 0 company:faro.es
	runs crm-find -c kind:company
	gives 0 2
}

@test "a company by domain, id, external key; by name two are too many" {
	crm-add -q - <<<$'kind:company\tname:Acme\tdomain:acme.es\text:erp/1\nkind:company\tname:Twin\nkind:company\tname:twin'
	id=$(crm-find kind:company domain:acme.es -o id)
	for word in acme.es "$id" erp/1 Acme; do
		runs crm-add name:x "company:$word" -F company
		gives 0 company:Acme
	done
	runs crm-add name:x company_id:acme.es -F company
	gives 0 company:Acme
	runs crm-add name:x company:twin
	gives 65 '' "crm-add: argument 2: company: 'twin' is the name of 2 companies; name one by id or domain"
	runs crm-add name:x company:erp/2
	gives 66 '' "crm-add: argument 2: company: no company 'erp/2'"
	runs crm-find -c kind:company
	gives 0 3
}

@test "--no-create makes none" {
	runs crm-add name:x company:Acme --no-create
	gives 65 '' "crm-add: argument 2: company: no company 'Acme', and --no-create makes none"
	runs crm-find -c kind:company
	gives 0 0
}

@test "only company makes records; a link that finds nothing is refused" {
	runs crm-add deal name:D contact:nobody@a.es
	gives 66 '' "crm-add: argument 3: contact: no contact 'nobody@a.es'"
	runs crm-add - <<<$'kind:deal\tname:D\tcontact:nobody@a.es'
	gives 65 '' $'crm-add: stdin:1: contact: no contact \'nobody@a.es\'\ncrm-add: nothing stored, 1 of 1 line refused'
	runs crm-add company name:Sub parent:Top
	gives 66 '' "crm-add: argument 3: parent: no company 'Top'"
	crm-add -q company name:Top
	runs crm-add company name:Sub parent:Top -F parent
	gives 0 parent:Top
}

@test "what another line of the input brings counts, wherever it stands" {
	runs crm-add - -F kind,name,contact,company <<-'EOT'
		kind:deal	name:D	contact:ana@a.es	company:Acme
		name:Ana	email:ana@a.es	company:acme.es
		kind:company	name:Acme	domain:acme.es
	EOT
	status_is 0
	out_is $'kind:deal\tname:D\tcontact:Ana\tcompany:Acme' \
		$'kind:contact\tname:Ana\tcompany:Acme' \
		$'kind:company\tname:Acme'
	runs crm-find -c kind:company
	gives 0 1
}

@test "records that refer to one another by their ids" {
	a=01HW3KT9ERJXHQEH5M3VYDK7BV b=01HW3KT9ERJXHQEH5M3VYDK7BW
	runs crm-add company - -F name,parent <<<"id:$a"$'\tname:A\tparent_id:'"$b"$'\n'"id:$b"$'\tname:B\tparent_id:'"$a"
	gives 0 $'name:A\tparent:B\nname:B\tparent:A'
	runs crm-add - <<<$'name:x\tcompany_id:01HW3KT9ERJXHQEH5M3VYDK7BX'
	status_is 65
	runs crm-add deal - <<<$'name:x\tcontact_id:01HW3KT9ERJXHQEH5M3VYDK7BV'
	err_is "crm-add: stdin:1: contact_id: '01HW3KT9ERJXHQEH5M3VYDK7BV' is a company, wanted a contact" \
		'crm-add: nothing stored, 1 of 1 line refused'
}

@test "a long chain of lines, each before the one it refers to" {
	for i in $(seq 300 -1 2); do
		printf 'sku:P%d\tupgrade:P%d\n' "$i" $((i - 1))
	done >in
	echo sku:P1 >>in
	runs crm-add -q product - <in
	gives 0
	runs crm-find kind:product upgrade:P1 -F sku
	gives 0 sku:P2
}

@test "X_id counts before X in a new record, and what differs in a stored one" {
	crm-add -q - <<<$'kind:company\tname:A\tdomain:a.es\nkind:company\tname:B\tdomain:b.es'
	b=$(crm-find kind:company domain:b.es -o id)
	runs crm-add name:x email:x@a.es company:A company_id:"$b" -F company
	gives 0 company:B
	crm-find >dump
	sed 's/company:B/company:A/' dump >new
	runs crm-add - --key id -F company <new
	gives 0 company:A
	crm-find >dump
	sed "s/company_id:[^	]*/company_id:$b/" dump >new
	runs crm-add - --key id -F company <new
	gives 0 company:B
}

# ---- defaults, money ----

@test "defaults where the input has none" {
	runs crm-add deal name:D -F pipeline,stage
	gives 0 $'pipeline:sales\tstage:prospecting'
	runs crm-add task title:T -F type,priority,status
	gives 0 $'type:todo\tpriority:normal\tstatus:open'
	runs crm-add case title:C -F status,priority,opened
	gives 0 $'status:new\tpriority:normal\topened:2026-03-02T09:00:00Z'
	runs crm-add product sku:A -F active
	gives 0 active:true
	runs crm-add campaign name:C -F status
	gives 0 status:active
	runs crm-add contact given:Ana family:Ruiz -F name
	gives 0 'name:Ana Ruiz'
	runs crm-add contact family:Ruiz -F name
	gives 0 name:Ruiz
}

@test "a deal that is won or lost is closed, one that is open again is not" {
	runs crm-add deal name:D stage:won ext:a/1 -F stage,closed,state
	gives 0 $'stage:won\tclosed:2026-03-02T09:00:00Z\tstate:won'
	runs crm-add deal --key ext ext:a/1 stage:proposal -F stage,closed
	gives 0 stage:proposal
	runs crm-add deal name:D stage:lost closed:2025-01-01 -F closed
	gives 0 closed:2025-01-01T00:00:00Z
	runs crm-add deal name:D stage:wno
	status_is 2
	[[ $stderr == "crm-add: argument 3: stage: got 'wno'; did you mean 'won'?"* ]]
	runs crm-add task title:T status:done -F 'done'
	gives 0 done:2026-03-02T09:00:00Z
}

@test "money: the first currency stored is the store's; none is refused" {
	runs crm-add deal name:D amount:5
	gives 65 '' 'crm-add: currency: none given and none is configured; say currency:EUR'
	runs crm-add - -F name,amount,currency <<<$'kind:deal\tname:D\tamount:5\tcurrency:eur\nkind:deal\tname:E\tamount:7.5'
	gives 0 $'name:D\tamount:5.00\tcurrency:EUR\nname:E\tamount:7.50\tcurrency:EUR'
	runs crm-add deal name:F amount:1234 currency:JPY -F amount,currency
	gives 0 $'amount:1234\tcurrency:JPY'
	runs crm-add deal name:G amount:1 -F amount,currency
	gives 0 $'amount:1.00\tcurrency:EUR'
}

@test "another currency of a stored record keeps its amounts" {
	crm-add -q deal name:D ext:a/1 amount:12 currency:EUR
	runs crm-add deal --key ext ext:a/1 currency:JPY -F amount,currency
	gives 0 $'amount:12\tcurrency:JPY'
	crm-add -q deal --key ext ext:a/1 amount:12.50 currency:EUR
	runs crm-add deal --key ext ext:a/1 currency:JPY
	status_is 65
	[[ $stderr == "crm-add: amount: got '12.50'"* ]]
}

@test "an order's amount is what its items make" {
	crm-add -q product sku:A-1 price:2.50 currency:EUR
	runs crm-add order item:A-1*2 item:B*3@0.335 discount:1 tax:0.5 shipping:4 -F item,amount
	gives 0 $'item:A-1*2@2.5\titem:B*3@0.335\tamount:9.51'
	runs crm-add order item:A-1*2 amount:1 -F amount
	gives 0 amount:1.00
	runs crm-add order item:ZZ currency:EUR
	gives 65 '' "crm-add: argument 2: item: no product has a price for 'ZZ*1'; say SKU*QTY@PRICE or amount:N"
	runs crm-add order item:A-1*-1 -F amount
	gives 0 amount:-2.50
}

# ---- formats ----

@test "JSON: a line each, an array, pretty-printed" {
	runs crm-add - -F name,email,x.n,tag <<<'{"name":"A","email":["a@a.es","b@a.es"],"x.n":1.50,"tag":null}
{"name":"B","x":{"n":true}}'
	gives 0 $'name:A\temail:a@a.es\temail:b@a.es\tx.n:1.50\nname:B\tx.n:true'
	runs crm-add -F name <<<'[{"name":"C"},
 {"name":"D"}]'
	gives 0 $'name:C\nname:D'
	runs crm-add -F name,note <<<'{
  "name": "E",
  "note": "two\nlines"
}'
	gives 0 $'name:E\tnote:two\\nlines'
	runs crm-find -c
	gives 0 5
}

@test "JSON that breaks off: refused lines as usual, nothing stored" {
	runs crm-add - <<<'{"name":"A"}
{"name":'
	status_is 65
	out_empty
	[[ $stderr == 'crm-add: stdin:2: '* ]]
	[ "${stderr_lines[-1]}" = 'crm-add: nothing stored, 1 of 2 lines refused; --keep-going stores the other 1' ]
	runs crm-find -c
	gives 0 0
}

@test "CSV: BOM, CRLF, semicolons, line ends in cells, several values" {
	printf '\357\273\277Name;Email;note;tag\r\n"Ana; R";a@a.es\\;;"two\r\nlines";x;y\r\n' >bad
	printf '\357\273\277Name;Email;note;tag\r\n"Ana; R";ana@a.es;"two\r\nlines ""q""";"x;y"\r\nBo;;;\r\n' >in
	runs crm-add contact -i csv --delim ';' -F name,email,note,tag <in
	gives 0 $'name:Ana; R\temail:ana@a.es\tnote:two\\nlines "q"\ttag:x\ttag:y\nname:Bo'
	runs crm-add contact -i csv --delim ';' <bad
	status_is 65
	printf 'name\temail\tnote\nCy\tcy@a.es\ta\\tb\n' >in
	runs crm-add contact -i tsv -F name,note <in
	gives 0 $'name:Cy\tnote:a\\tb'
}

@test "CSV: ragged rows are refused with their line, an empty cell says nothing" {
	printf 'name,email\nA,a@a.es,x\nB\nC,c@a.es\n' >in
	runs crm-add contact -i csv --keep-going -F name <in
	status_is 1
	out_is name:C
	[ "${#stderr_lines[@]}" -eq 2 ]
	[[ ${stderr_lines[0]} == 'crm-add: stdin:2: '* ]]
	[[ ${stderr_lines[1]} == 'crm-add: stdin:3: '* ]]
	printf 'email,city\nc@a.es,Lugo\n' >in
	crm-add -q contact -i csv --key email <in
	printf 'email,city\nc@a.es,\n' >in
	runs crm-add contact -i csv --key email -F city <in
	gives 0 city:Lugo
	runs crm-add contact -i csv --key email --clear-empty -F city <in
	gives 0
}

@test "what comes out: -o, -F, -s, -l, -q" {
	runs crm-add - -o json -F name,email,rev <<<$'name:A\temail:a@a.es'
	gives 0 '{"name":"A","email":["a@a.es"],"rev":1}'
	runs crm-add contact - -o csv -F name,city <<<$'name:B\tcity:Lugo'
	gives 0 $'name,city\nB,Lugo'
	runs crm-add - -o value -F name <<<$'name:C'
	gives 0 C
	runs crm-add name:D -o id
	masked
	gives 0 ID
	runs crm-add - -s -name -l 2 -F name <<<$'name:E\nname:G\nname:F'
	gives 0 $'name:G\nname:F'
	runs crm-add -q --verbose - <<<name:H
	gives 0
	runs crm-add -q name:I email:x@
	gives 65 '' "crm-add: argument 2: email: got 'x@', wanted local@domain"
	runs crm-add -z - -0 -F name < <(printf 'name:J\0name:K\0')
	status_is 0
	[ "$(tr '\0' '|' <"$OUT")" = 'name:J|name:K|' ]
}

@test "notes with --verbose: what was added, a phone without a country" {
	runs crm-add --verbose - -F phone <<<$'name:A\tphone:12\nname:B'
	status_is 0
	err_is "crm-add: stdin:1: phone: '12' kept as typed: no country" \
		'crm-add: added 2'
	runs crm-add --verbose name:A -F name
	gives 0 name:A
}

# ---- -n ----

@test "labels that no writer sets: a note where they differ from the store" {
	crm-add -q contact - <<-'EOF'
		name:Ana	email:ana@acme.es	company:Acme
		name:Bo	email:bo@acme.es	company:Acme
	EOF
	crm-log -q order ana@acme.es amount:600 currency:EUR
	crm-find -F '*,company.name' >dump
	runs crm-add --key id --verbose -F name - <dump
	gives 0 $'name:Ana\nname:Bo' 'crm-add: added 0, changed 0, unchanged 2'
	sed -e 's/orders:1/orders:7/' -e 's/company.name:Acme/company.name:Faro/' \
		dump >edited
	runs crm-add --key id --verbose -F name - <edited
	gives 0 $'name:Ana\nname:Bo' \
		$'crm-add: orders: ignored: 1 line differs from the store\ncrm-add: company.name: ignored: 2 lines differ from the store\ncrm-add: added 0, changed 0, unchanged 2'
	# No store said otherwise of what comes with an id of its own.
	runs crm-add -D other --verbose -F name - < <(sed 's/company[._a-z]*:[^\t]*\t//g' dump)
	gives 0 $'name:Ana\nname:Bo' 'crm-add: added 2'
	runs crm-add --verbose -F name - <<<$'name:Cy\torders:4\trevenue:0'
	gives 0 'name:Cy' 'crm-add: orders: ignored: 1 line differs from the store'
	# Nothing was stored: nothing was ignored either.
	runs crm-add --verbose - <<<$'name:Cy\torders:4\nemail:x@'
	status_is 65
	[[ $stderr != *ignored* ]]
}

@test "-n prints change lines and changes nothing" {
	crm-add -q name:Ana email:ana@a.es tag:a tag:b city:Lugo
	cp -r "$XDG_DATA_HOME/crm/data.mdb" before
	by=$(id -un)
	runs crm-add -n --verbose - --key email <<<$'email:ana@a.es\ttag+:c\ttag-:a\tcity:Vigo\nname:Bo\temail:bo@a.es\tcompany:New'
	masked
	status_is 0
	end=$'\t_at:2026-03-02T09:00:00Z\t_by:'$by$'\t_prog:crm-add'
	head=$'id:ID\tkind:contact\trev:2\tname:Ana\t_do:edit'
	out_is "$head"$'\t_field:city\t_old:Lugo\t_new:Vigo'"$end" \
		"$head"$'\t_field:tag\t_old:a'"$end" \
		"$head"$'\t_field:tag\t_new:c'"$end" \
		$'kind:company\tname:New\t_do:add'"$end" \
		$'kind:contact\tname:Bo\temail:bo@a.es\t_do:add'"$end"
	err_is 'crm-add: made 1 company: New' \
		'crm-add: would change 3 records; nothing stored'
	same before "$XDG_DATA_HOME/crm/data.mdb"
	runs crm-find -F email,city
	gives 0 $'email:ana@a.es\tcity:Lugo'
}

@test "-n refuses what the real run refuses, and makes no store" {
	runs crm-add -n name:x email:x@
	gives 65 '' "crm-add: argument 2: email: got 'x@', wanted local@domain"
	runs crm-add -n - <<<$'name:x\temail:a@a.es\nname:y\temail:a@a.es'
	status_is 65
	runs crm-add -n name:x
	status_is 0
	[ ! -e "$XDG_DATA_HOME/crm/data.mdb" ]
	runs crm-add -n -D "$PWD/none/crm" name:x
	status_is 73
}

# ---- --follow ----

# waits_for N: until the store has N contacts, a minute at most (a busy disk).
waits_for() {
	for _ in {1..200}; do
		[ "$(crm-find -c 2>/dev/null)" = "$1" ] && return
		sleep 0.05
	done
	echo "never $1 contacts: $(crm-find -c)"
	return 1
}

@test "--follow commits whenever input pauses, and prints at once" {
	mkfifo pipe
	crm-add --follow - -F name <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	echo name:A >&7
	waits_for 1
	# The beginning of a line comes while the pause is waited for.
	printf 'name:B\nname:C\n' >&7
	sleep 0.02
	printf name: >&7
	waits_for 3
	is out 'what was printed' name:A name:B name:C
	echo D >&7
	waits_for 4
	exec 7>&-
	wait $pid
	is out 'what was printed' name:A name:B name:C name:D
	[ ! -s err ]
}

@test "--follow: what came is not kept waiting by a line that has begun" {
	mkfifo pipe
	crm-add --follow - -F name <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	printf 'name:A\n' >&7
	sleep 0.02
	printf 'name:B' >&7
	waits_for 1
	is out 'what was printed' name:A
	printf '\nemail:x@\nname:' >&7
	sleep 0.02
	printf 'C' >&7
	status=0
	wait $pid || status=$?
	exec 7>&-
	[ "$status" -eq 65 ]
	is out 'what was printed' name:A
}

@test "--follow: an interrupt keeps what was committed" {
	mkfifo pipe
	crm-add --follow -q - <pipe 2>err &
	pid=$!
	exec 7>pipe
	echo name:A >&7
	waits_for 1
	kill -INT $pid 2>/dev/null || true
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	exec 7>&-
	[ "$status" -eq 143 ] || [ "$status" -eq 130 ]
	is err stderr 'crm-add: interrupted'
	waits_for 1
}

@test "--follow: a refused line ends it, with --keep-going it goes on" {
	runs crm-add --follow - -F name <<<$'name:A\temail:x@\nname:B'
	status_is 65
	out_empty
	runs crm-add --follow --keep-going - -F name <<<$'name:A\temail:x@\nname:B'
	status_is 1
	out_is name:B
}

# ---- streams ----

@test "closed and full descriptors" {
	runs bash -c 'crm-add name:A >&-'
	gives 74 '' 'crm-add: standard output: Bad file descriptor'
	runs bash -c 'crm-add name:A >/dev/full'
	gives 74 '' 'crm-add: standard output: No space left on device'
	runs bash -c 'crm-add - <&-'
	gives 74 '' 'crm-add: standard input: Bad file descriptor'
	runs bash -c 'crm-add -q name:A 2>&-'
	gives 0
	runs bash -c 'crm-add --help >/dev/full'
	gives 74 '' 'crm-add: standard output: No space left on device'
}

@test "a reader that goes: what was committed stays, no message" {
	yes name:A | head -20000 >in
	set +o pipefail
	crm-add - <in 2>err | head -1 >out
	[ ! -s err ]
	[ "$(crm-find -c)" = 20000 ]
}

@test "two writers in one pipe, itself twice" {
	runs bash -c 'crm-add - <<<name:A | crm-add - --key id tag+:x -F name,tag'
	gives 0 $'name:A\ttag:x'
	runs bash -c 'seq 2000 | sed "s/^/name:N/" | crm-add - | crm-add -q --key id - tag+:x; crm-find -c tag:x'
	gives 0 2001
}

@test "on a terminal without operands: help on stderr, 2" {
	runs on_terminal 80 crm-add
	[[ $output == 'crm-add - store records'* ]]
	runs crm-add -h
	status_is 0
	[ "${#lines[@]}" -le 40 ]
	runs crm-add -V
	[[ $output == 'crm-add (crm-utils) '* ]]
}

@test "while another writes it waits and then is 75" {
	needs flock
	crm-add -q name:Ona
	runs flock "$XDG_DATA_HOME/crm" crm-add name:Ana --lock-timeout 1s
	status_is 75
	out_empty
	[[ $stderr == 'crm-add: '* ]]
	runs crm-find -c
	gives 0 1
}

@test "a store that is a symbolic link is 77" {
	crm-db init -D a.crm
	ln -s a.crm b.crm
	runs crm-add name:Ana -D b.crm
	gives 77 '' 'crm-add: b.crm: a symbolic link: refused'
}

@test "a bad configuration is 78" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-add name:Ana
	gives 78 '' "crm-add: ~/.config/crm/config.yaml:1:1: unknown key 'colour'; did you mean 'color'?"
}

@test "--key: a line whose kind has no such key is refused, not added again" {
	runs crm-add --key name - <<<'name:Ana'
	gives 65 '' "crm-add: stdin:1: --key: 'name' is not unique within contact, so it names no record
crm-add: nothing stored, 1 of 1 line refused"
	runs crm-add -q campaign --key name - <<<'name:spring'
	gives 0
	runs crm-add -q campaign --key name - <<<'name:spring'
	gives 0
	[ "$(crm-find -c kind:campaign)" = 1 ]
}

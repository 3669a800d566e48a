# SPDX-License-Identifier: MIT
# crm-import: what it takes a file for, what it stores, what it refuses and says.
# shellcheck disable=SC2154 # helper.bash sets stderr and stderr_lines
load helper

# masked: ids of 26 characters as ID, suffixes before a name as XXXX.
masked() {
	sed -E -i -e 's/01[0-9A-HJKMNP-TV-Z]{24}/ID/g' \
		-e "s/ of [0-9A-Z]{4} / of XXXX /" \
		-e 's/: [0-9A-Z]{4} ([A-Z][a-z]+) and [0-9A-Z]{4} /: XXXX \1 and XXXX /' \
		"$OUT" "$ERR"
}

# stored KIND LIST: what the store has of it, these fields.
stored() {
	runs crm-find "kind:$1" -F "$2"
}

# people: three rows that are good.
people() {
	printf '%s\n' 'name,email,phone,tag' \
		'Ana Núñez,ana@acme.es,+34600111222,vip;expo' \
		'Bo Lind,bo@lind.example,,' \
		'"Gil, Marta",marta@gil.example,,expo'
}

# google: two contacts as Google exports them.
google() {
	printf '%s\r\n' \
		'First Name,Middle Name,Last Name,Organization Name,Organization Title,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - City,Address 1 - Country,Website 1 - Value' \
		'Grace,Brewster,Hopper,US Navy,Rear Admiral,1906-12-09,,* myContacts ::: Navy,Home,grace@example.com,* Work,grace@navy.example,Mobile,+1 202 555 0199,Arlington,USA,https://example.com/grace' \
		'Ada,,Lovelace,,,--12-10,"Poet,
and engineer",* myContacts,,ada@example.com,,,,,London,UK,'
}

# ---- tables without a map ----

@test "a table whose header names fields: stored, said how many and where" {
	people >people.csv
	runs crm-import people.csv
	gives 0
	stored contact name,email,phone,tag
	gives 0 $'name:Ana Núñez\temail:ana@acme.es\tphone:+34600111222\ttag:vip\ttag:expo\nname:Bo Lind\temail:bo@lind.example\nname:Gil, Marta\temail:marta@gil.example\ttag:expo'
	rm -r "$XDG_DATA_HOME"
	runs crm-import --verbose people.csv
	gives 0 '' 'crm-import: stored 3 contacts in ~/.local/share/crm; crm-undo takes them back'
}

@test "a second run changes nothing and says so; shuffled rows neither" {
	people >people.csv
	crm-import people.csv
	crm-find --stored >before
	runs crm-import --verbose people.csv
	gives 0 '' 'crm-import: nothing to change: 3 records are as stored'
	{ head -n 1 people.csv; tail -n +2 people.csv | sort -r; } >shuffled.csv
	runs crm-import --verbose shuffled.csv
	gives 0 '' 'crm-import: nothing to change: 3 records are as stored'
	crm-find --stored >after
	same before after
	runs crm-undo --list -F _prog
	gives 0 '_prog:crm-import'
}

@test "the kind is the first operand" {
	printf 'name,domain\nFaro,faro.es\n' >firms.csv
	runs crm-import company firms.csv --verbose
	gives 0 '' 'crm-import: stored 1 company in ~/.local/share/crm; crm-undo takes it back'
	stored company name,domain
	gives 0 $'name:Faro\tdomain:faro.es'
	runs crm-import compny firms.csv
	gives 2 '' "crm-import: argument 1: unknown kind 'compny'; did you mean 'company'?"
	runs crm-import compny.csv
	gives 66 '' 'crm-import: compny.csv: No such file or directory'
}

@test "standard input, - and a pipe are read" {
	people >people.csv
	runs crm-import <people.csv
	gives 0
	runs crm-import - --verbose <people.csv
	gives 0 '' $'crm-import: stdin: taken for csv\ncrm-import: nothing to change: 3 records are as stored'
	mkfifo fifo
	people >fifo &
	runs crm-import fifo --verbose
	gives 0 '' $'crm-import: fifo: taken for csv\ncrm-import: nothing to change: 3 records are as stored'
	people >fifo &
	runs crm-import contact --verbose <fifo
	wait
	gives 0 '' $'crm-import: stdin: taken for csv\ncrm-import: nothing to change: 3 records are as stored'
}

@test "records are printed with -o alone" {
	people >people.csv
	runs crm-import people.csv -o ltsv -F name,tag
	gives 0 $'name:Ana Núñez\ttag:vip\ttag:expo\nname:Bo Lind\nname:Gil, Marta\ttag:expo'
	runs crm-import people.csv -o id -l 1
	status_is 0
	[ "$(wc -c <"$OUT")" -eq 27 ]
}

@test "-n prints the change lines, and leaves the store byte for byte" {
	people >people.csv
	crm-add -q contact name:Ana email:ana@acme.es
	cp -r "$XDG_DATA_HOME/crm" before
	runs crm-import -n people.csv --verbose -F name,_do,_field,_old,_new
	gives 0 $'name:Ana Núñez\t_do:edit\t_field:name\t_old:Ana\t_new:Ana Núñez\nname:Ana Núñez\t_do:edit\t_field:phone\t_new:+34600111222\nname:Ana Núñez\t_do:edit\t_field:tag\t_new:vip\nname:Ana Núñez\t_do:edit\t_field:tag\t_new:expo\nname:Bo Lind\t_do:add\nname:Gil, Marta\t_do:add' \
		'crm-import: would change 3 contacts; nothing stored'
	same before/data.mdb "$XDG_DATA_HOME/crm/data.mdb"
}

@test "crm-undo takes the whole import back" {
	people >people.csv
	crm-add -q contact name:Ana email:ana@acme.es
	crm-find -o ltsv >before
	runs crm-import people.csv --verbose
	gives 0 '' 'crm-import: stored 2 contacts, changed 1 contact in ~/.local/share/crm; crm-undo takes them back'
	crm-undo -q
	crm-find -o ltsv | sed 's/rev:3/rev:1/' >after
	same before after
}

@test "a value replaces a single one and joins several; --fill, --replace" {
	crm-add -q contact name:Ana city:Lugo email:ana@acme.es tag:old
	printf 'name,city,email,tag\nAna Núñez,Vigo,ana@acme.es,new\n' >a.csv
	runs crm-import a.csv --fill --verbose
	gives 0 '' 'crm-import: nothing to change: 1 record is as stored'
	runs crm-import a.csv -o ltsv -F name,city,tag
	gives 0 $'name:Ana Núñez\tcity:Vigo\ttag:old\ttag:new'
	runs crm-import a.csv --replace -o ltsv -F name,city,tag
	gives 0 $'name:Ana Núñez\tcity:Vigo\ttag:new'
	printf 'name,city,email,tag\n,,ana@acme.es,\n' >b.csv
	runs crm-import b.csv --replace --verbose
	gives 0 '' 'crm-import: nothing to change: 1 record is as stored'
	runs crm-import a.csv --fill --replace
	gives 2 '' 'crm-import: --fill and --replace contradict each other'
}

@test "--key says what finds a record" {
	crm-add -q contact name:Ana email:ana@acme.es
	printf 'ext,name,email\nerp/1,Ana,ana@acme.es\n' >a.csv
	runs crm-import a.csv --key email -o ltsv -F name,email,ext
	gives 0 $'name:Ana\temail:ana@acme.es\text:erp/1'
	runs crm-import a.csv --key emial
	gives 2 '' "crm-import: --key: unknown field 'emial'; did you mean 'email'?"
	runs crm-import a.csv --key city
	gives 2 '' "crm-import: --key: 'city' is not unique, so it names no record"
}

@test "keys that point to two records are refused, and crm-merge is suggested" {
	crm-add -q contact name:Ana email:ana@acme.es
	crm-add -q contact name:Bo ext:erp/1
	printf 'ext,name,email\nerp/1,Ana,ana@acme.es\n' >a.csv
	runs crm-import a.csv
	masked
	gives 65 '' $'crm-import: a.csv:2: ext, email: the values are of two records: XXXX Bo and XXXX Ana\nIf they are one, join them with crm-merge.\ncrm-import: nothing stored, 1 of 1 record refused'
}

@test "a header that is no field is refused, with the nearest or a preset" {
	printf 'name,emial\nAna,a@b.es\n' >a.csv
	runs crm-import a.csv
	status_is 65
	grep -q "did you mean 'email'" "$ERR"
	google >g.csv
	runs crm-import g.csv
	status_is 65
	grep -q -e '--preset google' "$ERR"
	runs crm-find -c
	gives 0 0
}

# ---- refusals ----

@test "one bad row refuses all; --keep-going stores the others" {
	{ people; echo 'Eve,eve@,,'; } >people.csv
	runs crm-import people.csv
	gives 65 '' $'crm-import: people.csv:5: email: got \'eve@\', wanted local@domain\ncrm-import: nothing stored, 1 of 4 records refused; --keep-going stores the other 3'
	runs crm-find -c
	gives 0 0
	runs crm-import people.csv --keep-going --verbose
	gives 1 '' $'crm-import: people.csv:5: email: got \'eve@\', wanted local@domain\ncrm-import: stored 3 contacts in ~/.local/share/crm; crm-undo takes them back'
}

@test "a row that the store refuses is told with file and line, and rejected" {
	crm-add -q contact name:Bo email:bo@lind.example
	printf 'name,email,stage\nEve,eve@a.es,lead\n' >one.csv
	printf 'ext,name,email\nerp/1,X,x@a.es\nerp/2,Y,y@a.es;bo@lind.example\n' >two.csv
	runs crm-import one.csv two.csv --keep-going --key ext,id
	status_is 1
	masked
	err_is 'crm-import: two.csv:3: email: bo@lind.example is that of XXXX Bo'
	rm -r "$XDG_DATA_HOME"
	crm-add -q contact name:Bo email:bo@lind.example
	runs crm-import two.csv --keep-going --key ext --reject bad.csv
	status_is 1
	sed -i -E 's/of [0-9A-Z]{4} /of XXXX /' bad.csv
	runs cat bad.csv
	gives 0 $'ext,name,email,_line,_error\nerp/2,Y,y@a.es;bo@lind.example,3,"email: bo@lind.example is that of XXXX Bo"'
}

@test "--reject has the rows as they came, and mended it imports as it is" {
	{ people; echo 'Eve,eve@,,'; printf '"Two\nlines",x@,,\n'; echo 'short'; } >people.csv
	runs crm-import people.csv --keep-going --reject bad.csv
	status_is 1
	runs cat bad.csv
	gives 0 $'name,email,phone,tag,_line,_error\nEve,eve@,,,5,"email: got \'eve@\', wanted local@domain"\n"Two\nlines",x@,,,6,"email: got \'x@\', wanted local@domain"\nshort,8,"got 1 cell, wanted 4 as the header"'
	sed -i -e 's/eve@,/eve@a.es,/' -e 's/x@,/x@a.es,/' -e '/^short/d' bad.csv
	runs crm-import bad.csv --verbose
	gives 0 '' 'crm-import: stored 2 contacts in ~/.local/share/crm; crm-undo takes them back'
}

@test "--reject of several tables is refused, of several cards not" {
	people >a.csv
	people >b.csv
	runs crm-import a.csv b.csv --reject bad
	gives 2 '' 'crm-import: --reject keeps the layout of a table; import one file at a time'
}

# ---- bytes and cells ----

@test "UTF-16, Latin-1, a byte order mark, semicolons, CRLF" {
	printf 'name;city\r\nAna Núñez;A Coruña\r\n' >u8.csv
	iconv -f UTF-8 -t UTF-16 u8.csv >u16.csv
	iconv -f UTF-8 -t WINDOWS-1252 u8.csv >latin.csv
	{ printf '\357\273\277'; cat u8.csv; } >bom.csv
	for f in u16 bom; do
		runs crm-import $f.csv -o ltsv -F name,city
		gives 0 $'name:Ana Núñez\tcity:A Coruña' || return
		rm -r "$XDG_DATA_HOME"
	done
	runs crm-import latin.csv
	status_is 65
	grep -q 'latin.csv:2: .*--encoding=windows-1252' "$ERR"
	runs crm-import latin.csv --encoding windows-1252 -o ltsv -F name,city
	gives 0 $'name:Ana Núñez\tcity:A Coruña'
	runs crm-import u8.csv --delim ,
	status_is 65
	runs crm-import u8.csv --delim ';;'
	gives 2 '' "crm-import: --delim: got ';;', wanted one character"
}

@test "a day with two readings is an error that shows both; --dates settles it" {
	printf 'name,birthday\nAna,01/02/1990\nBo,03/04/1991\n' >a.csv
	runs crm-import a.csv
	status_is 65
	grep -q -e '--dates' "$ERR"
	runs crm-find -c
	gives 0 0
	runs crm-import a.csv --dates dmy -o ltsv -F name,birthday
	gives 0 $'name:Ana\tbirthday:1990-02-01\nname:Bo\tbirthday:1991-04-03'
	runs crm-import a.csv --dates xyz
	gives 2 '' "crm-import: --dates: got 'xyz', wanted dmy|mdy|ymd"
	echo 'Cy,25/12/1990' >>a.csv
	runs crm-import a.csv -o ltsv -F name,birthday
	gives 0 $'name:Ana\tbirthday:1990-02-01\nname:Bo\tbirthday:1991-04-03\nname:Cy\tbirthday:1990-12-25'
}

@test "amounts: a decimal comma, a sign of many currencies" {
	printf 'name;amount\nA;1,234\n' >a.csv
	runs crm-import deal a.csv --currency EUR
	status_is 65
	grep -q -e '--decimal' "$ERR"
	runs crm-import deal a.csv --currency eur --decimal comma -o ltsv -F name,amount,currency
	status_is 65
	printf 'name;amount\nA;%s1.234,50\n' '$' >b.csv
	runs crm-import deal b.csv
	status_is 65
	grep -q -e '--currency' "$ERR"
	runs crm-import deal b.csv --currency USD -o ltsv -F name,amount,currency
	gives 0 $'name:A\tamount:1234.50\tcurrency:USD'
	runs crm-import deal b.csv --currency dollars
	gives 2 '' "crm-import: --currency: got 'dollars', wanted a code of ISO 4217, for example EUR"
}

@test "times without zone are in --tz" {
	printf 'type,at,ext\ncall,2026-01-02 10:00,x/1\n' >a.csv
	runs crm-import activity a.csv --tz Europe/Madrid -o ltsv -F at
	gives 0 at:2026-01-02T09:00:00Z
	runs crm-import activity a.csv --tz Mars/Base
	gives 2 '' "crm-import: --tz: got 'Mars/Base', wanted an IANA zone, for example Europe/Madrid"
}

@test "what is doubted is said: a phone without country, as in the config" {
	printf 'name,phone\nAna,12\n' >a.csv
	runs crm-import --verbose a.csv
	gives 0 '' $'crm-import: a.csv:2: phone: \'12\' kept as typed: no country\ncrm-import: stored 1 contact in ~/.local/share/crm; crm-undo takes it back'
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'country: ES' >"$XDG_CONFIG_HOME/crm/config.yaml"
	printf 'name,phone\nBo,600 11 12 22\n' >b.csv
	runs crm-import --verbose b.csv -o ltsv -F phone
	gives 0 phone:+34600111222 'crm-import: stored 1 contact in ~/.local/share/crm; crm-undo takes it back'
}

@test "companies that a name makes are told" {
	printf 'name,company\nAna,Faro SL\nBo,Faro SL\n' >a.csv
	runs crm-import --verbose a.csv
	gives 0 '' $'crm-import: made 1 company: Faro SL\ncrm-import: stored 2 contacts in ~/.local/share/crm; crm-undo takes them back'
	rm -r "$XDG_DATA_HOME"
	runs crm-import --no-create a.csv
	status_is 65
}

@test "rows with nobody in them are skipped and counted" {
	printf 'name,city\nAna,Lugo\n,Vigo\n,\n' >a.csv
	runs crm-import --verbose a.csv
	gives 0 '' $'crm-import: a.csv: 2 rows skipped (lines 3, 4): no name, e-mail, phone or company\ncrm-import: stored 1 contact in ~/.local/share/crm; crm-undo takes it back'
}

# ---- presets and maps ----

@test "a preset: what its columns become, what nothing names" {
	google >g.csv
	sed -i -e '1s/Website/Shoe,Website/' -e '2s/,https/,42,https/' -e '4s/UK,/UK,,/' g.csv
	runs crm-import --preset google g.csv -o ltsv -F name,email,phone,company,title,city,country,birthday,url,tag,note,x.middle
	gives 0 $'name:Grace Hopper\temail:grace@navy.example\temail:grace@example.com\tphone:+12025550199\tcompany:US Navy\ttitle:Rear Admiral\tcity:Arlington\tcountry:US\tbirthday:1906-12-09\turl:https://example.com/grace\ttag:navy\tx.middle:Brewster\nname:Ada Lovelace\temail:ada@example.com\tcity:London\tcountry:GB\tbirthday:--12-10\tnote:Poet,\\nand engineer' \
		"crm-import: g.csv: warning: column 'Shoe' is not mapped: 1 value left out; --keep-unknown keeps it"
	runs crm-import --preset google g.csv --keep-unknown -o ltsv -F x.shoe
	gives 0 x.shoe:42
	runs crm-import --preset google g.csv --keep-unknown --verbose
	gives 0 '' 'crm-import: nothing to change: 2 records are as stored'
}

@test "a preset that is not there, with the nearest" {
	people >people.csv
	runs crm-import --preset gogle people.csv
	gives 2 '' "crm-import: --preset: unknown preset 'gogle'; did you mean 'google'?"
	runs crm-import --preset xyzzy people.csv
	gives 2 '' "crm-import: --preset: unknown preset 'xyzzy'; crm-import --list names them"
	runs crm-import --show gogle
	gives 2 '' "crm-import: --show: unknown preset 'gogle'; did you mean 'google'?"
	runs crm-import --preset google --map x.yaml people.csv
	gives 2 '' 'crm-import: --map and --preset: one of the two'
}

@test "--list names the presets; --show prints one, which works as a map" {
	runs crm-import --list
	status_is 0
	err_empty
	grep -q '^google  ' "$OUT"
	[ "$(wc -l <"$OUT")" -eq 13 ]
	google >g.csv
	crm-import --show google >mine.yaml
	runs crm-import --map mine.yaml g.csv --verbose
	gives 0 '' $'crm-import: made 1 company: US Navy\ncrm-import: stored 2 contacts in ~/.local/share/crm; crm-undo takes them back'
	runs crm-import --list g.csv
	gives 2 '' "crm-import: argument 1: 'g.csv': --list takes no file"
	runs crm-import --list --show google
	gives 2 '' 'crm-import: --list, --show and --map-init: one of them'
}

# shop_map: that of the manual.
shop_map() {
	cat <<'EOT'
kind: order
source: shop-de
encoding: windows-1252
delim: ";"
dates: dmy
decimal: comma
columns:
  Bestellnummer: ext
  Datum: at
  Kundenemail: contact.email
  Name: contact.name
  Gesamtbetrag: amount
  Währung: currency
  Status: {to: status, values: {bezahlt: paid, offen: pending, storniert: cancelled}}
EOT
}

shop_orders() {
	printf 'Bestellnummer;Datum;Kundenemail;Name;Gesamtbetrag;Währung;Status\r\n1;31.12.2026;m@example.de;Müller;1.234,50;EUR;bezahlt\r\n' |
		iconv -f UTF-8 -t WINDOWS-1252
}

@test "a map of one's own: by file, and by name from the configuration" {
	shop_map >shop.yaml
	shop_orders >orders.csv
	runs crm-import --map shop.yaml orders.csv --verbose
	gives 0 '' 'crm-import: stored 1 contact and 1 order in ~/.local/share/crm; crm-undo takes them back'
	stored order contact,ext,at,status,amount,currency
	gives 0 $'contact:Müller\text:shop-de/1\tat:2026-12-31T00:00:00Z\tstatus:paid\tamount:1234.50\tcurrency:EUR'
	mkdir -p "$XDG_CONFIG_HOME/crm/maps"
	cp shop.yaml "$XDG_CONFIG_HOME/crm/maps/shop.yaml"
	runs crm-import --map shop orders.csv --verbose
	gives 0 '' 'crm-import: nothing to change: 2 records are as stored'
	runs crm-import --map shpo orders.csv
	gives 66 '' "crm-import: ~/.config/crm/maps/shpo.yaml: No such file or directory; did you mean 'shop'?"
	runs crm-import contact --map shop orders.csv
	gives 2 '' "crm-import: argument 1: kind: got 'contact', but --map makes records of the kind order"
}

@test "a fault in a map is 65 with its place" {
	shop_map | sed 's/ext$/exd/' >shop.yaml
	shop_orders >orders.csv
	runs crm-import --map shop.yaml orders.csv
	status_is 65
	grep -q '^crm-import: shop.yaml:8:18: ' "$ERR"
}

@test "--map-init drafts a map that imports" {
	printf 'Full name,Mail,Town\nAna Núñez,ana@acme.es,Lugo\nBo Lind,bo@lind.example,Vigo\n' >best.csv
	crm-import --map-init best.csv >best.yaml
	runs crm-import --map best.yaml best.csv -o ltsv -F name,email
	gives 0 $'name:Ana Núñez\temail:ana@acme.es\nname:Bo Lind\temail:bo@lind.example'
}

# ---- JSON, and what a webhook brings ----

# payload: an order as a shop sends it.
payload() {
	printf '{"id":5001,"email":"ana@acme.es","total":"34.98","currency":"EUR","created":"2026-05-01T09:58:12+02:00","items":[{"sku":"TEE","qty":2,"price":"9.99"},{"sku":"MUG","qty":1,"price":"10.00"}]}\n'
}

payload_map() {
	cat <<'EOT'
kind: order
source: shop
columns:
  id: ext
  email: contact.email
  total: amount
  currency: currency
  created: at
  items[].sku: item.sku
  items[].qty: item.qty
  items[].price: item.price
EOT
}

@test "JSON through a map: the same delivery twice makes one order" {
	payload_map >shop.yaml
	payload | crm-import -i json --map shop.yaml
	payload | crm-import -i json --map shop.yaml
	stored order contact_id,ext,at,item,amount
	sed -i 's/contact_id:[0-9A-Z]*/contact_id:ID/' "$OUT"
	out_is $'contact_id:ID\text:shop/5001\tat:2026-05-01T07:58:12Z\titem:TEE*2@9.99\titem:MUG*1@10\tamount:34.98'
}

# signed CODE: the signature of payload with the secret `s3cret`.
signed() {
	case $1 in
	hex) payload | openssl dgst -sha256 -hmac s3cret -r | cut -d' ' -f1 ;;
	base64) payload | openssl dgst -sha256 -hmac s3cret -binary | base64 ;;
	esac
}

@test "--verify: the right signature, as base64 and hex; a wrong one is 77" {
	needs openssl
	payload_map >shop.yaml
	echo s3cret >secret
	chmod 600 secret
	runs crm-import -i json --map shop.yaml --secret-file secret \
		--verify "hmac-sha256:base64:$(payload | sed s/5001/5002/ | openssl dgst -sha256 -hmac s3cret -binary | base64)" < <(payload)
	gives 77 '' 'crm-import: stdin: the signature is not that of the secret; nothing stored'
	[ ! -e "$XDG_DATA_HOME/crm" ]
	runs crm-import -i json --map shop.yaml --secret-file secret \
		--verify "hmac-sha256:hex:zz" < <(payload)
	gives 77 '' 'crm-import: stdin: the signature is not that of the secret; nothing stored'
	for how in base64 hex; do
		runs crm-import -i json --map shop.yaml --secret-file secret \
			--verify "hmac-sha256:$how:$(signed $how)" < <(payload)
		gives 0 || return
	done
	runs crm-find kind:order -c
	gives 0 1
}

# The shop that webhook listens for: its payload and its signature reach us.
hooks() {
	cat >handler <<-'EOT'
	#!/bin/sh
	printf '%s' "$2" | crm-import -i json --map shop.yaml \
	    --verify "hmac-sha256:base64:$1" --secret-file secret
	EOT
	chmod +x handler
	cat >hooks.json <<-EOT
	[{ "id": "shop", "execute-command": "$PWD/handler",
	  "command-working-directory": "$PWD",
	  "include-command-output-in-response": true,
	  "include-command-output-in-response-on-error": true,
	  "pass-arguments-to-command": [
	    { "source": "header", "name": "X-Shop-Hmac-Sha256" },
	    { "source": "raw-request-body" } ] }]
	EOT
}

# delivers SIGNATURE: the status of HTTP with which webhook answers.
delivers() {
	payload | curl -s -o said -w '%{http_code}' --data-binary @- \
		-H 'Content-Type: application/json' -H "X-Shop-Hmac-Sha256: $1" \
		"http://127.0.0.1:$port/hooks/shop"
}

@test "webhook brings an order once, and none under a wrong signature" {
	local peer port
	for peer in webhook curl openssl; do
		command -v $peer >/dev/null || skip "there is no $peer"
	done
	payload_map >shop.yaml
	(umask 077 && echo s3cret >secret)
	hooks
	port=$((20000 + $$ % 20000))
	webhook -hooks hooks.json -ip 127.0.0.1 -port $port >log 2>&1 3>&- &
	hook=$!
	until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
		kill -0 $hook || { cat log; return 1; }
	done
	[ "$(delivers "$(signed hex)")" = 500 ]
	grep -q 'the signature is not that of the secret' said
	[ ! -e "$XDG_DATA_HOME/crm" ]
	[ "$(delivers "$(signed base64)")" = 200 ]
	[ "$(delivers "$(signed base64)")" = 200 ]
	runs crm-find kind:order -F ext
	gives 0 ext:shop/5001
}

teardown() {
	[ -z "${hook-}" ] || kill "$hook"
}

@test "--verify: how it is said, and whose the secret may be" {
	payload_map >shop.yaml
	echo s3cret >secret
	chmod 666 secret
	runs crm-import -i json --map shop.yaml --secret-file secret --verify md5:hex:00 </dev/null
	gives 2 '' "crm-import: --verify: got 'md5:hex:00', wanted hmac-sha256:base64:SIGNATURE or hmac-sha256:hex:SIGNATURE"
	runs crm-import -i json --map shop.yaml --verify hmac-sha256:hex:00 </dev/null
	gives 2 '' 'crm-import: --verify and --secret-file go together'
	runs crm-import -i json --map shop.yaml --secret-file secret --verify hmac-sha256:hex:00 < <(payload)
	status_is 77
	: >empty
	chmod 600 empty
	runs crm-import -i json --map shop.yaml --secret-file empty --verify hmac-sha256:hex:00 < <(payload)
	gives 78 '' 'crm-import: empty: no secret in it'
	runs crm-import a.json b.json --map shop.yaml --secret-file secret --verify hmac-sha256:hex:00
	gives 2 '' 'crm-import: --verify goes with one input'
}

# ---- cards, calendars, lines ----

# card NAME EMAIL [UID]
card() {
	printf '%s\r\n' BEGIN:VCARD VERSION:3.0 "FN:$1" "EMAIL:$2" \
		${3:+"UID:$3"} END:VCARD
}

@test "cards: several in a file, known by content, whatever the name" {
	{ card 'Ana Núñez' ana@acme.es u1; card 'Bo Lind' bo@lind.example; } >people.txt
	runs crm-import --verbose people.txt
	gives 0 '' $'crm-import: people.txt: taken for vcard\ncrm-import: stored 2 contacts in ~/.local/share/crm; crm-undo takes them back'
	stored contact name,email,ext
	gives 0 $'name:Ana Núñez\temail:ana@acme.es\text:vcard/u1\nname:Bo Lind\temail:bo@lind.example'
	cp people.txt people.vcf
	runs crm-import --verbose people.vcf
	gives 0 '' 'crm-import: nothing to change: 2 records are as stored'
}

@test "a folder: its cards and calendars, in order of their names" {
	mkdir dir
	card Ana ana@acme.es >dir/1.vcf
	card Bo bo@lind.example >dir/2.vcf
	printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 BEGIN:VTODO UID:t1 \
		'SUMMARY:send it' END:VTODO END:VCALENDAR >dir/3.ics
	echo garbage >dir/notes.txt
	runs crm-import --verbose dir
	gives 0 '' 'crm-import: stored 2 contacts and 1 task in ~/.local/share/crm; crm-undo takes them back'
	runs crm-import --verbose dir
	gives 0 '' 'crm-import: nothing to change: 3 records are as stored'
	mkdir empty
	runs crm-import --verbose empty
	gives 0 '' $'crm-import: empty: no card and no calendar in it\ncrm-import: nothing to change'
	ln -s /etc/passwd dir/0.vcf
	runs crm-import dir
	status_is 74
}

@test "a bad card is refused with file and line, and rejected as it came" {
	mkdir dir
	card Ana ana@acme.es >dir/1.vcf
	card Bo bo@lind.example | sed 's/^EMAIL:/EMAIL /' >dir/2.vcf
	card Cy cy@a.es >dir/3.vcf
	runs crm-import dir
	status_is 65
	grep -q '^crm-import: dir/2.vcf:4: ' "$ERR"
	grep -q '^crm-import: nothing stored, 1 of 3 records refused; --keep-going stores the other 2' "$ERR"
	runs crm-import dir --keep-going --reject bad.vcf
	status_is 1
	grep -q 'EMAIL bo@' bad.vcf
	sed -i 's/EMAIL bo/EMAIL:bo/' bad.vcf
	runs crm-import bad.vcf --verbose
	gives 0 '' 'crm-import: stored 1 contact in ~/.local/share/crm; crm-undo takes it back'
}

@test "our own lines and JSON come back as they were, twice" {
	"$EXAMPLES/load"
	{ crm-find kind:company --stored; crm-find --stored; } >all.ltsv
	{ crm-find kind:company -o json --stored; crm-find -o json --stored; } >all.json
	for f in all.ltsv all.json; do
		rm -r "$XDG_DATA_HOME"
		runs crm-import $f
		gives 0 || return
		{ crm-find kind:company --stored; crm-find --stored; } >again
		same all.ltsv again || return
		runs crm-import --verbose $f
		[ "$status $(tail -n 1 "$ERR")" = "0 crm-import: nothing to change: $(wc -l <all.ltsv) records are as stored" ] || return
	done
}

@test "a line of another kind than the one named is refused" {
	printf 'kind:company\tname:Faro\n' >a.ltsv
	runs crm-import contact a.ltsv
	gives 65 '' $'crm-import: a.ltsv:1: kind: got \'company\', wanted contact\ncrm-import: nothing stored, 1 of 1 record refused'
}

@test "what is no table says what it looks like" {
	printf 'PK\003\004xx\000\000' >a.zip
	runs crm-import a.zip
	status_is 65
	grep -q 'looks like a zip file' "$ERR"
	printf '<html>\n' >a.html
	runs crm-import a.html
	status_is 65
	grep -q 'looks like an HTML page' "$ERR"
	card Ana ana@acme.es >a.vcf
	runs crm-import --preset google a.vcf
	gives 65 '' 'crm-import: a.vcf: it is vcard; a map reads csv, tsv and json'
	mkdir dir
	runs crm-import --preset google dir
	gives 65 '' 'crm-import: dir: it is a folder; a map reads csv, tsv and json'
}

@test "-i names the format; nothing is nothing" {
	people >people.csv
	runs crm-import -i csv people.csv --verbose
	gives 0 '' 'crm-import: stored 3 contacts in ~/.local/share/crm; crm-undo takes them back'
	runs crm-import -i vcf people.csv
	status_is 2
	runs crm-import -i id people.csv
	gives 2 '' $'crm-import: -i: unknown format \'id\'\nFormats: csv, tsv, json, ltsv, vcard, ical, yaml, mbox.'
	runs crm-import --verbose </dev/null
	gives 0 '' $'crm-import: stdin: nothing in it\ncrm-import: nothing to change'
	printf 'name,email\n' >head.csv
	runs crm-import --verbose head.csv
	gives 0 '' 'crm-import: nothing to change'
}

# ---- mail ----

# mbox: two mails, one from us.
mbox() {
	cat <<'EOT'
From ana@acme.es Mon Mar  2 09:00:00 2026
From: =?utf-8?q?Ana_N=C3=BA=C3=B1ez?= <ANA@acme.es>
To: me@here.example, "Lind, Bo" <bo@lind.example>
Cc: team@ours.example
Subject: one

text

From me@here.example Mon Mar  2 10:00:00 2026
From: Me <me@here.example>
To: ana@acme.es
Cc: cy@a.example
Subject: two

text
EOT
}

@test "mbox: a lead for each address that is not ours; who is there stays" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	printf 'me: [me@here.example, "@ours.example"]\n' >"$XDG_CONFIG_HOME/crm/config.yaml"
	crm-add -q contact name:Bo email:bo@lind.example stage:customer
	mbox >mail
	runs crm-import --verbose mail
	gives 0 '' $'crm-import: mail: taken for mbox\ncrm-import: stored 2 contacts in ~/.local/share/crm; crm-undo takes them back'
	stored contact name,email,stage,source
	gives 0 $'name:Bo\temail:bo@lind.example\tstage:customer\nname:Ana Núñez\temail:ANA@acme.es\tstage:lead\tsource:email\nemail:cy@a.example\tstage:lead\tsource:email'
	mbox >mail.mbox
	runs crm-import --verbose mail.mbox
	gives 0 '' 'crm-import: nothing to change: 3 records are as stored'
	runs crm-import --verbose -i mbox <mail
	gives 0 '' 'crm-import: nothing to change: 3 records are as stored'
}

@test "Maildir: the same of each mail in new and cur" {
	mkdir -p dir/cur dir/new dir/tmp
	printf 'From: a@a.es\nTo: b@b.es\n\nx\n' >dir/new/1
	printf 'From: a@a.es\nTo: c@c.es\n\nx\n' >dir/cur/2
	runs crm-import --verbose dir
	gives 0 '' $'crm-import: dir: taken for Maildir\ncrm-import: stored 3 contacts in ~/.local/share/crm; crm-undo takes them back'
}

@test "without the module that reads mail it is 69, and tables are read" {
	[ ! -e /usr/local/lib/crm-utils/mail.so ] || skip 'crm-utils is installed'
	mkdir -p p/bin
	cp "$CRM_BIN/crm-import" p/bin
	mbox >mail.mbox
	people >people.csv
	runs p/bin/crm-import mail.mbox
	gives 69 '' 'crm-import: mail.so, which reads mail, is not installed: looked in lib/crm-utils beside the program and below /usr/local/lib'
	runs p/bin/crm-import people.csv
	gives 0
}

# ---- people who were erased, and consent ----

@test "people who were erased are left out, and counted" {
	crm-add -q contact name:Ana email:ana@acme.es
	crm-rm --erase --yes -q ana@acme.es
	people >people.csv
	runs crm-import --verbose people.csv
	gives 0 '' $'crm-import: left out 1 person who was erased\ncrm-import: stored 2 contacts in ~/.local/share/crm; crm-undo takes them back'
	stored contact name
	gives 0 $'name:Bo Lind\nname:Gil, Marta'
}

# subscribers: a preset that knows an answer about mail.
subscribers() {
	printf 'who,mail,news\nAna,ana@acme.es,yes\nBo,bo@lind.example,no\n' >news.csv
	cat >news.yaml <<'EOT'
columns:
  who: name
  mail: email
  news: {to: consent.email, values: {yes: granted, no: no}}
EOT
}

@test "grants only with --consent; no withdraws a grant that stands" {
	subscribers
	crm-add -q contact name:Bo email:bo@lind.example
	crm-consent grant -q bo@lind.example channel:email
	runs crm-import --map news.yaml news.csv
	gives 0
	runs crm-find kind:consent -F contact,state,wording
	gives 0 $'contact:Bo\tstate:granted\ncontact:Bo\tstate:withdrawn'
	runs crm-import --map news.yaml news.csv --consent 'Send me news'
	gives 0
	runs crm-find kind:consent -F contact,channel,state,wording
	gives 0 $'contact:Bo\tchannel:email\tstate:granted\ncontact:Bo\tchannel:email\tstate:withdrawn\ncontact:Ana\tchannel:email\tstate:granted\twording:Send me news'
	runs crm-import --map news.yaml news.csv --consent 'Send me news' --verbose
	gives 0 '' 'crm-import: nothing to change: 2 records are as stored'
	runs crm-import --map news.yaml news.csv --consent ' '
	gives 2 '' 'crm-import: --consent: wanted the wording that the person saw'
}

# ---- statuses ----

@test "a store that cannot be made is 73, a busy one 75, a bad config 78" {
	people >people.csv
	runs crm-import -D /nowhere/crm people.csv
	gives 73 '' $'crm-import: /nowhere/crm: cannot create the store: No such file or directory\nMake /nowhere first, or name another place with -D or CRM_DB.'
	runs crm-import people.csv --reject /nowhere/bad
	gives 73 '' 'crm-import: --reject: /nowhere/bad: No such file or directory'
	needs flock
	crm-import people.csv
	echo 'Eve,eve@a.es,,' >>people.csv
	runs flock "$XDG_DATA_HOME/crm" crm-import people.csv --lock-timeout 1s
	status_is 75
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-import people.csv
	status_is 78
}

@test "a full standard output is 74, and what was stored stays" {
	people >people.csv
	run -0 --separate-stderr sh -c 'crm-import people.csv -o ltsv >/dev/full; echo $?'
	[ "$output" = 74 ]
	runs crm-find -c
	gives 0 3
	run -0 --separate-stderr sh -c 'crm-import --list >/dev/full; echo $?'
	[ "$output" = 74 ]
}

@test "-h fits 40 lines; on a terminal without a file it is shown" {
	runs crm-import -h
	status_is 0
	[ "${#lines[@]}" -le 40 ]
	[[ $output == 'crm-import - foreign files in'* ]]
	runs crm-import --keyy
	gives 2 '' $'crm-import: unknown option \'--keyy\'; did you mean \'--key\'?\nTry \'crm-import --help\'.'
	needs script
	run script -qec 'crm-import' /dev/null
	[ "$status" -eq 2 ]
	[[ $output == *'usage: crm-import'* ]]
}

@test "completion: presets, formats, maps, kinds" {
	mkdir -p "$XDG_CONFIG_HOME/crm/maps"
	: >"$XDG_CONFIG_HOME/crm/maps/shop.yaml"
	runs crm-import --crm-complete -- --preset=goog
	status_is 0
	[ "$(cut -f1 "$OUT")" = $'--preset=google\n--preset=google-legacy' ]
	runs crm-import --crm-complete -- --map sh
	gives 0 $'shop\t'
	runs crm-import --crm-complete -- -i mb
	gives 0 $'mbox\t'
	crm-add -q name:Ana
	runs crm-import --crm-complete -- compa
	status_is 0
	[ "$(cut -f1 "$OUT")" = company ]
}

# ---- the data that the project shares ----

# takes FILE PRESET STORED: into an empty store, and again.
takes() {
	rm -rf "$XDG_DATA_HOME"
	cp "$CORPORA/csv/$1.csv" .
	runs crm-import --preset "$2" "$1.csv" --verbose
	status_is 0 || return
	[ "$(tail -n 1 "$ERR")" = "crm-import: stored $3" ] || {
		both_outputs
		return 1
	}
	crm-find --stored >first
	runs crm-import --preset "$2" "$1.csv" --verbose
	status_is 0 || return
	tail -n 1 "$ERR" | grep -q '^crm-import: nothing to change: ' || {
		both_outputs
		return 1
	}
	crm-find --stored >second
	same first second
}

@test "every shared table: the counts of its README, and twice changes nothing" {
	needs_corpus csv
	one='in ~/.local/share/crm; crm-undo takes it back'
	them='in ~/.local/share/crm; crm-undo takes them back'
	takes google-contacts-2024 google "1 contact $one"
	runs crm-find kind:company -c
	gives 0 1
	takes google-contacts-legacy google-legacy "1 contact $one"
	takes outlook outlook "1 contact $one"
	takes hubspot-contacts hubspot "2 contacts $them"
	takes shopify-customers shopify-customers "1 contact $one"
	takes shopify-orders shopify-orders "1 contact and 1 order $them"
	runs crm-find kind:order -F at,status,item,amount,currency
	gives 0 $'at:2026-05-01T07:58:12Z\tstatus:shipped\titem:TEE-BLK-S*2@9.99\titem:MUG*1@10\tamount:34.98\tcurrency:EUR'
	takes stripe-balance stripe "2 activities $them"
	takes woocommerce-rest-flat woocommerce "1 contact and 1 order $them"
	takes woocommerce-analytics-orders woocommerce "1 order $one"
}

@test "the shared semicolon table, by the map of the manual" {
	needs_corpus csv
	shop_map >shop.yaml
	runs crm-import --map shop.yaml "$CORPORA/csv/semicolon-latin1.csv" --verbose
	gives 0 '' 'crm-import: stored 1 contact and 1 order in ~/.local/share/crm; crm-undo takes them back'
	runs crm-import --map shop.yaml "$CORPORA/csv/semicolon-latin1.csv" --verbose
	gives 0 '' 'crm-import: nothing to change: 2 records are as stored'
}

@test "the shared hostile table: lines 6 to 8 are refused, three contacts stored" {
	needs_corpus csv
	cp "$CORPORA/csv/hostile.csv" .
	runs crm-import contact hostile.csv
	gives 65 '' $'crm-import: hostile.csv:6: got 1 cell, wanted 3 as the header\ncrm-import: hostile.csv:7: got 4 cells, wanted 3 as the header\ncrm-import: hostile.csv:8: a quote that opens in this row is never closed\ncrm-import: nothing stored, 3 of 6 records refused; --keep-going stores the other 3'
	runs crm-import contact hostile.csv --keep-going --reject bad.csv
	status_is 1
	runs crm-find -F email
	gives 0 $'email:a@x\nemail:b@x\nemail:c@x'
	[ "$(tail -n 1 bad.csv)" = $'"unterminated,d@x,z' ]
}

# ---- the ends of a run ----

@test "an interrupt stores nothing and says so" {
	mkfifo in
	people >people.csv
	# shellcheck disable=SC2016 # it is for that shell
	runs timeout 20 bash -c 'crm-import - <in 2>err & pid=$!
		exec 9>in; cat people.csv >&9
		until grep -q "(sleeping)" /proc/$pid/status; do :; done
		for i in 1 2 3 4 5 6 7 8; do kill -TERM $pid 2>/dev/null; done
		wait $pid; echo $?'
	[[ $output == *143* ]]
	grep -q 'interrupted; nothing stored' err
	[ ! -e "$XDG_DATA_HOME/crm" ]
}

@test "an order without its customer is a doubt that is always told" {
	printf 'columns: {n: ext, who: contact.name, sum: amount}\nkind: order\nsource: s\ncurrency: EUR\n' >m.yaml
	printf 'n,who,sum\n1,Ana,12.50\n' >o.csv
	runs crm-import --map m.yaml o.csv
	gives 0 '' 'crm-import: o.csv:2: warning: order without contact: nothing here tells which one'
}

@test "a row whose only name is an id or a handle is somebody" {
	printf 'name,ext,handle,stage\n,erp/1,,lead\n,,telegram/ana,lead\n,,,lead\n' >a.csv
	runs crm-import --verbose a.csv
	gives 0 '' $'crm-import: a.csv: 1 row skipped (line 4): no name, e-mail, phone or company\ncrm-import: stored 2 contacts in ~/.local/share/crm; crm-undo takes them back'
}

@test "the sample data: said what is doubted, what was made, and stored" {
	ln -s "$EXAMPLES" examples
	runs crm-import --verbose examples/contacts.csv
	gives 0 '' "crm-import: examples/contacts.csv:32: phone: '12' kept as typed: no country
crm-import: made 64 companies: faro.es, acme.es, Ibaiza SL, arrizabalaga.example, miramar.example, ...
crm-import: stored 200 contacts in ~/.local/share/crm; crm-undo takes them back"
}

@test "a skipped row is told by its line, a handle is somebody" {
	cat >a.csv <<-'EOT'
		name,handle,city
		,telegram/ana,
		,,Vigo
		,,Lugo
		,,Pontevedra
		,,Ourense
	EOT
	runs crm-import --verbose a.csv
	gives 0 '' 'crm-import: a.csv: 4 rows skipped (lines 3, 4, 5, ...): no name, e-mail, phone or company
crm-import: stored 1 contact in ~/.local/share/crm; crm-undo takes it back'
	printf 'kind: contact\ncolumns:\n  Account: handle\n  Town: city\n' >m.yaml
	printf 'Account,Town\ntelegram/bo,\n,Vigo\n' >b.csv
	runs crm-import --verbose --map m.yaml b.csv
	gives 0 '' 'crm-import: b.csv: 1 row skipped (line 3): no name, e-mail, phone or company
crm-import: stored 1 contact in ~/.local/share/crm; crm-undo takes it back'
}

@test "a header that is no field, and a short row, are told with their line" {
	printf 'from my phone\nname,emial\nAna,a@a.es\n' >a.csv
	runs crm-import a.csv
	gives 65 '' "crm-import: a.csv:2: column 'emial' is no field of kind contact; did you mean 'email'?"
	printf 'name,email\nAna\n' >b.csv
	runs crm-import b.csv
	gives 65 '' 'crm-import: b.csv:2: got 1 cell, wanted 2 as the header
crm-import: nothing stored, 1 of 1 record refused'
}

@test "a map or a kind that is nearly right is suggested" {
	mkdir -p "$XDG_CONFIG_HOME/crm/maps"
	echo 'kind: contact' >"$XDG_CONFIG_HOME/crm/maps/best.yaml"
	printf 'name\nAna\n' >a.csv
	runs crm-import --map bets a.csv
	gives 66 '' "crm-import: ~/.config/crm/maps/bets.yaml: No such file or directory; did you mean 'best'?"
	runs crm-import contct
	gives 66 '' "crm-import: contct: No such file or directory; did you mean the kind 'contact'?"
}

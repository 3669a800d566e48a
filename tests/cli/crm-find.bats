#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# crm-find: options, formats, lines on stdin, --mutt, notes, bad output.
load helper

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
	crm-add -q company name:'Acme, S.L. (Spain)' domain:acme.es city:Madrid
	crm-add -q contact - <<-'EOT'
	name:Ana Núñez	email:ana@acme.es	email:a.nunez@mail.example	tag:vip	stage:customer	city:Málaga	company:acme.es
	name:Peña Gil	email:pena@x.example	tag:press	stage:lead	city:Málaga Este
	name:Pena Ruiz	email:pr@x.example	tag:vip	tag:press	city:Madrid	phone:+34600111222
	name:Hans Straße	email:hans@y.example	city:Berlin	note:two\nlines, "quoted"
	EOT
	ANA=01KJPWD6M0CZP8WSD1HQNVWQJP
}

# names OUT [WORD ...]: crm-find WORD ... finds these names, in order
names() {
	local want=$1
	shift
	runs crm-find -o value -F name "$@"
	status_is 0
	err_empty
	[ "$output" = "${want:+$want$'\n'}" ] && return
	echo "wanted: $want"
	both_outputs
	return 1
}

@test "without terms every contact comes, in the order of ids" {
	names $'Ana Núñez\nPeña Gil\nPena Ruiz\nHans Straße'
	runs crm-find -o id
	status_is 0
	sort -c "$OUT"
}

@test "a line is canonical LTSV" {
	runs crm-find hans
	gives 0 $'id:01KJPWD6M0CZP8WSD1HQNVWQJS\tkind:contact\trev:1\tname:Hans Straße\temail:hans@y.example\tcity:Berlin\tnote:two\\nlines, "quoted"\tcreated:2026-03-02T09:00:00Z\tupdated:2026-03-02T09:00:00Z'
}

@test "-e adds up, is joined by AND and keeps its parentheses" {
	names 'Pena Ruiz' -e 'tag:vip or tag:press' -e 'city:madrid or city:berlin'
	names 'Pena Ruiz' -e 'tag:vip or tag:press' city:madrid
}

@test "-f reads a query without its comments" {
	printf '# who gets the letter\ntag:vip # all\nor stage:lead\n' >query
	names $'Ana Núñez\nPeña Gil\nPena Ruiz' -f query
	runs crm-find -f nowhere
	gives 66 '' 'crm-find: nowhere: No such file or directory'
}

@test "-v gives what does not match, -c the number" {
	names $'Peña Gil\nHans Straße' -v tag:vip
	runs crm-find -c tag:vip
	gives 0 2
	runs crm-find -c tag:nobody
	gives 0 0
	runs crm-find -vc
	gives 0 0
}

@test "-q answers by its status alone" {
	runs crm-find -q tag:vip
	gives 0
	runs crm-find -q tag:nobody
	gives 1
	runs crm-find -q stgae:lead
	gives 2 '' "crm-find: query: unknown field 'stgae' in 'stgae:lead'; did you mean 'stage'?"
}

@test "--explain shows the query and the plan instead of records" {
	runs crm-find --explain tag:vip last_contact:..-90d not city:madrid
	status_is 0
	err_empty
	[ "${lines[0]}" = 'query  kind:contact and tag:vip and last_contact:..2025-12-02T23:59:59Z and not city:madrid' ] ||
		[ "${lines[0]}" = 'query  kind:contact and tag:vip and not city:madrid and last_contact:..2025-12-02T23:59:59Z' ]
	[[ ${lines[1]} == 'plan   '*"contact.tag 'vip'"*drives* ]]
}

@test "-s sorts by type, absent last both ways, ties by id" {
	names $'Ana Núñez\nHans Straße\nPeña Gil\nPena Ruiz' -s name
	names $'Pena Ruiz\nPeña Gil\nHans Straße\nAna Núñez' -s -name
	names $'Peña Gil\nAna Núñez\nPena Ruiz\nHans Straße' -s stage
	names $'Ana Núñez\nPeña Gil\nPena Ruiz\nHans Straße' -s -stage
	names $'Pena Ruiz\nPeña Gil\nAna Núñez\nHans Straße' -s tag,-name
	names $'Pena Ruiz\nAna Núñez\nPeña Gil\nHans Straße' -s -tag,-name
}

@test "-s takes several keys, dotted ones too" {
	names $'Ana Núñez\nPena Ruiz\nPeña Gil\nHans Straße' -s company.city,-name
}

@test "-l keeps the first, of the sorted ones too" {
	names 'Ana Núñez' -l 1
	names $'Ana Núñez\nHans Straße' -s name -l 2
	names $'Pena Ruiz\nPeña Gil' -s -name -l2
	names '' -l 0
	runs crm-find -l 1 -c
	gives 0 1
}

@test "-F selects and orders; * is the rest, -note drops" {
	runs crm-find -F email,name ana
	gives 0 $'email:ana@acme.es\temail:a.nunez@mail.example\tname:Ana Núñez'
	runs crm-find -F 'name,*,-note,-created,-updated,-rev,-kind' hans
	gives 0 $'name:Hans Straße\tid:01KJPWD6M0CZP8WSD1HQNVWQJS\temail:hans@y.example\tcity:Berlin'
	runs crm-find -F company.city,company,name tag:vip
	gives 0 $'company.city:Madrid\tcompany:Acme, S.L. (Spain)\tname:Ana Núñez\nname:Pena Ruiz'
}

@test "an unknown name of -F, -s or a template is 2 with the nearest" {
	runs crm-find -F name,emial
	gives 2 '' "crm-find: --fields: unknown field 'emial' of contact; did you mean 'email'?"
	runs crm-find -s -naem
	gives 2 '' "crm-find: --sort: unknown field 'naem' of contact; did you mean 'name'?"
	runs crm-find -o 'template={{naem}}'
	gives 2 '' "crm-find: --output: unknown field 'naem' of contact; did you mean 'name'?"
}

@test "-o json: keys in canonical order, several values as arrays" {
	runs crm-find -o json -F id,name,email,tag ana
	gives 0 '{"id":"01KJPWD6M0CZP8WSD1HQNVWQJP","name":"Ana Núñez","email":["ana@acme.es","a.nunez@mail.example"],"tag":["vip"]}'
	runs crm-find -o json-array -F name tag:vip
	gives 0 $'[\n{"name":"Ana Núñez"},\n{"name":"Pena Ruiz"}\n]'
	runs crm-find -o json-array nobody
	status_is 0
	[ "$(jq -c . <"$OUT")" = '[]' ]
}

@test "-o csv and tsv have a header and empty cells" {
	runs crm-find -o csv -F name,tag,note
	gives 0 $'name,tag,note\nAna Núñez,vip,\nPeña Gil,press,\nPena Ruiz,vip;press,\nHans Straße,,"two\nlines, ""quoted"""'
	runs crm-find -o tsv -F name,tag,note --no-header
	gives 0 $'Ana Núñez\tvip\t\nPeña Gil\tpress\t\nPena Ruiz\tvip;press\t\nHans Straße\t\ttwo\\nlines, "quoted"'
}

@test "-o yaml, id, value and template" {
	runs crm-find -o yaml -F name,tag tag:vip
	status_is 0
	err_empty
	[ "${lines[0]}" = 'name: Ana Núñez' ]
	runs crm-find -o id ana
	gives 0 "$ANA"
	runs crm-find -o value -F email ana
	gives 0 $'ana@acme.es\na.nunez@mail.example'
	runs crm-find -o value
	gives 2 '' 'crm-find: -o value needs -F: which fields?'
	runs crm-find -o 'template={{name}} <{{email}}>' ana
	gives 0 'Ana Núñez <ana@acme.es>'
	runs crm-find -o jsn
	gives 2 '' "crm-find: unknown output format 'jsn'; did you mean 'json'?"
}

@test "-0 ends records in NUL, and values of -o value raw" {
	runs crm-find -0 -F name tag:vip
	status_is 0
	cmp "$OUT" <(printf 'name:Ana Núñez\0name:Pena Ruiz\0')
	runs crm-find -0 -o value -F note hans
	cmp "$OUT" <(printf 'two\nlines, "quoted"\0')
}

@test "-o table in a pipe is as wide as it needs, or as COLUMNS says" {
	runs crm-find -o table -F name,city tag:vip
	gives 0 $'NAME       CITY\nAna Núñez  Málaga\nPena Ruiz  Madrid'
	COLUMNS=16 runs crm-find -o table -F name,city ana
	status_is 0
	[ "$(LC_ALL=C.UTF-8 awk 'length > 16' "$OUT")" = '' ]
}

@test "options stand anywhere, and -- ends them" {
	runs crm-find ana -F name --no-header
	gives 0 'name:Ana Núñez'
	runs crm-find -F name -- ana
	gives 0 'name:Ana Núñez'
	runs crm-find -- -F
	gives 0
}

@test "options that are wrong say so" {
	runs crm-find --limt 3
	gives 2 '' $'crm-find: unknown option \'--limt\'; did you mean \'--limit\'?\nTry \'crm-find --help\'.'
	runs crm-find --limit=2x
	gives 2 '' "crm-find: --limit: got '2x', wanted a whole number from 0 up"
	runs crm-find --lim 3
	status_is 2
	runs crm-find -tag:x
	gives 2 '' $'crm-find: unknown option \'-t\'; did you mean \'not tag:x\'?\nTry \'crm-find --help\'.'
	runs crm-find -l
	gives 2 '' 'crm-find: -l needs an argument: N'
	runs crm-find --count=3
	gives 2 '' 'crm-find: --count takes no argument'
	runs crm-find --color=pink
	status_is 2
}

# ---- notes ----

@test "an empty answer is 0 and notes why where notes are wanted" {
	runs crm-find lopez
	gives 0
	runs crm-find --verbose lopez
	gives 0 '' "crm-find: no record matches 'lopez'; the store holds 4 contacts"
	runs crm-find --verbose tag:vpi
	gives 0 '' "crm-find: no record matches 'tag:vpi'; the store holds 4 contacts; did you mean 'tag:vip'?"
}

@test "no store yet at the default place is an empty answer" {
	unset CRM_DB
	runs crm-find
	gives 0
	runs crm-find --verbose
	gives 0 '' 'crm-find: no store yet at ~/.local/share/crm; crm-add or crm-import makes it'
	[ ! -e "$XDG_DATA_HOME/crm" ]
	runs crm-find -q
	gives 1
}

@test "a named store that is not there is 66" {
	runs crm-find -D "$HOME/none"
	gives 66 '' 'crm-find: ~/none: no store there'
	CRM_DB=$HOME/none runs crm-find
	gives 66 '' 'crm-find: ~/none: no store there'
}

# ---- lines on stdin ----

@test "lines that match pass byte for byte" {
	printf 'tag:vip\tname:B\tnote:a\\qb\nname:C\nname:D\ttag:vip' >in
	runs crm-find - tag:vip <in
	gives 0 $'tag:vip\tname:B\tnote:a\\qb\nname:D\ttag:vip'
	runs crm-find - <in
	gives 0 "$(cat in)"
}

@test "the filter selects what the store selects" {
	crm-find >all
	for q in tag:vip 'not tag:vip' nunez 'city=Málaga' company.city:madrid \
		'no(call)' has:phone "id:$ANA" stage:customer; do
		crm-find -e "$q" >store
		runs crm-find - -e "$q" <all
		status_is 0
		err_empty
		same store "$OUT"
	done
}

@test "lines are sorted by the types of their fields" {
	crm-find >all
	runs crm-find - -s -stage,name -F name <all
	gives 0 $'name:Ana Núñez\nname:Peña Gil\nname:Hans Straße\nname:Pena Ruiz'
	printf 'x:10\nx:9\ny:1\nx:-3\n' >in
	runs crm-find - -s x <in
	gives 0 $'x:-3\nx:9\nx:10\ny:1'
	runs crm-find - -s -x -l 2 <in
	gives 0 $'x:10\nx:9'
}

@test "JSON in gives LTSV out" {
	printf '{"name":"B","tag":["vip","b"]}\n{"name":"C"}\n' >in
	runs crm-find - tag:b <in
	gives 0 $'name:B\ttag:vip\ttag:b'
	runs crm-find - tag:b -o json <in
	gives 0 '{"name":"B","tag":["vip","b"]}'
}

@test "a line that is a handle is the record that it names" {
	printf '%s\nana@acme.es\n' "$ANA" >in
	runs crm-find - -F name <in
	gives 0 $'name:Ana Núñez\nname:Ana Núñez'
	runs crm-find - tag:press <in
	gives 0
	echo nobody@acme.es >in
	runs crm-find - <in
	status_is 65
	out_empty
	[[ $stderr == "crm-find: stdin:1: no contact 'nobody@acme.es'"* ]]
}

@test "a label that no line had is warned of" {
	crm-find >all
	runs crm-find - emial:x <all
	gives 0 '' "crm-find: query: no line had a field 'emial'; did you mean 'email'?"
	runs crm-find - qqqqqq:x <all
	gives 0 '' "crm-find: query: no line had a field 'qqqqqq'"
	runs crm-find - email:x <<<emial:x
	gives 0 '' "crm-find: query: no line had a field 'email'"
	runs crm-find - emial:x </dev/null
	gives 0
	runs crm-find - -q emial:x <all
	status_is 1
}

@test "a bad line ends the filter with 65, or is passed over" {
	printf 'x:1\nno record here\nx:2\n' >in
	runs crm-find - x:1.. <in
	status_is 65
	err_is "crm-find: stdin:2: field 1: got 'no record here', wanted label:value"
	runs crm-find - --keep-going x:1.. <in
	gives 1 $'x:1\nx:2' "crm-find: stdin:2: field 1: got 'no record here', wanted label:value"
	printf 'x:1\ny:\xff\n' >in
	runs crm-find - x:1 <in
	status_is 65
}

@test "related records of lines need a store" {
	crm-log -q call ana@acme.es 'said hello'
	crm-find >all
	runs crm-find - 'has(call)' -F name <all
	gives 0 'name:Ana Núñez'
	CRM_DB=$HOME/none runs crm-find - 'has(call)' <all
	gives 66 '' 'crm-find: ~/none: no store there'
	CRM_DB=$HOME/none runs crm-find - tag:vip -c <all
	gives 0 2
	printf 'name:no id\n' >in
	runs crm-find - 'no(call)' <in
	gives 0 'name:no id'
}

@test "-z reads records that end in NUL" {
	printf 'name:B\ttag:vip\0name:C\0' >in
	runs crm-find - -z tag:vip <in
	gives 0 $'name:B\ttag:vip'
	runs crm-find - -z -0 <in
	status_is 0
	cmp in "$OUT"
}

@test "CSV is read where it is named and refused where it is not" {
	printf 'name,city\nB,Madrid\nC,Berlin\n' >in
	runs crm-find - -i csv city:madrid <in
	gives 0 $'name:B\tcity:Madrid'
	runs crm-find - city:madrid <in
	status_is 65
	out_empty
	[[ $stderr == *'-i csv'* ]]
}

@test "-l on lines stops reading" {
	runs sh -c 'yes tag:vip | crm-find - tag:vip -l 2'
	gives 0 $'tag:vip\ntag:vip'
	runs sh -c 'yes tag:vip | crm-find - -q tag:vip'
	gives 0
}

@test "what matches goes out before the filter waits" {
	mkfifo in
	crm-find - tag:vip <in >out &
	local pid=$! i
	exec 9>in
	printf 'tag:vip\n' >&9
	for ((i = 0; i < 200; i++)); do
		[ -s out ] && break
		read -rt 0.05 <> <(:) || :
	done
	[ "$(cat out)" = tag:vip ]
	exec 9>&-
	wait $pid
}

@test "a closed stdin is 74" {
	runs sh -c 'crm-find - tag:vip <&-'
	gives 74 '' 'crm-find: standard input: Bad file descriptor'
}

# ---- mutt ----

@test "--mutt gives a count, then address, name, company" {
	runs crm-find --mutt nunez
	gives 0 $'2 addresses\nana@acme.es\tAna Núñez\tAcme, S.L. (Spain)\na.nunez@mail.example\tAna Núñez\tAcme, S.L. (Spain)'
	runs crm-find --mutt 'ana acme'
	gives 0 $'2 addresses\nana@acme.es\tAna Núñez\tAcme, S.L. (Spain)\na.nunez@mail.example\tAna Núñez\tAcme, S.L. (Spain)'
	runs crm-find --mutt pr@x
	gives 0 $'1 address\npr@x.example\tPena Ruiz\t'
	runs crm-find --mutt --no-header hans
	gives 0 $'hans@y.example\tHans Straße\t'
	runs crm-find --mutt zzz
	gives 0 '0 addresses'
	runs crm-find --mutt --no-header zzz
	gives 0
}

@test "--mutt takes words that begin with a dash, and no query" {
	runs crm-find --mutt -hans
	status_is 0
	runs crm-find --no-header --mutt -xans
	gives 0
	runs crm-find -xans --no-header --mutt
	gives 0
	runs crm-find --mutt 'tag:vip'
	gives 0 '0 addresses'
	runs crm-find --mutt '(' '"'
	status_is 0
}

# ---- help, output, signals ----

@test "-h fits a screen, --help says all, -V the version" {
	runs crm-find -h
	status_is 0
	err_empty
	[ "${#lines[@]}" -le 40 ]
	[ "$(awk 'length > 80' "$OUT")" = '' ]
	runs crm-find --help
	status_is 0
	[ "$(awk 'length > 80' "$OUT")" = '' ]
	grep -q -- '--keep-going' "$OUT"
	runs crm-find -V
	status_is 0
	[[ $output == 'crm-find (crm-utils) '* ]]
}

@test "help needs neither a home nor a config" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'no: [such' >"$XDG_CONFIG_HOME/crm/config.yaml"
	HOME=/nonexistent runs crm-find -h
	status_is 0
	for option in -h --help -V; do
		runs sh -c "crm-find $option >/dev/full"
		gives 74 '' 'crm-find: standard output: No space left on device'
	done
}

@test "a full or closed stdout is 74" {
	runs sh -c 'crm-find >/dev/full'
	gives 74 '' 'crm-find: standard output: No space left on device'
	runs sh -c 'crm-find >&-'
	gives 74 '' 'crm-find: standard output: Bad file descriptor'
	runs sh -c 'crm-find nobody >&-'
	gives 0
}

@test "a closed stderr changes nothing on stdout" {
	runs sh -c 'crm-find -F name ana 2>&-'
	gives 0 'name:Ana Núñez'
	runs sh -c 'crm-find stgae:x 2>&-'
	gives 2
}

@test "head ends it silently by SIGPIPE" {
	runs bash -c 'yes tag:vip | crm-find - tag:vip | head -n 1
		echo "${PIPESTATUS[1]}"'
	gives 0 $'tag:vip\n141'
}

@test "SIGINT ends a filter that waits" {
	mkfifo in
	runs bash -c 'crm-find - <in 2>err & pid=$!
		exec 9>in; echo tag:vip >&9
		until grep -q "S" /proc/$pid/stat; do :; done
		for i in 1 2 3 4 5 6 7 8; do kill -TERM $pid 2>/dev/null; done
		wait $pid; echo $?'
	[[ $output == *143* ]]
}

@test "--snapshot gives the same lines" {
	crm-find >a
	crm-find --snapshot >b
	same a b
}

@test "a bad configuration is 78" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-find ana
	gives 78 '' "crm-find: ~/.config/crm/config.yaml:1:1: unknown key 'colour'; did you mean 'color'?"
}

# history: three days of two people in a store of their own; the clock then
# stands two days later.
history() {
	export CRM_DB=$PWD/past
	CRM_NOW=2026-03-03T10:00:00Z crm-add -q contact name:'Ana Núñez' \
		email:ana@acme.es stage:lead tag:vip tag:press
	CRM_NOW=2026-03-04T10:00:00Z crm-add -q contact name:Bo \
		email:bo@acme.es city:Vigo
	CRM_NOW=2026-03-04T11:00:00Z crm-log -q order \
		contact:ana@acme.es amount:99.50 currency:EUR \
		at:2026-03-04T09:00:00Z
	CRM_NOW=2026-03-05T09:59:59Z crm-find -o json >before
	CRM_NOW=2026-03-05T10:00:00Z crm-edit -q ana@acme.es stage:customer \
		tag-:vip email:ana@new.es
	CRM_NOW=2026-03-05T11:00:00Z crm-edit -q bo@acme.es \
		email:ana@acme.es note:"$(seq -s ' ' 1000)"
	CRM_NOW=2026-03-05T12:00:00Z crm-log -q order contact:ana@new.es \
		amount:10 currency:EUR at:2026-03-04T10:00:00Z
	export CRM_NOW=2026-03-07T09:00:00Z
}

@test "--as-of answers from the store as it stood then" {
	history
	runs crm-find --as-of 2026-03-05T09:59:59Z -o json
	status_is 0
	same before "$OUT"
	runs crm-find --as-of 2026-03-03T10:00:00Z -F name,stage,tag
	gives 0 $'name:Ana Núñez\tstage:lead\ttag:vip\ttag:press' ''
	runs crm-find --as-of 2026-03-05 -F name,email,orders,revenue
	gives 0 $'name:Ana Núñez\temail:ana@acme.es\torders:1\trevenue:99.50
name:Bo\temail:bo@acme.es'
	runs crm-find --as-of now -F name,email,orders,revenue
	gives 0 $'name:Ana Núñez\temail:ana@new.es\torders:2\trevenue:109.50
name:Bo\temail:ana@acme.es'
}

@test "--as-of finds by what the index held then" {
	history
	runs crm-find --as-of 2026-03-05 email:ana@acme.es -F name
	gives 0 'name:Ana Núñez' ''
	runs crm-find email:ana@acme.es -F name
	gives 0 name:Bo ''
	runs crm-find --as-of 2026-03-05 email:ana@new.es or 777
	gives 0 '' ''
	runs crm-find --as-of 2026-03-05 tag:vip -c
	gives 0 1 ''
	runs crm-find -q --as-of 2026-03-05 stage:customer
	gives 1 '' ''
	runs crm-find --as-of 2026-03-05 --explain tag:vip
	status_is 0
	[[ $output == *"contact.tag 'vip'"*"drives, 1 ids"* ]]
}

@test "--as-of is now to relative dates and to what is counted up to today" {
	history
	runs crm-find --as-of 2026-03-05 last_order:-1d.. -o value -F name
	gives 0 'Ana Núñez' ''
	runs crm-find last_order:-1d..
	gives 0 '' ''
	runs crm-find --as-of -2d updated:today -c
	gives 0 0 ''
	runs crm-find --as-of -2d updated:yesterday -c
	gives 0 1 ''
}

@test "--as-of: a day is its first second, of a second the last write counts" {
	history
	runs crm-find --as-of 2026-03-04 -c
	gives 0 1 ''
	runs crm-find --as-of 2026-03 -c
	gives 0 0 ''
	runs crm-find --as-of 2026-03-05T10:00:00Z tag:vip -c
	gives 0 0 ''
	runs crm-find --as-of 2026-03-05T09:59:59Z tag:vip -c
	gives 0 1 ''
}

@test "--as-of brings removed records back, and sorts and limits" {
	history
	CRM_NOW=2026-03-06T10:00:00Z crm-rm -q --cascade ana@new.es
	runs crm-find ana@new.es
	gives 0 '' ''
	runs crm-find --as-of 2026-03-06 ana@new.es -F name,orders
	gives 0 $'name:Ana Núñez\torders:2' ''
	runs crm-find --as-of 2026-03-06 -s -name -l 1 -o value -F name
	gives 0 Bo ''
	runs crm-find --as-of 2026-03-06 -o tsv -F name,revenue -s revenue
	gives 0 $'name\trevenue\nBo\t\nAna Núñez\t109.50' ''
}

@test "--as-of: the time of a change line is the moment after it" {
	history
	local at
	CRM_NOW=2026-03-06T10:00:00Z crm-add -q contact name:Zoe
	CRM_NOW=2026-03-06T11:00:00Z crm-undo -q
	runs crm-find zoe
	gives 0 '' ''
	runs crm-find --as-of 2026-03-06T10:59:59Z zoe -o value -F name
	gives 0 Zoe ''
	: >before
	for at in $(crm-changes -o value -F _at | uniq); do
		crm-find --as-of "$at" --stored kind:contact,order >now
		runs cmp -s now before
		status_is 1
		mv now before
	done
	crm-find --stored kind:contact,order >now
	same now before
}

@test "--as-of is refused where the change log was cut" {
	history
	runs crm-db compact -q --keep-log 2d
	status_is 0
	runs crm-find --as-of 2026-03-05T10:30:00Z -F name,email,stage
	gives 0 $'name:Ana Núñez\temail:ana@new.es\tstage:customer
name:Bo\temail:bo@acme.es'
	runs crm-find --as-of 2026-03-05T09:00:00Z
	gives 66 '' 'crm-find: --as-of: the change log goes back to 2026-03-05T10:00:00Z only'
}

@test "--as-of reads with the schema of today" {
	history
	printf '%s\n' 'crm-schema: 1' 'kinds:' '  contact:' '    fields:' \
		'      vat: {type: text, unique: true}' '  site:' \
		'    display: place' \
		'    fields: {place: text, contact_id: ref contact}' >x.yaml
	CRM_NOW=2026-03-06T08:00:00Z crm-db schema --apply x.yaml -q
	CRM_NOW=2026-03-06T10:00:00Z crm-edit -q ana@acme.es city: vat:B1
	CRM_NOW=2026-03-06T11:00:00Z crm-add -q site place:Lugo \
		contact:ana@acme.es
	runs crm-find --as-of 2026-03-06T10:30:00Z vat:B1 -F name,city,vat
	gives 0 $'name:Bo\tvat:B1' ''
	runs crm-find --as-of 2026-03-06 vat:B1 or no:vat -F name,city,vat
	gives 0 $'name:Ana Núñez\nname:Bo\tcity:Vigo' ''
	runs crm-find --as-of 2026-03-06 kind:site
	gives 0 '' ''
	CRM_NOW=2026-03-07T08:00:00Z crm-edit -q "$(crm-find kind:site -o id)" \
		place:Vigo
	runs crm-find --as-of 2026-03-06T11:00:00Z kind:site -F place,contact
	gives 0 $'place:Lugo\tcontact:Bo' ''
}

@test "--as-of refuses what is yet to come, no date, and standard input" {
	runs crm-find --as-of 2026-03-02T09:00:01Z
	gives 2 '' "crm-find: --as-of: '2026-03-02T09:00:01Z' is yet to come"
	runs crm-find --as-of soon
	gives 2 '' "crm-find: --as-of: got 'soon', wanted a date such as 2025-03-09, 2025-Q1, -30d or today"
	runs crm-find --as-of yesterday - tag:vip
	gives 2 '' "crm-find: --as-of: lines on standard input have no past; leave the '-' out"
}

@test "--as-of before the first write, and without a store, is an empty answer" {
	XDG_DATA_HOME=$HOME/none runs crm-find --as-of yesterday
	gives 0 '' ''
	history
	runs crm-find --as-of 2026-03-02
	gives 0 '' ''
	runs crm-find --as-of 2026-03-05 --mutt ana
	gives 0 $'1 address\nana@acme.es\tAna Núñez\t'
}

@test "--as-of holds no lock, and lets head end it" {
	history
	runs bash -c 'crm-find --as-of 2026-03-05 --line-buffered | head -n 1 |
		cut -f4'
	gives 0 'name:Ana Núñez' ''
	runs bash -c 'crm-find --as-of 2026-03-05 | crm-edit -n - | wc -l'
	status_is 0
	runs bash -c 'crm-find --as-of 2026-03-05 >/dev/full'
	gives 74 '' 'crm-find: standard output: No space left on device'
}

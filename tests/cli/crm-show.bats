# SPDX-License-Identifier: MIT
# crm-show: everything about one record.
load helper

setup() {
	crm_setup
	people
}

# A company with two people; Ana has a deal, an order, a case, a task, calls.
people() {
	crm-add -q company name:'Acme SL' domain:acme.es industry:wine
	crm-add -q contact name:'Ana Núñez' email:ana@acme.es phone:+34600111222 \
		company:acme.es title:Buyer stage:customer owner:luis tag:vip \
		ext:erp/4711
	crm-add -q contact name:'Bo Lind' email:bo@acme.es company:acme.es
	crm-add -q product sku:A-100 name:'Red wine' price:7.90 currency:EUR
	crm-add -q deal name:'40 seats' contact:ana@acme.es stage:proposal \
		amount:1200 currency:EUR close:2026-03-20
	crm-log -q order contact:ana@acme.es amount:236.50 currency:EUR \
		item:'A-100*3@78.8333' at:2026-01-10T10:00:00Z
	crm-log -q call ana@acme.es 'wants a quote' duration:90min \
		at:2026-02-20T10:00:00Z
	crm-log -q email ana@acme.es subject:Hello dir:in \
		at:2026-02-27T10:00:00Z
	crm-add -q case title:'Broken cork' contact:ana@acme.es \
		opened:2026-02-25T08:00:00Z priority:urgent
	crm-add -q task title:'send the quote' contact:ana@acme.es \
		due:2026-03-03
}

# id QUERY ...: the id of the one record.
id() {
	crm-find -o id "$@"
}

@test "a contact's lines: itself, its company, its timeline newest first" {
	runs crm-show ana@acme.es -o tsv --no-header -F kind,name,title,subject,body,amount
	status_is 0
	err_empty
	out_is <<-'EOT'
		contact	Ana Núñez	Buyer			
		company	Acme SL				
		task		send the quote			
		deal	40 seats				1200.00
		activity			Hello		
		case		Broken cork			
		activity				wants a quote	
		order					236.50
	EOT
}

@test "the first line is that of crm-find, with derived fields" {
	crm-find email:ana@acme.es >want
	crm-show ana@acme.es | head -n 1 >got
	same want got
	grep -q 'orders:1' got
	crm-show --stored ana@acme.es | head -n 1 >got
	run -1 grep orders: got
}

@test "a company's lines: itself, its people by id, its timeline" {
	runs crm-show acme.es -o value -F name,title,type,amount
	status_is 0
	out_is 'Acme SL' 'Ana Núñez' 'Buyer' 'Bo Lind' 'send the quote' todo \
		'40 seats' 1200.00 email 'Broken cork' call 236.50
}

@test "a deal's lines: what it refers to, in field order" {
	runs crm-show "$(id kind:deal)" -o value -F kind
	gives 0 $'deal\ncontact\ncompany'
}

@test "what refers to it and stands on no timeline comes before the timeline" {
	printf '%s\n' 'crm-schema: 1' 'kinds:' '  site:' '    display: place' \
		'    fields: {place: text, contact_id: ref contact}' >x.yaml
	crm-db schema --apply x.yaml -q
	crm-add -q site place:Vigo contact:bo@acme.es
	crm-add -q site place:Lugo contact:bo@acme.es
	crm-log -q note bo@acme.es 'hello there'
	runs crm-show bo@acme.es -o tsv --no-header -F kind,place
	gives 0 $'contact\t\ncompany\t\nsite\tVigo\nsite\tLugo\nactivity\t'
}

@test "no record comes twice for one subject" {
	crm-add -q task title:both contact:bo@acme.es deal:"$(id kind:deal)"
	crm-show -o id "$(id kind:task title:both)" "$(id kind:deal)" >ids
	crm-show -o id "$(id kind:deal)" | sort | uniq -d >twice
	[ ! -s twice ]
}

@test "--timeline gives the timeline alone; -l and --since bound it" {
	runs crm-show --timeline ana@acme.es -F kind -o value
	gives 0 $'task\ndeal\nactivity\ncase\nactivity\norder'
	runs crm-show --timeline -l 2 ana@acme.es -F kind -o value
	gives 0 $'task\ndeal'
	runs crm-show --timeline --since 2026-02-20 ana@acme.es -F kind -o value
	gives 0 $'task\ndeal\nactivity\ncase\nactivity'
	runs crm-show -l 1 ana@acme.es -F kind -o value
	gives 0 $'contact\ncompany\ntask'
	runs crm-show -l 0 ana@acme.es -F kind -o value
	gives 0 $'contact\ncompany'
}

@test "--since wants a date" {
	runs crm-show --since 2026-02-31 ana@acme.es
	status_is 2
	out_empty
	[ "${stderr%%$'\n'}" = "crm-show: --since: got '2026-02-31', which the calendar does not have" ]
}

@test "-o json gives one object a subject" {
	crm-show -o json ana@acme.es acme.es "$(id kind:deal)" >got
	[ "$(wc -l <got)" -eq 3 ]
	runs jq -c '[.name, ._company.name, (._contacts // [] | map(.name)),
		(._refers // [] | map(.name)), ._referring,
		(._timeline | map(.kind))]' got
	status_is 0
	out_is <<-'EOT'
		["Ana Núñez","Acme SL",[],[],[],["task","deal","activity","case","activity","order"]]
		["Acme SL",null,["Ana Núñez","Bo Lind"],[],[],["task","deal","activity","case","activity","order"]]
		["40 seats",null,[],["Ana Núñez","Acme SL"],[],[]]
	EOT
}

@test "an object begins with the record's own keys, in order" {
	crm-find -o json email:ana@acme.es | jq -c keys_unsorted >want
	crm-show -o json ana@acme.es |
		jq -c 'keys_unsorted - ["_company","_referring","_timeline"]' >got
	same want got
	crm-show -o json ana@acme.es | jq -c 'keys_unsorted[-3:]' >got
	echo '["_company","_referring","_timeline"]' >want
	same want got
}

@test "an object with -F, with --timeline, in an array, ended by NUL" {
	runs crm-show -o json -F name,type bo@acme.es
	gives 0 '{"name":"Bo Lind","_company":{"name":"Acme SL"},"_referring":[],"_timeline":[]}'
	runs crm-show -o json -F outcome bo@acme.es
	gives 0 '{"_company":{},"_referring":[],"_timeline":[]}'
	runs crm-show -o json --timeline -l 1 -F kind ana@acme.es
	gives 0 "{\"id\":\"$(id email:ana@acme.es)\",\"_timeline\":[{\"kind\":\"task\"}]}"
	runs crm-show -o json-array --timeline -F kind bo@acme.es
	gives 0 "[
{\"id\":\"$(id email:bo@acme.es)\",\"_timeline\":[]}
]"
	crm-show -0 -o json -F name bo@acme.es | tr '\0' '\n' >got
	crm-show -o json -F name bo@acme.es >want
	same want got
	runs crm-show -o json-array - </dev/null
	gives 0 '[]'
}

@test "-s sorts all lines; an object has an order of its own" {
	runs crm-show -s kind,-name acme.es -o value -F kind,name
	gives 0 $'contact\nBo Lind\ncontact\nAna Núñez\ncompany\nAcme SL\ndeal\n40 seats\nactivity\nactivity\norder\ntask\ncase'
	runs crm-show -s name -o json acme.es
	gives 2 '' "crm-show: -s: an object of crm-show has an order of its own"
}

@test "an unknown name after -F is 2" {
	runs crm-show -F nmae ana@acme.es
	status_is 2
	out_empty
	[[ $stderr == *"'nmae'"*"did you mean 'name'?"* ]]
}

@test "each form of handle finds its record" {
	local ana suffix h
	ana=$(id email:ana@acme.es)
	suffix=${ana: -4}
	for h in ana@acme.es ANA@acme.es mailto:ana@acme.es +34600111222 \
		'600 11 12 22' tel:+34600111222 erp/4711 "$ana" "$suffix" \
		"${suffix,,}" "id:$ana"; do
		runs crm-show -l 0 "$h" -o value -F name
		gives 0 $'Ana Núñez\nAcme SL'
	done
	runs crm-show https://www.acme.es/x -l 0 -o value -F kind
	gives 0 $'company\ncontact\ncontact'
	runs crm-show kind:product A-100 -o value -F name
	gives 0 'Red wine'
}

@test "a handle that names nobody is 66, with the nearest" {
	runs crm-show ana@acme.se
	gives 66 '' "crm-show: no contact 'ana@acme.se'; did you mean 'ana@acme.es'?"
	runs crm-show erp/0000
	gives 66 '' "crm-show: no record 'erp/0000'"
	runs crm-show kind:deal ana@acme.es
	gives 66 '' "crm-show: no deal 'ana@acme.es'"
}

@test "a handle that names several is 65" {
	crm-add -q contact name:'Cy Roe' phone:+34600111222
	runs crm-show +34600111222
	status_is 65
	out_empty
	[[ $stderr == "crm-show: '+34600111222' names 2 contacts: "*"Ana Núñez"*"Cy Roe"* ]]
}

@test "a word that is no handle is 2" {
	runs crm-show 'x y'
	gives 2 '' "crm-show: 'x y' is no handle: an id, e-mail, phone or external key names a record"
	runs crm-show kind:contcat ana@acme.es
	gives 2 '' "crm-show: unknown kind 'contcat'; did you mean 'contact'?"
	runs crm-show --full-id QJQP
	status_is 2
	out_empty
}

@test "a bare name is told with what crm-find would give" {
	local ana
	ana=$(id email:ana@acme.es)
	runs crm-show ana
	gives 2 '' "crm-show: 'ana' is no handle: an id, e-mail, phone or external key names a record
crm-find 'ana' gives ${ana: -4} Ana Núñez"
	crm-add -q contact name:'Marta Gil'
	runs crm-show marta
	gives 66 '' "crm-show: no record 'marta'
crm-find 'marta' gives $(id name:marta | cut -c 23-) Marta Gil"
}

@test "all operands are found before the first is shown" {
	runs crm-show ana@acme.es nobody@acme.example
	status_is 66
	out_empty
}

@test "handles come from stdin as ids, as handles, and as lines" {
	crm-find name:bo >lines
	runs crm-show -l 0 -F name -o value - <lines
	gives 0 $'Bo Lind\nAcme SL'
	crm-find name:bo -o id >ids
	runs crm-show -l 0 -F name -o value <ids
	gives 0 $'Bo Lind\nAcme SL'
	runs crm-show -l 0 -F name -o value - <<<$'bo@acme.es\n\nerp/4711'
	gives 0 $'Bo Lind\nAcme SL\nAna Núñez\nAcme SL'
	crm-find name:bo -o json >lines
	runs crm-show -l 0 -F name -o value - <lines
	gives 0 $'Bo Lind\nAcme SL'
}

@test "with handles as operands stdin is not read" {
	runs sh -c 'printf "bo@acme.es\n" | { crm-show -q ana@acme.es; cat; }'
	gives 0 'bo@acme.es'
}

@test "a bad line is 65 with its place; what came before it stays" {
	runs crm-show -l 0 -F name -o value - <<<$'bo@acme.es\nxx@acme.example'
	gives 65 $'Bo Lind\nAcme SL' "crm-show: stdin:2: no contact 'xx@acme.example'"
	runs crm-show - <<<'name:Bo'
	gives 65 '' 'crm-show: stdin:1: a line without id names no record'
}

@test "nothing on stdin is nothing on stdout" {
	runs crm-show </dev/null
	gives 0
}

@test "a card of a contact at 80 columns" {
	local ana
	ana=$(id email:ana@acme.es)
	COLUMNS=80 runs crm-show -o table ana@acme.es
	status_is 0
	err_empty
	out_is <<EOT
Ana Núñez                                                                   ${ana: -4}
Buyer · Acme SL

email     ana@acme.es
phone     +34600111222

stage     customer · owner luis
tags      vip

orders    1 · 236.50 EUR · last 51 days ago
contact   3 days ago

ext       erp/4711

deals     40 seats · proposal · 1200.00 EUR · closes in 18 days
cases     Broken cork · new · urgent
tasks     send the quote · due tomorrow

3 days ago   email in  Hello
10 days ago  call      wants a quote · 1h30min
51 days ago  order     236.50 EUR · A-100*3@78.8333 · paid

next      send the quote · due tomorrow
EOT
}

@test "a card fits 40 columns" {
	local line
	COLUMNS=40 crm-show -o table ana@acme.es acme.es "$(id kind:deal)" \
		"$(id kind:case)" "$(id kind:order)" "$(id kind:task)" >got
	while IFS= read -r line; do
		[ "${#line}" -le 40 ] || {
			echo "too wide: $line"
			return 1
		}
	done <got
	runs sed -n '/^deals/,/^$/p' got
	[ "${lines[0]}" = "deals     40 seats · proposal" ]
	[ "${lines[1]}" = "            1200.00 EUR" ]
}

@test "a card leaves out what is empty" {
	local bo
	bo=$(id email:bo@acme.es)
	COLUMNS=40 runs crm-show -o table bo@acme.es
	gives 0 "Bo Lind                             ${bo: -4}
Acme SL

email     bo@acme.es"
}

@test "a card of a company names its people" {
	COLUMNS=80 runs crm-show -o table acme.es
	status_is 0
	[ "${lines[1]}" = "company · wine" ]
	[[ $output == *"contacts  Ana Núñez · Buyer · ana@acme.es
          Bo Lind · bo@acme.es"* ]]
	[[ $output == *"10 days ago  call      wants a quote · 1h30min · Ana Núñez"* ]]
}

@test "a card of a kind of one's own shows its fields" {
	printf '%s\n' 'crm-schema: 1' 'kinds:' '  barrel:' '    display: cask' \
		'    timeline: filled' '    fields:' '      cask: text' \
		'      contact_id: ref contact' '      filled: datetime' \
		'      litres: decimal' >x.yaml
	crm-db schema --apply x.yaml -q
	crm-add -q barrel cask:A7 litres:225 contact:bo@acme.es \
		filled:2026-02-28T10:00:00Z
	COLUMNS=40 runs crm-show -o table "$(id kind:barrel)"
	status_is 0
	out_is <<EOT
A7                                  $(id kind:barrel | cut -c 23-)
barrel

contact   Bo Lind
filled    2 days ago
litres    225
EOT
	COLUMNS=80 runs crm-show -o table bo@acme.es
	[[ $output == *"2 days ago  barrel    A7 · 225"* ]]
}

@test "the last ten of the timeline are on the card" {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		printf 'type:note\tcontact:bo@acme.es\tbody:n%s\tat:2026-02-%02dT00:00:00Z\n' \
			$i $i
	done | crm-log -q -
	COLUMNS=80 runs crm-show -o table bo@acme.es
	status_is 0
	[ "$(grep -c ' note  ' "$OUT")" -eq 10 ]
	[ "${lines[-1]}" = "older: crm-show --timeline" ]
	COLUMNS=80 runs crm-show -o table --timeline bo@acme.es
	[ "$(grep -c ' note  ' "$OUT")" -eq 12 ]
	COLUMNS=80 runs crm-show -o table -l 3 bo@acme.es
	[ "$(grep -c ' note  ' "$OUT")" -eq 3 ]
}

@test "--since and -l bound the timeline of the card, not what is open" {
	COLUMNS=80 runs crm-show -o table --since 2026-02-25 ana@acme.es
	status_is 0
	[[ $output == *$'\n3 days ago  email in  Hello\n\nnext '* ]]
	[[ $output != *'51 days ago  order'* ]]
	[[ $output == *$'\ndeals     40 seats '* ]]
	COLUMNS=80 runs crm-show -o table -l 0 ana@acme.es
	[[ $output != *Hello* ]]
	[[ $output == *$'\ndeals     40 seats '* ]]
}

@test "what is open is listed however old it is" {
	local i
	crm-add -q case title:old contact:bo@acme.es opened:2020-01-01T00:00:00Z
	crm-add -q task title:new contact:bo@acme.es
	for i in $(seq 30); do
		printf 'type:note\tcontact:bo@acme.es\tbody:n%s\n' "$i"
	done | crm-log -q -
	COLUMNS=80 runs crm-show -o table bo@acme.es
	[[ $output == *$'\ncases     old · new\ntasks     new\n'* ]]
	[ "${lines[-1]}" = "next      new" ]
}

@test "next is the contact's own date where no task is due before it" {
	crm-add -q contact --key email email:bo@acme.es next:2026-03-04
	COLUMNS=80 runs crm-show -o table bo@acme.es
	[ "${lines[-1]}" = "next      be in touch · in 2 days" ]
	crm-add -q task title:first contact:bo@acme.es due:2026-03-03
	COLUMNS=80 runs crm-show -o table bo@acme.es
	[ "${lines[-1]}" = "next      first · due tomorrow" ]
}

@test "--wide cuts nothing and gives whole ids and dates" {
	COLUMNS=40 runs crm-show -o table --wide ana@acme.es
	status_is 0
	[ "${lines[0]}" = "Ana Núñez  $(id email:ana@acme.es)" ]
	[[ $output == *"2026-02-27T10:00:00Z  email in  Hello"* ]]
}

@test "control and bidi characters in values are shown, not sent" {
	crm-log -q note bo@acme.es "$(printf 'a \342\200\256b')"
	COLUMNS=80 runs crm-show -o table bo@acme.es
	[[ $output == *'a \u{202E}b'* ]]
}

@test "cards of several subjects stand apart" {
	COLUMNS=80 crm-show -o table bo@acme.es >one
	COLUMNS=80 crm-show -o table bo@acme.es bo@acme.es >two
	{ cat one; echo; cat one; } >want
	same want two
}

@test "a terminal gets the card, and -F a table" {
	needs script
	on_terminal 40 crm-show bo@acme.es | sed 's/\x1b\[[0-9;]*m//g' >got
	COLUMNS=40 crm-show -o table bo@acme.es >want
	same want got
	on_terminal 60 crm-show --color=never bo@acme.es -l 0 -F kind,name >got
	run -0 head -n 1 got
	[[ $output == "KIND "*NAME* ]]
}

@test "there is colour only where it is asked for" {
	COLUMNS=80 runs crm-show -o table ana@acme.es
	[[ $output != *$'\e'* ]]
	COLUMNS=80 runs crm-show -o table --color=always ana@acme.es
	[[ $output == *$'\e[4mAna Núñez\e[0m'* ]]
	NO_COLOR=1 COLUMNS=80 runs crm-show -o table ana@acme.es
	[[ $output != *$'\e'* ]]
}

@test "a pipe gets the same bytes whatever the locale and the terminal" {
	local l
	crm-show ana@acme.es acme.es >want
	for l in C C.UTF-8 es_ES.UTF-8 tr_TR.UTF-8; do
		LC_ALL=$l TERM=xterm COLUMNS=20 CRM_COLOR=always \
			crm-show ana@acme.es acme.es >got 2>/dev/null
		same want got
	done
}

@test "-q prints nothing and judges the handle" {
	runs crm-show -q ana@acme.es
	gives 0
	runs crm-show -q nobody@acme.example
	gives 66 '' "crm-show: no contact 'nobody@acme.example'"
}

@test "without a store nobody is found" {
	XDG_DATA_HOME=$PWD/none runs crm-show ana@acme.es
	gives 66 '' "crm-show: no contact 'ana@acme.es'"
	runs crm-show -D "$PWD/none.crm" ana@acme.es
	gives 66 '' "crm-show: $PWD/none.crm: no store there"
	[ ! -e none.crm ]
}

@test "a bad configuration is 78" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-show ana@acme.es
	gives 78 '' "crm-show: ~/.config/crm/config.yaml:1:1: unknown key 'colour'; did you mean 'color'?"
}

@test "a full stdout is 74, a closed pipe is silent" {
	[ -w /dev/full ] || skip "there is no /dev/full"
	runs sh -c 'crm-show ana@acme.es >/dev/full'
	gives 74 '' 'crm-show: standard output: No space left on device'
	run -0 bash -c 'crm-show ana@acme.es | head -n 1 >/dev/null'
	[ -z "$output" ]
}

@test "help, version, unknown options" {
	runs crm-show -h
	status_is 0
	[ "${#lines[@]}" -le 40 ]
	[ "${lines[0]}" = "crm-show - everything about one customer" ]
	runs crm-show -V
	status_is 0
	[[ $output == "crm-show (crm-utils) "* ]]
	runs crm-show --timelien ana@acme.es
	gives 2 '' "crm-show: unknown option '--timelien'; did you mean '--timeline'?
Try 'crm-show --help'."
}

@test "handles are completed from the store" {
	runs crm-show --crm-complete -- an
	gives 0 $'ana@acme.es\tAna Núñez'
}

@test "CSV of several kinds needs -F, and prints nothing without" {
	runs crm-show ana@acme.es -o csv
	gives 65 '' 'crm-show: contact and company in one table; name the columns with -F, or ask for one kind'
	runs crm-show kind:product A-100 -o csv --no-header -F sku,name
	gives 0 'A-100,Red wine'
}

# then_and_now: a week goes by after the day of people().
then_and_now() {
	crm-show ana@acme.es >before
	crm-show -o table ana@acme.es >card
	export CRM_NOW=2026-03-09T09:00:00Z
	crm-edit -q ana@acme.es name:'Ana N. Gil' stage:former email:ana@new.es
	crm-log -q order contact:ana@new.es amount:50 currency:EUR
	crm-add -q deal name:more contact:ana@new.es amount:7 currency:EUR
}

@test "--as-of shows all as it stood then" {
	then_and_now
	runs crm-show --as-of 2026-03-02T09:00:00Z ana@acme.es
	status_is 0
	err_empty
	same before "$OUT"
	runs crm-show --as-of 2026-03-02T09:00:00Z ana@acme.es -o table
	status_is 0
	same card "$OUT"
	runs crm-show --as-of 2026-03-02T09:00:00Z ana@new.es
	gives 66 '' "crm-show: no contact 'ana@new.es'"
	runs crm-show --as-of now ana@new.es -o value -F name -l 0
	gives 0 $'Ana N. Gil\nAcme SL' ''
}

@test "--as-of: --since counts from that moment" {
	then_and_now
	runs crm-show --as-of 2026-03-02T09:00:00Z ana@acme.es --timeline \
		--since -4d -o value -F type,title
	gives 0 $'todo\nsend the quote\nemail' ''
}

@test "--as-of reads handles from standard input, all before the first answer" {
	then_and_now
	runs crm-show --as-of 2026-03-02T09:00:00Z - -l 0 -o value -F name \
		<<<$'ana@acme.es\nbo@acme.es'
	gives 0 $'Ana Núñez\nAcme SL\nBo Lind\nAcme SL' ''
	runs bash -c 'crm-find --as-of 2026-03-02T09:00:00Z stage:customer |
		crm-show --as-of 2026-03-02T09:00:00Z - -l 0 -o value -F name'
	gives 0 $'Ana Núñez\nAcme SL' ''
	runs crm-show --as-of 2026-03-02T09:00:00Z - -l 0 -o value -F name \
		<<<$'bo@acme.es\nana@new.es\nana@acme.es'
	status_is 65
	out_is 'Bo Lind' 'Acme SL'
	err_is "crm-show: stdin:2: no contact 'ana@new.es'"
	runs crm-show --as-of 2026-03-02T09:00:00Z - -l 0 -o value -F name \
		<<<$'bo@acme.es\nno handle'
	status_is 65
	out_is 'Bo Lind' 'Acme SL'
}

@test "--as-of refuses what is yet to come" {
	runs crm-show --as-of tomorrow ana@acme.es
	gives 2 '' "crm-show: --as-of: 'tomorrow' is yet to come"
}

@test "--history gives the changes alone, oldest first" {
	crm-edit -q ana@acme.es stage:former tag-:vip
	crm-undo -q
	runs crm-show --history ana@acme.es -o tsv --no-header -F rev,_do,_field,_old,_new
	status_is 0
	err_empty
	out_is <<-'EOT'
		1	add			
		2	edit	stage	customer	former
		2	edit	tag	vip	
		3	undo	stage	former	customer
		3	undo	tag		vip
	EOT
	runs crm-show --history ana@acme.es -l 1 -o json -F name,_do,_seq
	gives 0 '{"name":"Ana Núñez","_do":"add","_seq":"2.1"}'
	crm-find -o id | crm-show --history - >got
	[ "$(grep -c _do:add got)" -eq 2 ]
	runs on_terminal 90 crm-show --history --color=never ana@acme.es
	[[ ${lines[2]} == *'  edit  '*'  Ana Núñez  stage   customer  former' ]]
	[ "${lines[6]}" = '5 changes' ]
}

@test "--history of a record that is gone goes by its whole id" {
	id=$(crm-log -o id note ana@acme.es 'hello there')
	crm-undo -q
	runs crm-show --history "$id" -o value -F _do
	gives 0 $'add\nundo'
	runs crm-show --history "${id:20}"
	status_is 66
	runs crm-show "$id"
	status_is 66
}

@test "--history goes with nothing that bounds a timeline" {
	for o in --timeline --since=today --as-of=today -sname; do
		runs crm-show --history "$o" ana@acme.es
		gives 2 '' 'crm-show: --history is all changes in their order: --timeline, --since, --as-of and -s do not go with it'
	done
}

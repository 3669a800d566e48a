# SPDX-License-Identifier: MIT
# crm-changes: the change log as lines.
load helper

setup() {
	crm_setup
	ME=$(id -un)
}

ana() {
	crm-add -q contact name:'Ana Núñez' email:ana@acme.es tag:vip
	crm-edit -q ana@acme.es stage:lead
	crm-edit -q ana@acme.es stage:customer tag-:vip
}

# until_lines N FILE: waits until the file has so many lines, 10 s at most.
until_lines() {
	local i
	for ((i = 0; i < 1000; i++)); do
		[ "$(wc -l <"$2")" -lt "$1" ] || return 0
		sleep 0.01
	done
	echo "$2 has $(wc -l <"$2") lines, wanted $1"
	return 1
}

@test "every change is a line, oldest first" {
	ana
	id=$(crm-find -o id)
	runs crm-changes -F '*,-_op'
	status_is 0
	err_empty
	out_is <<-EOT
		id:$id	kind:contact	rev:1	name:Ana Núñez	email:ana@acme.es	tag:vip	_do:add	_seq:1.1	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-add
		id:$id	kind:contact	rev:2	name:Ana Núñez	_do:edit	_field:stage	_new:lead	_seq:2.1	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-edit
		id:$id	kind:contact	rev:3	name:Ana Núñez	_do:edit	_field:stage	_old:lead	_new:customer	_seq:3.1	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-edit
		id:$id	kind:contact	rev:3	name:Ana Núñez	_do:edit	_field:tag	_old:vip	_seq:3.1	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-edit
	EOT
}

@test "each line has the id of its operation" {
	ana
	crm-undo --list -o value -F _op | sort >want
	crm-changes -o value -F _op | sort -u >got
	same want got
}

@test "an empty store has no lines, and none is made" {
	runs crm-changes
	gives 0
	runs crm-changes --verbose
	gives 0 '' "crm-changes: no store yet at ~/.local/share/crm; crm-add or crm-import makes it"
	[ ! -e "$XDG_DATA_HOME/crm" ]
}

@test "a query is put to the lines, no kind assumed" {
	ana
	crm-add -q company name:Acme
	crm-add -q deal name:'40 seats' contact:ana@acme.es stage:proposal
	crm-edit -q "$(crm-find kind:deal -o id)" stage:won
	runs crm-changes kind:deal _field:stage _new:won -o value -F name,_old
	gives 0 $'40 seats\nproposal'
	runs crm-changes _do:add -o value -F kind
	gives 0 $'contact\ncompany\ndeal'
	runs crm-changes -e '_field:stage or kind:company' -o value -F _seq
	gives 0 $'2.1\n3.1\n4.1\n6.1'
	runs crm-changes _new:customer _by:"$ME" -o value -F _seq
	gives 0 3.1
	runs crm-changes 'stgae:'
	status_is 2
}

@test "--since goes on behind an entry, an operation, or from a time" {
	ana
	CRM_NOW=2026-03-03T09:00:00Z crm-edit -q ana@acme.es owner:luis
	runs crm-changes --since 2 -o value -F _seq
	gives 0 $'3.1\n3.1\n4.1'
	runs crm-changes --since 0 -l 1 -o value -F _seq
	gives 0 1.1
	runs crm-changes --since 2.0 -l 1 -o value -F _seq
	gives 0 2.1
	runs crm-changes --since 2.1 -o value -F _seq
	gives 0 $'3.1\n3.1\n4.1'
	runs crm-changes --since 4
	gives 0
	runs crm-changes --since 99
	gives 0
	runs crm-changes --since 2026-03-03 -o value -F _seq
	gives 0 4.1
	runs crm-changes --since -1h -l 1 -o value -F _seq
	gives 0 1.1
	runs crm-changes --since 2026-03-04
	gives 0
	runs crm-changes --since soon
	status_is 2
	[[ $stderr == 'crm-changes: --since: '* ]]
	runs crm-changes --since 99999999999999999999999
	gives 2 '' "crm-changes: --since: got '99999999999999999999999', wanted a number as of _seq, or a date"
}

@test "an import is gone on with in its middle" {
	printf 'name:A\nname:B\nname:C\n' | crm-add -q contact -
	runs crm-changes --since 1.2 -o value -F name
	gives 0 C
}

@test "a beginning that was cut from the log is told" {
	ana
	CRM_NOW=2026-05-01T09:00:00Z crm-edit -q ana@acme.es owner:luis
	CRM_NOW=2026-05-02T09:00:00Z crm-db compact -q --keep-log 30d
	runs crm-changes -o value -F _seq
	gives 0 4.1
	runs crm-changes --since 2
	gives 66 '' 'crm-changes: --since: got 2, but the change log begins at 4'
	runs crm-changes --since 3 -o value -F _seq
	gives 0 4.1
	runs crm-changes --since 2026-01-01
	status_is 66
}

@test "--op gives one operation, by its number, its id or the end of it" {
	ana
	runs crm-changes --op 2 -o value -F _seq,_new
	gives 0 $'2.1\nlead'
	op=$(crm-undo --list -o value -F _op 2)
	runs crm-changes --op "$op" -o value -F _seq
	gives 0 2.1
	runs crm-changes --op "${op:10}" -o value -F _seq
	gives 0 2.1
	runs crm-changes --op "${op:22}" -o value -F _seq
	status_is 65
	runs crm-changes --op 99
	gives 66 '' "crm-changes: --op: no operation '99'"
	runs crm-changes --op 2 --since 1
	gives 2 '' 'crm-changes: --op and --since do not go together'
	runs crm-changes --op 2 -f
	gives 2 '' 'crm-changes: --op and --follow do not go together'
	runs crm-changes -s name
	gives 2 '' 'crm-changes: --sort: change lines come in the order of the log; crm-find -s KEY - sorts them'
}

@test "undos, redos and the schema have their words" {
	ana
	crm-undo -q
	crm-undo -q --redo
	printf '%s\n' 'crm-schema: 1' 'kinds: {contact: {fields: {vat: text}}}' >x.yaml
	crm-db schema --apply x.yaml -q
	runs crm-changes --since 3 -o tsv --no-header -F _do,_field,_old,_new
	status_is 0
	out_is <<-'EOT'
		undo	stage	customer	lead
		undo	tag		vip
		redo	stage	lead	customer
		redo	tag	vip	
		schema	schema		
	EOT
}

@test "the lines pipe into every program" {
	ana
	crm-changes _new:customer | crm-edit -q - owner:luis
	runs crm-find owner:luis -o value -F email
	gives 0 ana@acme.es
}

@test "a misspelt label of a query is never an empty answer" {
	ana
	runs crm-changes _fild:stage
	gives 2 '' "crm-changes: query: unknown field '_fild'; did you mean '_field'?"
	runs crm-changes -f _xyzzy:1
	gives 2 '' "crm-changes: query: unknown field '_xyzzy'"
	runs crm-changes -e 'not stgae:lead' -l 1 -o value -F _do
	gives 0 add "crm-changes: query: unknown field 'stgae'; did you mean 'stage'?"
	runs crm-changes x.size:9 company.name:Acme
	gives 0
}

@test "formats, -l and -F" {
	ana
	runs crm-changes -l 1 -o json -F name,_do,tag
	gives 0 '{"name":"Ana Núñez","_do":"add","tag":["vip"]}'
	runs crm-changes -l 0
	gives 0
	runs crm-changes -F stgae
	gives 2 '' "crm-changes: unknown field 'stgae'; did you mean 'stage'?"
	runs crm-changes -o json-array -F _seq --since 2.1
	status_is 0
	[ "$(jq -r '.[]._seq' <"$OUT" | xargs)" = '3.1 3.1' ]
}

@test "CSV has the columns of a change line" {
	ana
	id=$(crm-find -o id)
	op=$(crm-undo --list -o value -F _op 2)
	runs crm-changes --op 2 -o csv
	status_is 0
	out_is 'id,kind,rev,name,_do,_field,_old,_new,_op,_seq,_at,_by,_prog' \
		"$id,contact,2,Ana Núñez,edit,stage,,lead,$op,2.1,2026-03-02T09:00:00Z,$ME,crm-edit"
}

@test "on a terminal they are a table" {
	ana
	runs on_terminal 100 crm-changes --color=never --since 1
	status_is 0
	[[ ${lines[0]} == '_AT '*' _BY '*' _DO '*' ID '*' NAME '*' _FIELD '*' _OLD '*' _NEW' ]]
	[ "${lines[4]}" = '3 changes' ]
}

@test "a table has room for what a later line does" {
	ana
	runs on_terminal 100 crm-changes --color=never -l 1 -F _do,_field
	status_is 0
	[[ ${lines[0]} == '_DO     _FIELD' && ${lines[1]} == add* ]]
}

@test "-q says whether there is one" {
	ana
	runs crm-changes -q _new:customer
	gives 0
	runs crm-changes -q _new:former
	gives 1
}

@test "-f goes on with what is written, until it is ended" {
	ana
	crm-changes -f --since 2 -o value -F _seq >got 2>err &
	pid=$!
	until_lines 2 got
	crm-edit -q ana@acme.es owner:luis
	until_lines 3 got
	crm-undo -q
	until_lines 4 got
	kill -TERM $pid
	rc=0
	wait $pid || rc=$?
	[ "$rc" -eq 143 ]
	[ "$(xargs <got)" = '3.1 3.1 4.1 5.1' ]
	[ ! -s err ]
}

@test "-f -l N ends after so many lines" {
	ana
	crm-changes -f --since 2 -l 3 -o value -F _field >got &
	pid=$!
	until_lines 2 got
	crm-edit -q ana@acme.es owner:luis
	wait $pid
	[ "$(xargs <got)" = 'stage tag owner' ]
}

@test "-f ends when nobody reads it any more, though nothing is written" {
	ana
	run timeout 10 bash -c 'crm-changes -f | head -n 1 | cut -c1-3; exit "${PIPESTATUS[0]}"'
	[ "$status" -eq 141 ]
	[ "$output" = id: ]
}

@test "-f waits for a store at the default place" {
	crm-changes -f --verbose -o value -F name >got 2>err &
	pid=$!
	until_lines 1 err
	crm-add -q contact name:Ana
	until_lines 1 got
	crm-add -q contact name:Bo
	until_lines 2 got
	kill -TERM $pid
	wait $pid || true
	[ "$(xargs <got)" = 'Ana Bo' ]
}

@test "-f goes on through a compaction and another schema" {
	ana
	crm-changes -f --since 3 kind:contact,company -o value -F _seq >got 2>err &
	pid=$!
	crm-edit -q ana@acme.es owner:a
	until_lines 1 got
	crm-db compact -q
	crm-edit -q ana@acme.es owner:b
	until_lines 2 got
	printf '%s\n' 'crm-schema: 1' 'kinds: {contact: {fields: {vat: text}}}' >x.yaml
	crm-db schema --apply x.yaml -q
	crm-edit -q ana@acme.es vat:B1
	until_lines 3 got
	crm-db compact -q
	crm-edit -q ana@acme.es vat:B2
	until_lines 4 got
	kill -TERM $pid
	wait $pid || true
	[ "$(xargs <got)" = '4.1 5.1 7.1 8.1' ]
	[ ! -s err ]
}

@test "-f goes on after an older backup was restored" {
	ana
	crm-db backup -q old
	crm-edit -q ana@acme.es owner:a
	crm-changes -f --since 3 -o value -F _new >got 2>err &
	pid=$!
	until_lines 1 got
	crm-db restore -q --yes old
	crm-edit -q ana@acme.es owner:b
	until_lines 2 got
	kill -TERM $pid
	wait $pid || true
	[ "$(xargs <got)" = 'a b' ]
	[ ! -s err ]
}

@test "-f on a terminal shows lines as they come" {
	ana
	script -qec 'stty cols 100; crm-changes -f -l 5 --color=never' \
		/dev/null </dev/null >got &
	pid=$!
	until_lines 5 got
	crm-edit -q ana@acme.es owner:luis
	wait $pid
	[[ $(sed -n 6p got) == *'owner'*'luis'* ]]
}

@test "a long past is read forwards, and out of the way of writers" {
	crm-add -q contact name:Ana email:a@a.es
	for i in {1..60}; do
		echo "id:a@a.es	owner:o$i"
	done | while read -r line; do
		crm-edit -q - <<<"$line"
	done
	runs crm-changes _field:owner -o value -F _new
	status_is 0
	[ "${#lines[@]}" -eq 60 ]
	[ "${lines[59]}" = o60 ]
}

@test "a full disk behind stdout is 74" {
	ana
	run sh -c 'crm-changes >/dev/full'
	[ "$status" -eq 74 ]
	run sh -c 'crm-changes -f >/dev/full'
	[ "$status" -eq 74 ]
}

@test "a store that was named must be there, a configuration be right" {
	runs crm-changes -D nowhere -f
	gives 66 '' 'crm-changes: nowhere: no store there'
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-changes
	status_is 78
}

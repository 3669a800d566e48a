# SPDX-License-Identifier: MIT
# crm-undo: undo or redo one invocation.
load helper

setup() {
	crm_setup
	ME=$(id -un)
	crm-add -q contact name:'Ana Núñez' email:ana@acme.es tag:vip
	crm-edit -q ana@acme.es stage:lead tag+:press
}

# field LABEL: its values, of the one contact.
field() {
	crm-find -o value -F "$1"
}

@test "it takes the newest invocation back and prints its change lines" {
	runs crm-undo -F name,rev,_do,_field,_old,_new,_seq,_by,_prog
	status_is 0
	err_empty
	out_is <<-EOT
		name:Ana Núñez	rev:3	_do:undo	_field:stage	_old:lead	_seq:3.1	_by:$ME	_prog:crm-undo
		name:Ana Núñez	rev:3	_do:undo	_field:tag	_old:press	_seq:3.1	_by:$ME	_prog:crm-undo
	EOT
	[ "$(field tag)" = vip ]
	[ -z "$(field stage)" ]
}

@test "a second one goes one further back, a third has nothing to do" {
	crm-undo -q
	runs crm-undo -F name,_do,_field,_op
	status_is 0
	err_empty
	[ "${#lines[@]}" -eq 1 ]
	[[ ${lines[0]} == $'name:Ana Núñez\t_do:undo\t_field:id\t_op:01'* ]]
	runs crm-find
	gives 0
	runs crm-undo
	gives 66 '' 'crm-undo: nothing to undo'
}

@test "redo does it again, in the order in which it was undone" {
	crm-find >want
	crm-undo -q
	crm-undo -q
	runs crm-undo --redo -o value -F _do,_field
	gives 0 $'redo\nid'
	runs crm-undo --redo -o value -F _field,_new
	gives 0 $'stage\nlead\ntag\npress'
	crm-find -F '*,-rev,-updated' >got
	sed 's/\trev:[0-9]*//; s/\tupdated:.*//' want | cmp - got
	runs crm-undo --redo
	gives 66 '' 'crm-undo: nothing to redo'
}

@test "what was done since ends the redo" {
	crm-undo -q
	crm-edit -q ana@acme.es owner:luis
	runs crm-undo --redo
	gives 66 '' 'crm-undo: nothing to redo'
}

@test "an operation is named by its number, its id or the end of it" {
	op=$(crm-undo --list -o value -F _op 2)
	runs crm-undo -q "$op"
	gives 0
	runs crm-undo -q 2
	gives 66 '' "crm-undo: operation 2 is undone already; crm-undo --redo 2 does it again"
	runs crm-undo -q --redo 2
	gives 0
	runs crm-undo -q "${op:10}"
	gives 0
	runs crm-undo -q --redo 1
	gives 66 '' 'crm-undo: operation 1 is not undone'
	runs crm-undo 99
	gives 66 '' "crm-undo: no operation '99'"
	runs crm-undo last-one
	gives 2 '' "crm-undo: 'last-one' names no operation; wanted its number, its id or the end of it"
	runs crm-undo abc
	gives 2 '' "crm-undo: 'abc' names no operation; wanted its number, its id or the end of it, 4 characters or more"
}

@test "the end of several ids names none of them" {
	# The seed gives each process the same random end.
	op=$(crm-undo --list -o value -F _op 1)
	end=${op:22}
	crm-edit -q ana@acme.es owner:a
	runs crm-undo --list "$(crm-undo --list -o value -F _op -l 1 | cut -c23-)"
	status_is 65
	out_empty
	[[ $stderr == *"' ends the ids of 2 operations: 3 crm-edit, 2 crm-edit; type one more character"* ]]
	[ -n "$end" ]
}

@test "an undo that is named is redone" {
	crm-undo -q
	runs crm-undo 3 -o value -F _do
	gives 0 $'redo\nredo'
	[ "$(field stage)" = lead ]
}

@test "several are undone in the order given, each by itself" {
	runs crm-undo 2 1 -o value -F _do,_seq
	gives 0 $'undo\n3.1\nundo\n3.1\nundo\n4.1'
	runs crm-undo --list -o value -F _seq
	gives 0 $'4\n3\n2\n1'
}

@test "of several, what was done stays where one is refused" {
	runs crm-undo 2 99 -o value -F _seq
	gives 66 $'3.1\n3.1' "crm-undo: no operation '99'"
	[ -z "$(field stage)" ]
}

@test "-n says what would be and does nothing, of several one after another" {
	runs crm-undo -n 2 1
	status_is 0
	err_empty
	out_is <<-EOT
		id:$(crm-find -o id)	kind:contact	rev:3	name:Ana Núñez	_do:undo	_field:stage	_old:lead	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-undo
		id:$(crm-find -o id)	kind:contact	rev:3	name:Ana Núñez	_do:undo	_field:tag	_old:press	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-undo
		id:$(crm-find -o id)	kind:contact	rev:3	name:Ana Núñez	email:ana@acme.es	tag:vip	_do:undo	_field:id	_old:$(crm-find -o id)	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-undo
	EOT
	[ "$(field stage)" = lead ]
	runs crm-undo --list -o value -F _seq
	gives 0 $'2\n1'
}

@test "-n gives the lines of the real run, without its number" {
	crm-undo -n >want
	crm-undo >got
	sed 's/\t_op:[0-9A-Z]*\t_seq:[0-9.]*//' got | cmp - want
}

@test "a field that was changed since is named, and nothing is undone" {
	crm-edit -q ana@acme.es stage:customer
	id=$(crm-find -o id)
	runs crm-undo 2
	gives 75 '' "crm-undo: ${id:22} Ana Núñez: stage: changed since by operation 3, crm-edit of $ME at 2026-03-02T09:00:00Z
crm-undo: nothing undone: 1 change since is in the way; --partial leaves that out, --force overwrites it"
	[ "$(field stage)" = customer ]
	runs crm-undo -n 2
	status_is 75
	runs crm-undo 2 --partial -o value -F _field,_old
	status_is 1
	out_is tag press
	[[ $stderr == *"changed since by operation 3"* ]]
	[ "$(field stage)" = customer ]
}

@test "--force overwrites what was changed since" {
	crm-edit -q ana@acme.es stage:customer
	runs crm-undo 2 --force -o value -F _field,_old
	gives 0 $'stage\ncustomer\ntag\npress'
	[ -z "$(field stage)" ]
}

@test "what others added to a list since stays" {
	crm-edit -q ana@acme.es tag+:gold
	runs crm-undo -q 2
	gives 0
	[ "$(field tag)" = $'vip\ngold' ]
}

@test "a record that others refer to is not orphaned" {
	crm-log -q call ana@acme.es 'hello there'
	id=$(crm-find -o id)
	call=$(crm-find kind:activity -o id)
	runs crm-undo 1 --force
	gives 75 '' "crm-undo: ${id:22} Ana Núñez: still referred to (1), first by ${call:22}; see crm-rm --cascade and --detach
crm-undo: nothing undone: 1 change since is in the way; --partial leaves that out"
}

@test "more than twenty clashes are counted" {
	for i in {1..25}; do
		printf 'name:N%s\temail:n%s@a.es\n' "$i" "$i"
	done | crm-add -q contact -
	crm-find name:n -o id | crm-edit -q stage:lead -
	crm-find name:n -o id | crm-edit -q stage:customer -
	runs crm-undo 4
	status_is 75
	[ "${#stderr_lines[@]}" -eq 22 ]
	[ "${stderr_lines[20]}" = 'crm-undo: and 5 more' ]
	[ "${stderr_lines[21]}" = 'crm-undo: nothing undone: 25 changes since are in the way; --partial leaves that out, --force overwrites it' ]
}

@test "a whole import is one operation" {
	for i in {1..300}; do
		printf 'name:N%s\temail:n%s@a.es\tcompany:Firm\n' "$i" "$i"
	done | crm-add -q contact -
	runs crm-undo --verbose -o id
	status_is 0
	[ "${#lines[@]}" -eq 301 ]
	err_is "crm-undo: undid 'crm-add', now: 300 contacts, 1 company; crm-undo --redo does it again"
	runs crm-find -c
	gives 0 1
	crm-undo --redo -q
	runs crm-find -c
	gives 0 301
	runs crm-db check --full
	gives 0
}

@test "the list has a line for each operation, the newest first" {
	crm-undo -q
	undo=$(crm-undo --list -o value -F _op 3)
	runs crm-undo --list -F '*,-_op'
	status_is 0
	err_empty
	out_is <<-EOT
		_seq:3	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-undo	_records:1	_summary:undo of 2: changed 1 contact
		_seq:2	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-edit	_records:1	_summary:changed 1 contact	_undone:$undo
		_seq:1	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-add	_records:1	_summary:added 1 contact
	EOT
	runs crm-undo --list -l 1 -o json -F _seq,_prog
	gives 0 '{"_seq":"3","_prog":"crm-undo"}'
	runs crm-undo --list -q
	gives 0
	runs crm-undo --list -l 1 -o tsv
	out_is $'_op\t_seq\t_at\t_by\t_prog\t_records\t_summary\t_undone' \
		"$undo	3	2026-03-02T09:00:00Z	$ME	crm-undo	1	undo of 2: changed 1 contact	"
}

@test "the list of a terminal is a table" {
	runs on_terminal 70 crm-undo --list -F _seq,_prog,_summary --color=never
	status_is 0
	out_is <<-'EOT'
		_SEQ  _PROG     _SUMMARY
		   2  crm-edit  changed 1 contact
		   1  crm-add   added 1 contact
		2 operations
	EOT
}

@test "on a terminal what it did is a table: record, field, before, after" {
	runs on_terminal 70 crm-undo --color=never
	status_is 0
	[ "${lines[0]}" = 'ID    NAME       _FIELD  _OLD   _NEW' ]
	[[ ${lines[1]} == *'  Ana Núñez  stage   lead' ]]
	[[ $output == *"crm-undo: undid 'crm-edit', now: 1 contact; crm-undo --redo does it again"* ]]
}

@test "the schema is undone too" {
	printf '%s\n' 'crm-schema: 1' 'kinds: {contact: {fields: {vat: text}}}' >x.yaml
	crm-db schema >before
	crm-db schema --apply x.yaml -q
	runs crm-undo -F _do,_field
	gives 0 $'_do:undo\t_field:schema'
	crm-db schema >after
	same before after
	crm-undo -q --redo
	crm-edit -q ana@acme.es vat:B1
	runs crm-undo 3
	status_is 75
	[[ $stderr == *vat* ]]
	runs crm-find vat:B1 -c
	gives 0 1
}

@test "a ledger's entry is taken back, and the log has both" {
	crm-add -q points contact:ana@acme.es points:10 reason:gift
	runs crm-undo -o value -F kind
	gives 0 points
	runs crm-changes kind:points -o value -F _do
	gives 0 $'add\nundo'
}

@test "what was removed comes back under its id, with its texts" {
	note=$(printf 'x%.0s' {1..3000})
	crm-edit -q ana@acme.es note:"$note"
	crm-find >want
	id=$(crm-find -o id)
	crm-undo -q 1 --force
	runs crm-find
	gives 0
	crm-undo -q --redo
	[ "$(crm-find -o id)" = "$id" ]
	[ "$(field note)" = "$note" ]
}

@test "with -q it says nothing, with -l it prints less and does all" {
	runs crm-undo -l 1 -o value -F _field
	gives 0 stage
	[ "$(field tag)" = vip ]
	runs crm-undo -q --redo
	gives 0
}

@test "where there is no store there is nothing to undo, and none is made" {
	rm -r "$XDG_DATA_HOME/crm"
	runs crm-undo
	gives 66 '' 'crm-undo: nothing to undo'
	runs crm-undo --list
	gives 0
	[ ! -e "$XDG_DATA_HOME/crm" ]
	runs crm-undo -D nowhere
	gives 66 '' 'crm-undo: nowhere: no store there'
}

@test "wrong uses are refused" {
	runs crm-undo --list --redo
	gives 2 '' 'crm-undo: --list only looks: --redo, -n, --partial and --force do not go with it'
	runs crm-undo -s name
	gives 2 '' 'crm-undo: --sort: lines come in the order of the log; crm-find -s KEY - sorts them'
	runs crm-undo -F stgae
	status_is 2
	runs crm-undo --rdo
	status_is 2
	[ "$(field stage)" = lead ]
}

@test "a full disk behind stdout is told, and the undo stands" {
	run sh -c 'crm-undo >/dev/full'
	[ "$status" -eq 74 ]
	[ -z "$(field stage)" ]
	run sh -c 'crm-undo --list >/dev/full'
	[ "$status" -eq 74 ]
}

@test "an erasure stays" {
	[ -x "$CRM_BIN/crm-rm" ] || skip "crm-rm is not built"
	crm-rm -q --erase --yes ana@acme.es
	runs crm-undo --force
	gives 77 '' 'crm-undo: operation 3 erased for good; that cannot be undone
crm-undo --list names those before it, crm-undo OP undoes one.'
	runs crm-undo 2
	status_is 75
	[[ $stderr == *': erased since by operation 3, crm-rm of '* ]]
}

@test "an operation that was trimmed is told of as such" {
	crm-edit -q ana@acme.es owner:luis
	CRM_NOW=2026-05-02T09:00:00Z crm-edit -q ana@acme.es owner:eva
	CRM_NOW=2026-05-02T09:00:00Z crm-db compact --keep-log 1d
	runs crm-undo 2
	gives 66 '' "crm-undo: no operation '2'; the change log begins at 4"
	runs crm-undo 99
	gives 66 '' "crm-undo: no operation '99'"
}

@test "a fault in the configuration is 78" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-undo
	status_is 78
}

@test "two at once undo two operations, never one twice" {
	crm-edit -q ana@acme.es owner:a
	crm-edit -q ana@acme.es owner:b
	crm-undo -q &
	crm-undo -q &
	wait
	runs crm-undo --list -o value -F _summary -l 2
	status_is 0
	[ "$(sort <<<"$output" | sed '/^$/d')" = $'undo of 3: changed 1 contact\nundo of 4: changed 1 contact' ]
	[ -z "$(field owner)" ]
}

@test "operations are completed by number, the newest first" {
	runs crm-undo --crm-complete -- ''
	gives 0 $'2\tcrm-edit: changed 1 contact\n1\tcrm-add: added 1 contact'
	runs crm-undo --crm-complete -- 1
	gives 0 $'1\tcrm-add: added 1 contact'
	runs crm-undo --crm-complete -- --re
	status_is 0
	[ "${lines[0]%%$'\t'*}" = --redo ]
}

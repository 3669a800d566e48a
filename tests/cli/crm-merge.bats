#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# crm-merge: making one record of several.
load helper

ANA=01HF7YAT00JXHQEH5M3VYDK7BV
BIS=01HF7YBV00ZZZQEH5M3VYDK7BW
BO=01HF7YCV00ZZZQEH5M3VYDK7CX

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
	crm-add -q - <<-'EOT'
	id:01HF7YAT00JXHQEH5M3VYDK7BV	kind:contact	name:Inés Ortiz	email:ines@example.com	phone:+34600111222	tag:vip	note:one	city:Madrid
	id:01HF7YBV00ZZZQEH5M3VYDK7BW	kind:contact	name:Ines Ortíz Gil	email:i@corp.example	phone:+34600111222	tag:expo	note:two	stage:customer	city:Sevilla	postcode:41001	x.foo:a
	id:01HF7YCV00ZZZQEH5M3VYDK7CX	kind:contact	name:Bo Lind	email:bo@lind.es
	id:01HF7YDV00ZZZQEH5M3VYDK7DY	kind:deal	name:Big	contact_id:01HF7YBV00ZZZQEH5M3VYDK7BW
	id:01HF7YFV00ZZZQEH5M3VYDK7F1	kind:activity	type:call	body:quote	contact_id:01HF7YBV00ZZZQEH5M3VYDK7BW
	EOT
}

# everything: all records, without what an undo may change.
everything() {
	crm-find 'kind:*' | sed 's/\trev:[0-9]*//; s/\tupdated:[^\t]*//'
}

# sound: a full check finds nothing.
sound() {
	runs crm-db check --full
	gives 0
}

# pair A B: a line as --find prints it.
pair() {
	printf 'id:%s\tkind:contact\t_with:%s\t_score:0.94\n' "$1" "$2"
}

# ---- merging ----

@test "the first survives, and holds what both had" {
	runs crm-merge --verbose ines@example.com i@corp.example
	gives 0 '' 'crm-merge: moved the links of 2 records
crm-merge: merged 1 record into 1; crm-undo takes it apart'
	runs crm-find -F id,name,email,phone,city,postcode,stage,tag,note,x.foo
	status_is 0
	out_is "id:$ANA	name:Inés Ortiz	email:ines@example.com	email:i@corp.example	phone:+34600111222	city:Madrid	stage:customer	tag:vip	tag:expo	note:one\n\ntwo	x.foo:a" \
		"id:$BO	name:Bo Lind	email:bo@lind.es"
	runs crm-find kind:deal,activity -F kind,contact_id
	status_is 0
	out_is "kind:deal	contact_id:$ANA" "kind:activity	contact_id:$ANA"
	sound
}

@test "-o prints the survivors as they are stored" {
	runs crm-merge -o value -F email ines@example.com i@corp.example
	status_is 0
	out_is ines@example.com i@corp.example
	runs crm-merge -q -o id "$ANA" bo@lind.es
	gives 0
}

@test "-s and -l order and bound what -o prints" {
	echo 'id:01HF7YZV00ZZZQEH5M3VYDK7Z1	name:Aa' | crm-add -q -
	runs bash -c "{ printf 'id:bo@lind.es\t_with:01HF7YZV00ZZZQEH5M3VYDK7Z1\n'
		printf 'id:$ANA\t_with:$BIS\n'; } |
		crm-merge -F name -s -name"
	status_is 0
	out_is 'name:Inés Ortiz' 'name:Bo Lind'
	runs crm-merge -F name -l 0 "$ANA" "$BO"
	gives 0
}

@test "--prefer says whose value counts" {
	runs crm-merge --prefer=fullest -F name "$ANA" "$BIS"
	gives 0 'name:Ines Ortíz Gil'
	crm-undo -q
	CRM_NOW=2026-03-03T09:00:00Z crm-edit -q "$ANA" name:Inés
	CRM_NOW=2026-03-04T09:00:00Z crm-edit -q "$BIS" city:Cádiz
	runs crm-merge --prefer=newest -F name,city,postcode "$ANA" "$BIS"
	gives 0 'name:Inés	city:Cádiz	postcode:41001'
}

@test "merging again changes nothing, whichever id is named" {
	crm-merge -q "$ANA" "$BIS"
	everything >before
	for words in "$ANA $BIS" "$BIS $ANA" "$ANA $ANA"; do
		# shellcheck disable=SC2086
		runs crm-merge --verbose $words
		status_is 0
		[[ $stderr == *'crm-merge: nothing to merge'* ]]
	done
	everything >after
	same before after
	[ "$(crm-undo --list | wc -l)" -eq 2 ]
}

@test "a merged id leads to the survivor wherever a record is named" {
	crm-merge -q "$ANA" "$BIS"
	runs crm-show --verbose "$BIS" -F name -l 1
	status_is 0
	[[ $output == 'name:Inés Ortiz'* ]]
	err_is "crm-show: '$BIS' was merged into K7BV Inés Ortiz"
	runs crm-find --verbose id:k7bw -F id
	gives 0 "id:$ANA" "crm-find: 'k7bw' was merged into K7BV Inés Ortiz"
	runs crm-find "id:$BIS" -F id
	gives 0 "id:$ANA"
	runs crm-find "kind:deal" "contact_id:$BIS" -F name
	gives 0 'name:Big'
	runs crm-log -q call "$BIS" 'rang again'
	status_is 0
	crm-add -q task title:call "contact_id:$BIS"
	runs crm-find kind:task -F contact_id
	gives 0 "contact_id:$ANA"
	runs bash -c "echo 'id:$BIS	tag+:x' | crm-edit -q -"
	status_is 0
	runs bash -c "echo $BIS | crm-score lead -F id"
	status_is 0
	[[ $output == *"$ANA"* ]]
	runs bash -c "echo $BIS | crm-segment union - <(echo $ANA) -F id"
	status_is 0
	out_is "id:$ANA"
	sound
}

@test "the past of a merged record stays, under its own id" {
	crm-merge -q "$ANA" "$BIS"
	runs crm-show --history --verbose "$BIS" -F id,_do
	status_is 0
	err_is "crm-show: '$BIS' was merged into K7BV Inés Ortiz"
	[ "$(cut -f1 "$OUT" | sort -u)" = "id:$ANA" ]
	runs crm-changes "id:$BIS" -F _do,_new
	gives 0 "_do:add
_do:merge	_new:$ANA"
	runs crm-export --person "$ANA" -o ltsv
	grep -q "^id:$BIS	.*_part:changes" "$OUT"
}

@test "members of a frozen set that were merged are their survivor" {
	crm-segment save -q all has:email
	crm-segment freeze -q all@one
	crm-merge -q "$ANA" "$BIS"
	runs crm-segment all@one -F id
	gives 0 "id:$ANA
id:$BO"
	runs crm-find @all@one -c
	gives 0 2
	crm-undo -q
	runs crm-find @all@one -c
	gives 0 3
}

@test "crm-undo takes it apart, byte for byte, and --redo does it again" {
	everything >before
	crm-merge -q "$ANA" "$BIS"
	everything >merged
	runs crm-undo -q
	status_is 0
	everything >after
	same before after
	sound
	runs crm-undo -q --redo
	status_is 0
	everything >after
	same merged after
	runs crm-find id:k7bw -F id
	gives 0 "id:$ANA"
	sound
	crm-undo -q
	everything >after
	same before after
}

@test "what a later write changed is in the way of the undo, and named" {
	crm-merge -q "$ANA" "$BIS"
	CRM_NOW=2026-03-02T10:00:00Z crm-edit -q "$ANA" stage:lead
	runs crm-undo 2
	status_is 75
	[[ $stderr == "crm-undo: K7BV Inés Ortiz: stage: changed since by operation 3, crm-edit of "* ]]
}

@test "--as-of shows both, as they were" {
	CRM_NOW=2026-03-03T09:00:00Z crm-merge -q "$ANA" "$BIS"
	export CRM_NOW=2026-03-04T09:00:00Z
	runs crm-find --as-of 2026-03-02T12:00:00Z -c
	gives 0 3
	runs crm-find --as-of 2026-03-02T12:00:00Z id:k7bw -F name
	gives 0 'name:Ines Ortíz Gil'
	runs crm-find --as-of 2026-03-03T12:00:00Z id:k7bw -F name
	gives 0 'name:Inés Ortiz'
}

@test "-n prints the change lines that crm-changes prints then" {
	local then="s/\t_op:[^\t]*\t_seq:[^\t]*//"
	cp -r "$CRM_DB" kept
	runs crm-merge -n --verbose "$ANA" "$BIS"
	status_is 0
	err_is 'crm-merge: would change 4 records; nothing stored'
	cp "$OUT" rehearsed
	grep -q "	_do:merge	_field:id	_old:$BIS	_new:$ANA	" rehearsed
	[ "$(grep -c '	_do:merge	' rehearsed)" -eq "$(wc -l <rehearsed)" ]
	runs env COLUMNS=80 crm-merge -n -o table --no-header "$ANA" "$BIS"
	status_is 0
	tr -s ' ' <"$OUT" >got
	grep -q '^K7BW Ines Ortíz Gil contact merge id 01HF' got
	grep -q '^K7BV Inés Ortiz contact merge email i@corp' got
	diff -r kept "$CRM_DB" >/dev/null || cmp kept/data.mdb "$CRM_DB/data.mdb"
	crm-merge -q "$ANA" "$BIS"
	crm-changes --since 1 | sed "$then" >did
	same rehearsed did
	runs crm-merge -n "$ANA" "$BIS"
	gives 0
}

@test "who erases the survivor erases what was merged into it" {
	crm-edit -q "$BIS" note:canary8472
	crm-merge -q "$ANA" "$BIS"
	crm-edit -q "$ANA" note:
	runs crm-rm --erase --yes "$BIS" -F id,_contact
	status_is 0
	[[ $output == "id:$ANA	_contact:2"* ]]
	runs grep -c canary8472 "$CRM_DB/data.mdb"
	gives 1 0
	runs crm-show k7bw
	status_is 66
	sound
}

@test "companies are merged with their people" {
	crm-add -q - <<-'EOT'
	id:01HF7YGV00ZZZQEH5M3VYDK7G1	kind:company	name:Acme	domain:acme.es
	id:01HF7YGV00ZZZQEH5M3VYDK7G2	kind:company	name:Acme SL	domain:acme.com	parent_id:01HF7YGV00ZZZQEH5M3VYDK7G3
	id:01HF7YGV00ZZZQEH5M3VYDK7G3	kind:company	name:Group
	EOT
	crm-edit -q bo@lind.es company_id:01HF7YGV00ZZZQEH5M3VYDK7G2
	runs crm-merge acme.es acme.com
	gives 0
	runs crm-find bo@lind.es -F company
	gives 0 'company:Acme'
	runs crm-find kind:company domain:acme.com -F name,parent
	gives 0 'name:Acme	parent:Group'
	runs crm-merge 01HF7YGV00ZZZQEH5M3VYDK7G3 acme.es
	gives 65 '' 'crm-merge: parent: K7G3 Group would stand above itself; crm-edit one of them parent_id: first'
	sound
}

@test "a mail that waits twice is removed with its file" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	(
		umask 077
		printf '%s\n' 'from: shop@example.com' \
			'unsubscribe: ["mailto:no@example.com"]' \
			>"$XDG_CONFIG_HOME/crm/config.yaml"
	)
	printf 'Subject: hi\n\nhi\n' >t
	printf '#!/bin/sh\ncat >/dev/null\nexit 75\n' >later
	chmod +x later
	crm-consent -q grant "$ANA" "$BIS" channel:email
	runs crm-mail -t ./t -c may --send --sendmail "$PWD/later" "$ANA" "$BIS"
	status_is 75
	runs crm-find kind:message status:queued -c
	gives 0 2
	set -- "$CRM_DB".outbox/*.eml
	[ $# -eq 2 ]
	runs crm-merge --verbose "$ANA" "$BIS"
	status_is 0
	[[ $stderr == 'crm-merge: removed 1 mail that was queued twice'* ]]
	[ "$(crm-find kind:message -c)" -eq 1 ]
	set -- "$CRM_DB".outbox/*.eml
	[ $# -eq 1 ]
	sound
}

# ---- pairs ----

@test "pairs that share a record become one, in any order of lines" {
	{
		pair "$ANA" "$BIS"
		pair "$BIS" "$BO"
	} >pairs
	cp -r "$CRM_DB" twin
	runs crm-merge -o id - <pairs
	gives 0 "$ANA"
	everything >one
	tac pairs >turned
	runs crm-merge -D twin -o id - <turned
	gives 0 "$ANA"
	CRM_DB=twin everything >two
	same one two
}

@test "handles name the records of a pair, and the rest of a line is nothing" {
	runs crm-merge <<-'EOT'
	{"id":"ines@example.com","_with":["i@corp.example","k7cx"],"rev":77}
	EOT
	gives 0
	runs crm-find -c
	gives 0 1
}

@test "nothing comes in, nothing is merged" {
	runs crm-merge --verbose </dev/null
	gives 0 '' 'crm-merge: nothing to merge'
}

@test "--find, a filter and crm-merge make one pipe" {
	runs bash -c 'crm-merge --find | crm-find - _score:0.9.. | crm-merge'
	gives 0
	runs crm-find -c
	gives 0 2
	runs bash -c 'crm-merge --find | crm-merge --verbose'
	gives 0 '' 'crm-merge: nothing to merge'
}

@test "a merge that reads a slow --find waits without holding anybody up" {
	runs timeout 20 bash -c '
		{ crm-merge --find; crm-add -q contact name:Late; } | crm-merge'
	status_is 0
	runs crm-find late -c
	gives 0 1
}

@test "lines that name no pair are refused, all of them" {
	everything >before
	runs crm-merge <<-EOT
	$(pair "$ANA" "$BIS")
	id:$ANA
	_with:$ANA
	id:$ANA	_with:nobody@x.es
	EOT
	gives 65 '' "crm-merge: stdin:2: no _with: which record is merged into it?
crm-merge: stdin:3: no id: which record is kept?
crm-merge: stdin:4: no contact 'nobody@x.es'
crm-merge: nothing merged, 3 of 4 lines refused"
	runs crm-merge <<<"$ANA"
	status_is 65
	everything >after
	same before after
}

@test "more than ten are refused, unless --max lets them" {
	local i
	for i in {10..20}; do
		echo "id:01HF7YHV00ZZZQEH5M3VYDK7$i	name:N$i"
	done | crm-add -q -
	for i in {11..20}; do
		pair 01HF7YHV00ZZZQEH5M3VYDK710 "01HF7YHV00ZZZQEH5M3VYDK7$i"
	done >pairs
	runs crm-merge - <pairs
	gives 65 '' 'crm-merge: 11 records would become one: K710 N10, K711 N11, K712 N12, K713 N13, K714 N14, ...
More than 10 are refused; --max=11 merges them.'
	runs crm-merge --max=11 - <pairs
	gives 0
	runs crm-find -c
	gives 0 4
	runs crm-merge --max=1 - <pairs
	status_is 2
}

# ---- finding ----

@test "--find prints pairs with score and reasons" {
	runs crm-merge --find
	gives 0 "id:$ANA	kind:contact	name:Inés Ortiz	_with:$BIS	_name:Ines Ortíz Gil	_score:0.94	_reason:phone	_reason:name close"
	runs crm-merge --find -o json -F _score,_reason
	gives 0 '{"_score":0.94,"_reason":["phone","name close"]}'
	runs crm-merge --find -o id
	gives 0 "$ANA"
	runs crm-merge --find -l 0
	gives 0
	runs crm-merge --find -q
	gives 0
	run on_terminal 80 crm-merge --find
	[ "${lines[-1]}" = '1 pair' ]
	runs env COLUMNS=80 crm-merge --find -o table
	gives 0 'ID    NAME        _WITH  _NAME           _SCORE  _REASON
K7BV  Inés Ortiz  K7BW   Ines Ortíz Gil    0.94  phone +1'
}

@test "--find takes blocks, a least score, a kind and a query" {
	crm-add -q - <<-'EOT'
	id:01HF7YGV00ZZZQEH5M3VYDK7G1	kind:company	name:Acme
	id:01HF7YGV00ZZZQEH5M3VYDK7G2	kind:company	name:Acme SL
	EOT
	runs crm-merge --find --by=email,ext
	gives 0
	runs crm-merge --find --by phone -o id
	gives 0 "$ANA"
	runs crm-merge --find --min=0.95 --verbose
	gives 0 '' 'crm-merge: no pair scores 0.95 or more'
	runs crm-merge --find --min 0.941 -o id
	gives 0
	runs crm-merge --find --min 0.94 -o id
	gives 0 "$ANA"
	runs crm-merge --find --kind=company -F name,_name --min=0.5
	gives 0 'name:Acme	_name:Acme SL'
	runs crm-merge --find tag:expo -o id
	gives 0 "$ANA"
	runs crm-merge --find bo@lind.es
	gives 0
	runs crm-merge --find id:k7bv -o id
	gives 0 "$ANA"
	runs crm-merge --find "id:$BO"
	gives 0
}

@test "--dots leaves the dots of addresses out" {
	crm-add -q contact name:X email:a.b.cdef@example.com
	crm-add -q contact name:X email:abcdef@example.com
	runs crm-merge --find --by=email -c
	status_is 2
	[ "$(crm-merge --find --by=email --min=0.9 | wc -l)" -eq 0 ]
	[ "$(crm-merge --find --by=email --min=0.9 --dots | wc -l)" -eq 1 ]
}

@test "--find only reads" {
	cp "$CRM_DB/data.mdb" kept
	runs crm-merge --find
	status_is 0
	cmp kept "$CRM_DB/data.mdb"
	unset CRM_DB
	runs crm-merge --find
	gives 0
	runs crm-merge --find --verbose
	gives 0 '' 'crm-merge: no store yet at ~/.local/share/crm; crm-add or crm-import makes it'
	[ ! -e "$XDG_DATA_HOME/crm" ]
}

# ---- what is refused ----

@test "operands and options that do not go together are 2" {
	runs crm-merge "$ANA"
	gives 2 '' "crm-merge: '$ANA' alone: name the record that is kept, then those that are merged into it"
	runs crm-merge "$ANA" -
	gives 2 '' 'crm-merge: pairs are read from standard input, or records named; not both'
	runs crm-merge --find -
	gives 2 '' 'crm-merge: --find reads the store, not standard input'
	runs crm-merge --find -n
	gives 2 '' 'crm-merge: --dry-run does not go with --find, which changes nothing'
	runs crm-merge --find --prefer=first
	status_is 2
	runs crm-merge --find --max=3
	status_is 2
	for word in --by=email --min=0.5 --kind=company --dots; do
		runs crm-merge "$word" "$ANA" "$BIS"
		gives 2 '' "crm-merge: ${word%=*} goes with --find"
	done
	runs crm-merge --find --by=phnoe
	gives 2 '' "crm-merge: --by: got 'phnoe'; did you mean 'phone'?"
	runs crm-merge --find --by=x
	gives 2 '' "crm-merge: --by: got 'x', wanted email, phone, ext, domain or name"
	for word in 1.01 -1 x 0,8; do
		runs crm-merge --find --min="$word"
		gives 2 '' "crm-merge: --min: got '$word', wanted a number from 0 to 1"
	done
	runs crm-merge --find kind:deal
	gives 2 '' "crm-merge: the query is not about the kind 'contact'; --kind names another"
	runs crm-merge --find -s name
	status_is 2
	runs crm-merge --find stgae:lead
	status_is 2
	runs crm-merge ana bo
	status_is 2
}

@test "kinds that do not go together are 65, who is not there 66" {
	echo 'id:01HF7YGV00ZZZQEH5M3VYDK7G1	kind:company	name:Acme	domain:acme.es' |
		crm-add -q -
	runs crm-merge "$ANA" acme.es
	gives 65 '' 'crm-merge: K7BV Inés Ortiz is a contact, K7G1 Acme a company: only records of one kind can be merged'
	runs crm-merge "$ANA" nobody@x.es
	gives 66 '' "crm-merge: no contact 'nobody@x.es'"
	runs crm-merge kind:company "$ANA" "$BIS"
	status_is 66
	runs crm-merge -D none "$ANA" "$BIS"
	status_is 66
	runs crm-merge kind:contact "$ANA" "$BIS"
	gives 0
}

@test "a full output is 74, a busy store 75" {
	runs bash -c 'crm-merge --find >/dev/full'
	gives 74 '' 'crm-merge: standard output: No space left on device'
	needs flock
	runs flock "$CRM_DB" crm-merge --lock-timeout 1s "$ANA" "$BIS"
	status_is 75
}

@test "a store that is reached by a link is 77, a bad configuration 78" {
	ln -s "$CRM_DB" link
	runs crm-merge -D link "$ANA" "$BIS"
	status_is 77
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	chmod 600 "$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-merge "$ANA" "$BIS"
	status_is 78
}

@test "without a terminal's words it shows its help" {
	runs crm-merge -h
	status_is 0
	[[ $output == 'crm-merge - make one record of several that are the same'* ]]
}

@test "TAB gives handles, terms behind --find, and what --by takes" {
	runs crm-merge --crm-complete -- ines
	gives 0 'ines@example.com	Inés Ortiz'
	runs crm-merge --crm-complete -- --by=na
	gives 0 '--by=name	'
	runs crm-merge --crm-complete -- --find stage:cu
	status_is 0
	[[ $output == stage:customer* ]]
}

# SPDX-License-Identifier: MIT
# crm-consent: the ledger, the gate, suppressed addresses, the policy.
load helper

setup() {
	crm_setup
	export CRM_NOW=2026-03-10T10:00:00Z
	ME=$(id -un)
	crm-add -q <<-EOT
		kind:contact	name:Ana	email:ana@a.es	phone:+34600111222	source:web	channel:letter
		kind:contact	name:Bo	email:bo@a.es	phone:+34600111223
		kind:contact	name:Cy	phone:+12125551234	tz:America/New_York
		kind:company	name:Acme	domain:acme.es
	EOT
	ANA=$(id_of Ana)
	BO=$(id_of Bo)
	CY=$(id_of Cy)
}

# id_of NAME: of the contact or company of that name.
id_of() {
	crm-find "kind:contact,company" "name=$1" -o id
}

# touch_of WHOM TIME ...: mails of ours to one.
touch_of() {
	local whom=$1 at
	shift
	for at; do
		crm-log -q email "$whom" "at:$at"
	done
}

# reasons CHANNEL ...: name and reason of each who is held back.
reasons() {
	crm-find kind:contact -F id,kind,name | crm-consent gate "$@" --blocked held >/dev/null
	crm-find - -F name,_reason,_until <held
}

# ---- the ledger ----

@test "grant prints the entry, with what is not said filled in" {
	runs crm-consent grant ana@a.es channel:email --verbose
	status_is 0
	out_is "id:$(crm-find kind:consent -o id)	kind:consent	rev:1	contact_id:$ANA	purpose:marketing	channel:email	state:granted	basis:consent	source:told to $ME	at:2026-03-10T10:00:00Z	created:2026-03-10T10:00:00Z	updated:2026-03-10T10:00:00Z"
	err_empty
	runs crm-find ana@a.es -F consent.email
	gives 0 consent.email:granted
	runs crm-consent deny bo@a.es channel:call purpose:service basis:legal source:phone wording:no at:2026-03-01 expires:2027-01-01 -F purpose,channel,state,basis,source,wording,at,expires
	gives 0 'purpose:service	channel:call	state:denied	basis:legal	source:phone	wording:no	at:2026-03-01T00:00:00Z	expires:2027-01-01T00:00:00Z'
	runs crm-consent withdraw "${CY: -6}" -F contact,channel,state
	gives 0 'contact:Cy	channel:any	state:withdrawn'
}

@test "an entry names those that it comes after; undo takes it back" {
	crm-consent grant -q ana@a.es channel:email at:2026-03-01
	first=$(crm-find kind:consent -o id)
	runs crm-consent deny ana@a.es channel:email -F state,after
	gives 0 "state:denied	after:$first"
	runs crm-find ana@a.es -F consent.email
	gives 0 consent.email:denied
	runs crm-undo -F kind,state,_do
	gives 0 'kind:consent	state:denied	_do:undo'
	runs crm-find ana@a.es -F consent.email
	gives 0 consent.email:granted
	crm-undo -q --redo
	runs crm-find ana@a.es -F consent.email
	gives 0 consent.email:denied
	# An old grant that comes in today lifts no newer objection, and the
	# second time it is known.
	runs crm-consent grant ana@a.es channel:email source:import at:2026-01-01 -F at,after
	gives 0 'at:2026-01-01T00:00:00Z' \
		'crm-consent: Ana: warning: the grant for marketing by email is void: denied for marketing by email at 2026-03-10T10:00:00Z stands'
	runs crm-find ana@a.es -F consent.email
	gives 0 consent.email:denied
	runs crm-consent grant ana@a.es channel:email source:import at:2026-01-01 -q
	gives 0
	runs crm-find kind:consent -c
	gives 0 3
	runs crm-db check --full
	gives 0
}

@test "one that stands already is not written, and is printed" {
	runs crm-consent grant ana@a.es channel:email -o id
	first=$output
	runs crm-consent grant ana@a.es channel:email at:2026-03-09 -o id --verbose
	gives 0 "${first%$'\n'}" 'crm-consent: added 0, changed 0, unchanged 1'
	runs crm-consent grant ana@a.es ana@a.es channel:email wording:yes -F wording
	gives 0 wording:yes
	runs crm-find kind:consent -c
	gives 0 2
}

@test "a grant under a wider objection is stored with a warning" {
	crm-consent withdraw -q ana@a.es
	runs crm-consent grant ana@a.es channel:email -F channel,state
	gives 0 'channel:email	state:granted' \
		'crm-consent: Ana: warning: the grant for marketing by email is void: withdrawn for marketing by any at 2026-03-10T10:00:00Z stands'
	runs crm-find ana@a.es -F consent.email
	gives 0 consent.email:withdrawn
	# The second time it is not written; that it is void is said again.
	runs crm-consent grant ana@a.es channel:email --verbose -F state
	gives 0 state:granted \
		'crm-consent: Ana: warning: the grant for marketing by email is void: withdrawn for marketing by any at 2026-03-10T10:00:00Z stands
crm-consent: added 0, changed 0, unchanged 1'
	runs crm-consent grant ana@a.es channel:any -F channel
	gives 0 channel:any
	runs crm-find ana@a.es -F consent.email
	gives 0 consent.email:granted
}

@test "records on stdin: their fields are not those of the entry" {
	runs sh -c 'crm-find kind:contact | crm-consent grant channel:email -F contact,channel,source'
	gives 0 "contact:Ana	channel:email	source:told to $ME
contact:Bo	channel:email	source:told to $ME
contact:Cy	channel:email	source:told to $ME"
	runs sh -c 'crm-find kind:contact -o id | crm-consent deny channel:sms -F contact,channel,state'
	gives 0 $'contact:Ana\tchannel:sms\tstate:denied\ncontact:Bo\tchannel:sms\tstate:denied\ncontact:Cy\tchannel:sms\tstate:denied'
	crm-add -q deal name:Boat contact:ana@a.es contact:bo@a.es amount:1 currency:EUR
	runs sh -c 'crm-find kind:deal | crm-consent withdraw purpose:service -F contact,purpose'
	gives 0 $'contact:Ana\tpurpose:service\ncontact:Bo\tpurpose:service'
	# An entry of a ledger is one.
	runs crm-consent grant source:dump <<-'EOT'
		contact:bo@a.es	channel:letter	wording:yes	at:2025-01-01
		kind:consent	id:x	contact:ana@a.es	channel:visit	state:granted	purpose:service
	EOT
	status_is 0
	runs crm-find kind:consent source:dump -F contact,purpose,channel,wording
	gives 0 $'contact:Bo\tpurpose:marketing\tchannel:letter\twording:yes\ncontact:Ana\tpurpose:service\tchannel:visit'
	runs crm-db check --full
	gives 0
}

@test "-n prints the change lines and stores nothing" {
	before=$(crm-db stat | tr '\t' '\n' | grep ^chain)
	runs crm-consent grant -n ana@a.es channel:email
	gives 0 "kind:consent	contact_id:$ANA	purpose:marketing	channel:email	state:granted	basis:consent	source:told to $ME	at:2026-03-10T10:00:00Z	_do:add	_at:2026-03-10T10:00:00Z	_by:$ME	_prog:crm-consent"
	runs crm-find kind:consent -c
	gives 0 0
	[ "$before" = "$(crm-db stat | tr '\t' '\n' | grep ^chain)" ]
}

@test "what is no entry is refused, with the others stored on demand" {
	runs crm-consent grant ana@a.es
	gives 2 '' 'crm-consent: grant: by which channel? channel:email, for example, or channel:any'
	runs crm-consent grant ana@a.es channel:emial
	gives 2 '' "crm-consent: argument 3: channel: got 'emial'; did you mean 'email'?
Channels: email, sms, chat, call, visit, social, letter, any."
	runs crm-consent grant ana@a.es chanel:email
	gives 2 '' "crm-consent: argument 3: unknown field 'chanel'; did you mean 'channel'?"
	runs crm-consent grant ana@a.es channel:email state:denied
	gives 2 '' 'crm-consent: argument 4: state: the verb and the handles say it'
	runs crm-consent grant ana@a.es channel:email purpose:newsleter
	status_is 2
	runs crm-consent grant ana@a.es channel:email at:2026-03-10T10:00:01Z
	gives 65 '' 'crm-consent: argument 4: at: got 2026-03-10T10:00:01Z, which is still to come'
	runs crm-consent grant ana@b.es channel:email
	gives 66 '' "crm-consent: no contact 'ana@b.es'; did you mean 'ana@a.es'?"
	runs crm-consent grant Ana channel:email
	gives 2 '' "crm-consent: argument 2: 'Ana' is neither a field nor a handle; channel:Ana?"
	runs crm-consent grant acme.es channel:email
	status_is 66
	printf 'contact:ana@a.es\nname:nobody\ncontact:bo@a.es\tstate:denied\nid:%s\n' "$CY" >in
	runs crm-consent grant channel:email <in
	gives 65 '' "crm-consent: stdin:2: no id: whose consent is it?
crm-consent: stdin:3: state: got 'denied', wanted granted, as the verb says
crm-consent: nothing stored, 2 of 4 lines refused; --keep-going stores the other 2"
	runs crm-consent grant channel:email --keep-going --reject bad -F contact <in
	gives 1 $'contact:Ana\ncontact:Cy' "crm-consent: stdin:2: no id: whose consent is it?
crm-consent: stdin:3: state: got 'denied', wanted granted, as the verb says"
	[ "$(cut -f1 bad)" = $'name:nobody\ncontact:bo@a.es' ]
	runs crm-consent grant <<<contact:ana@a.es
	status_is 65
}

@test "entries are a ledger to every other program" {
	crm-consent grant -q ana@a.es channel:email
	id=$(crm-find kind:consent -o id)
	runs crm-edit "kind:consent" "$id" state:denied
	status_is 77
	runs crm-rm "$id"
	status_is 77
	# crm-add settles entries as this program does.
	crm-add -q consent contact:ana@a.es purpose:marketing channel:email state:denied
	runs crm-find kind:consent state:denied -F after
	gives 0 "after:$id"
	runs crm-find ana@a.es -F consent.email
	gives 0 consent.email:denied
}

# ---- show ----

@test "endless input is written down whenever it pauses" {
	mkfifo in
	crm-consent deny channel:sms --follow -F contact <in >out 2>&1 &
	pid=$!
	exec 9>in
	echo contact:ana@a.es >&9
	for _ in {1..200}; do
		[ ! -s out ] || break
		sleep 0.05
	done
	echo contact:bo@a.es >&9
	exec 9>&-
	wait "$pid"
	[ "$(cat out)" = $'contact:Ana\ncontact:Bo' ]
	crm-undo -q
	runs crm-find kind:consent -F contact
	gives 0 contact:Ana
}

@test "show prints the entries, oldest first" {
	crm-consent grant -q ana@a.es channel:email at:2026-03-02
	crm-consent grant -q ana@a.es channel:sms at:2026-03-01
	crm-consent grant -q bo@a.es channel:sms
	runs crm-consent show ana@a.es -F channel,at
	gives 0 $'channel:sms\tat:2026-03-01T00:00:00Z\nchannel:email\tat:2026-03-02T00:00:00Z'
	runs crm-consent show ana@a.es bo@a.es -F contact,channel -s -channel
	gives 0 $'contact:Ana\tchannel:sms\ncontact:Bo\tchannel:sms\ncontact:Ana\tchannel:email'
	runs crm-consent show ana@a.es -o id -l 1
	gives 0 "$(crm-find kind:consent channel:sms contact.name:ana -o id)"
	runs crm-consent show "$CY"
	gives 0
	runs crm-consent show
	gives 2 '' 'crm-consent: show: it takes HANDLE ...'
	runs crm-consent show x@y.es
	gives 66 '' "crm-consent: argument 2: no contact 'x@y.es'"
}

@test "show --state says what holds, by purpose and channel" {
	crm-consent grant -q ana@a.es channel:email expires:2026-03-20 at:2026-03-02
	crm-consent grant -q ana@a.es channel:sms expires:2026-03-05 at:2026-03-02
	crm-consent deny -q ana@a.es channel:call purpose:service
	touch_of ana@a.es 2026-03-04T09:00:00Z 2026-03-08T15:00:00Z
	runs crm-consent show ana@a.es --state
	status_is 0
	err_empty
	out_is <<-EOT
		id:$ANA	purpose:marketing	channel:email	state:granted	at:2026-03-02T00:00:00Z	expires:2026-03-20T00:00:00Z	_reason:cap	_until:2026-03-11T09:00:00Z
		id:$ANA	purpose:marketing	channel:sms	state:none	at:2026-03-02T00:00:00Z	expires:2026-03-05T00:00:00Z	_reason:expired
		id:$ANA	purpose:marketing	channel:chat	state:none	_reason:no-consent
		id:$ANA	purpose:marketing	channel:call	state:none	_reason:cap	_until:2026-03-11T09:00:00Z
		id:$ANA	purpose:marketing	channel:visit	state:none	_reason:no-address
		id:$ANA	purpose:marketing	channel:social	state:none	_reason:no-consent
		id:$ANA	purpose:marketing	channel:letter	state:none	_reason:no-address
		id:$ANA	purpose:service	channel:email	state:none	_reason:cap	_until:2026-03-11T09:00:00Z
		id:$ANA	purpose:service	channel:sms	state:none	_reason:cap	_until:2026-03-11T09:00:00Z
		id:$ANA	purpose:service	channel:chat	state:none	_reason:cap	_until:2026-03-11T09:00:00Z
		id:$ANA	purpose:service	channel:call	state:denied	at:2026-03-10T10:00:00Z	_reason:denied
		id:$ANA	purpose:service	channel:visit	state:none	_reason:no-address
		id:$ANA	purpose:service	channel:social	state:none	_reason:cap	_until:2026-03-11T09:00:00Z
		id:$ANA	purpose:service	channel:letter	state:none	_reason:no-address
		id:$ANA	purpose:transactional	channel:email	state:none
		id:$ANA	purpose:transactional	channel:sms	state:none
		id:$ANA	purpose:transactional	channel:chat	state:none
		id:$ANA	purpose:transactional	channel:call	state:none
		id:$ANA	purpose:transactional	channel:visit	state:none	_reason:no-address
		id:$ANA	purpose:transactional	channel:social	state:none
		id:$ANA	purpose:transactional	channel:letter	state:none	_reason:no-address
	EOT
	runs crm-consent show ana@a.es --state -o csv -l 1
	gives 0 "id,purpose,channel,state,at,expires,_reason,_until
$ANA,marketing,email,granted,2026-03-02T00:00:00Z,2026-03-20T00:00:00Z,cap,2026-03-11T09:00:00Z"
}

# ---- the gate ----

@test "the examples of the page" {
	crm-consent grant -q ana@a.es channel:email
	touch_of ana@a.es 2026-03-04T09:00:00Z 2026-03-08T15:00:00Z
	runs reasons email
	gives 0 $'name:Ana\t_reason:cap\t_until:2026-03-11T09:00:00Z\nname:Bo\t_reason:no-consent\nname:Cy\t_reason:no-address'
	runs reasons call
	gives 0 $'name:Ana\t_reason:cap\t_until:2026-03-11T09:00:00Z\nname:Cy\t_reason:quiet-hours\t_until:2026-03-10T13:00:00Z'
}

@test "lines that pass are those that came, byte for byte and in order" {
	printf 'name:Bo\\x\tid:%s\t x:1\n' "$BO" >bad
	printf 'x.a:\\q\tid:%s\tx.a:b\tname:Bo  \nid:%s\r\nid:%s\tkind:contact\tnote:a\\tb' \
		"$BO" "$CY" "${ANA,,}" >in
	runs crm-consent gate call --blocked held <in
	status_is 0
	err_empty
	printf 'x.a:\\q\tid:%s\tx.a:b\tname:Bo  \nid:%s\tkind:contact\tnote:a\\tb\n' \
		"$BO" "${ANA,,}" | cmp - "$OUT"
	printf 'id:%s\t_reason:quiet-hours\t_until:2026-03-10T13:00:00Z\n' "$CY" | cmp - held
	# What an earlier gate said is said anew.
	runs crm-consent gate email --blocked again <held
	gives 0
	printf 'id:%s\t_reason:no-address\n' "$CY" | cmp - again
	runs crm-consent gate call <bad
	gives 65 '' "crm-consent: stdin:1: field 3: label ' x': wanted a letter, then letters, digits and _ . -, the last no sign"
	runs crm-consent gate call --keep-going <bad
	status_is 1
}

@test "a handle of what has no contact is held back" {
	local id
	id=$(crm-add campaign name:spring -o id)
	runs crm-consent gate email --blocked held <<<"$id"
	gives 0
	[ "$(cat held)" = "id:$id	kind:campaign	_reason:unknown" ]
}

@test "handles, JSON and CSV come through too" {
	runs sh -c 'crm-find kind:contact -o id | crm-consent gate call --blocked held'
	gives 0 "$ANA
$BO"
	[ "$(cat held)" = "id:$CY	_reason:quiet-hours	_until:2026-03-10T13:00:00Z" ]
	printf '{"id":"%s","n":1.50}\n{"id":"%s","a":["x","y"],"_reason":"old"}\n' "$BO" "$CY" >in
	runs crm-consent gate call --blocked held <in
	gives 0 "{\"id\":\"$BO\",\"n\":1.50}"
	[ "$(cat held)" = "{\"id\":\"$CY\",\"a\":[\"x\",\"y\"],\"_reason\":\"quiet-hours\",\"_until\":\"2026-03-10T13:00:00Z\"}" ]
	printf 'id,name\n%s,Bo\n%s,Cy\n' "$BO" "$CY" >in
	runs crm-consent gate call -i csv --blocked held <in
	gives 0 "id:$BO	name:Bo"
	[ "$(cat held)" = "id:$CY	name:Cy	_reason:quiet-hours	_until:2026-03-10T13:00:00Z" ]
	runs sh -c 'crm-find kind:contact | crm-consent gate call -F name'
	gives 0 $'name:Ana\nname:Bo'
	printf '%s\n' nobody@a.es >in
	runs crm-consent gate call <in
	gives 65 '' "crm-consent: stdin:1: no contact 'nobody@a.es'"
}

@test "a line of another kind counts by its contacts, nobody is unknown" {
	crm-log -q note ana@a.es 'is well'
	crm-add -q deal name:Boat contact:bo@a.es contact_id:"$CY" amount:1 currency:EUR
	crm-find kind:activity,deal,company >in
	printf 'id:01HF7YAT00JXHQEH5M3VYDK7BV\nname:nobody\nid:%s\n' "$(id_of Acme)" >>in
	runs crm-consent gate call --blocked held -F kind,body <in
	gives 0 $'kind:activity\tbody:is well'
	runs crm-find - -F kind,name,_reason <held
	gives 0 $'kind:company\tname:Acme\t_reason:unknown
kind:deal\tname:Boat\t_reason:quiet-hours
_reason:unknown
name:nobody\t_reason:unknown
_reason:unknown'
}

@test "the note counts, and -q asks whether all pass" {
	crm-consent grant -q ana@a.es channel:email
	touch_of ana@a.es 2026-03-04T09:00:00Z 2026-03-08T15:00:00Z
	crm-find kind:contact >in
	runs crm-consent gate email --verbose <in
	gives 0 '' 'crm-consent: 0 pass, 3 withheld (1 no address, 1 no consent, 1 contacted 2 days ago)'
	runs crm-consent gate email -q --verbose <in
	gives 1
	runs crm-consent gate email -q --blocked held <in
	gives 1
	[ "$(wc -l <held)" = 3 ]
	head -n 2 in | tail -n 1 >one
	runs crm-consent gate call -q <one
	gives 0
	runs crm-consent gate call --verbose <one
	gives 0 "$(cat one)" 'crm-consent: 1 pass'
	runs crm-consent gate call -q </dev/null
	gives 0
	runs sh -c ': | crm-consent gate call --verbose'
	gives 0 '' 'crm-consent: 0 pass'
}

@test "options only tighten" {
	touch_of bo@a.es 2026-03-10T09:30:00Z
	runs reasons call
	gives 0 $'name:Cy\t_reason:quiet-hours\t_until:2026-03-10T13:00:00Z'
	runs reasons call --cap 1/24h --cap 1/2d --cap 9/1d:call --quiet-hours 9-11 --quiet-hours 10:30-12
	gives 0 $'name:Ana\t_reason:quiet-hours\t_until:2026-03-10T12:00:00Z
name:Bo\t_reason:cap\t_until:2026-03-12T09:30:00Z
name:Cy\t_reason:quiet-hours\t_until:2026-03-10T16:00:00Z'
	runs reasons call --cap 0/1d
	gives 0 $'name:Ana\t_reason:cap\nname:Bo\t_reason:cap\nname:Cy\t_reason:cap'
	# Nothing that is given opens what the policy closes.
	touch_of bo@a.es 2026-03-10T09:40:00Z
	runs reasons call --cap 99/1h --quiet-hours 3-4
	gives 0 $'name:Bo\t_reason:cap\t_until:2026-03-17T09:30:00Z
name:Cy\t_reason:quiet-hours\t_until:2026-03-10T13:00:00Z'
	# A transactional purpose is exempt, if it is declared.
	runs reasons call --purpose transactional
	gives 0
	runs crm-consent gate call --purpose receipt </dev/null
	gives 2 '' "crm-consent: purpose: got 'receipt', wanted one of 3 values
Purposes: marketing, service, transactional."
	echo 'purposes: {receipt: {class: transactional}}' | crm-consent policy -q -
	runs reasons call --purpose receipt
	gives 0
}

@test "no line, no format and no environment opens the gate" {
	crm-edit -q bo@a.es restricted:true
	crm-consent suppress -q ana@a.es
	# What a line claims of itself is not asked.
	printf 'id:%s\tkind:contact\trestricted:false\tconsent.email:granted\temail:x@y.es\n' "$BO" "$ANA" >in
	runs crm-consent gate email --purpose transactional --blocked held <in
	gives 0
	runs crm-find - -F _reason <held
	gives 0 $'_reason:restricted\n_reason:suppressed'
	printf 'id:%s\tid:%s\n' "$ANA" "$CY" | runs crm-consent gate email --purpose service
	runs env CRM_NOW=2026-03-11T10:00:00Z crm-consent gate email --purpose service <in
	gives 0
	runs crm-consent gate email --as-of 2026-03-01 <in
	status_is 2
}

@test "wrong words" {
	runs crm-consent
	gives 2 '' 'crm-consent: say a verb: grant, deny, withdraw, show, gate, suppress, suppressed, unsuppress or policy'
	runs crm-consent gat email
	gives 2 '' "crm-consent: unknown verb 'gat'; did you mean 'gate'?"
	runs crm-consent frobnicate
	gives 2 '' "crm-consent: unknown verb 'frobnicate'
Verbs: grant, deny, withdraw, show, gate, suppress, suppressed, unsuppress, policy."
	runs crm-consent gate emial
	gives 2 '' "crm-consent: channel: got 'emial'; did you mean 'email'?
Channels: email, sms, chat, call, visit, social, letter."
	runs crm-consent gate any
	status_is 2
	runs crm-consent gate email ana@a.es
	gives 2 '' 'crm-consent: gate: it takes CHANNEL'
	runs crm-consent gate email --cap 2/7
	gives 2 '' "crm-consent: --cap: got '2/7', wanted COUNT/SPAN, for example 2/7d or 1/24h:call"
	runs crm-consent gate email --quiet-hours 25-9
	gives 2 '' "crm-consent: --quiet-hours: got '25-9', wanted H-H, for example 21-9 or 21:30-9"
	runs crm-consent gate email --dry-run
	gives 2 '' 'crm-consent: --dry-run does not go with gate'
	runs crm-consent gate email -s name
	gives 2 '' 'crm-consent: --sort does not go with gate'
	runs crm-consent grant --cap 1/1d ana@a.es channel:email
	gives 2 '' 'crm-consent: --cap does not go with grant'
}

@test "files that cannot be written" {
	runs crm-consent gate email --blocked none/held </dev/null
	gives 73 '' 'crm-consent: --blocked: none/held: No such file or directory'
	crm-find kind:contact >in
	runs crm-consent gate email --blocked /dev/full <in
	gives 74 '' 'crm-consent: --blocked: /dev/full: No space left on device'
	runs sh -c 'crm-consent gate call <in >/dev/full'
	gives 74 '' 'crm-consent: standard output: No space left on device'
	runs sh -c 'crm-consent suppressed - <in >/dev/full'
	gives 0
	crm-consent suppress -q ana@a.es
	runs sh -c 'crm-consent suppressed ana@a.es >/dev/full'
	gives 74 '' 'crm-consent: standard output: No space left on device'
}

# ---- a link's token ----

# token MESSAGE-ID USE: as a link in that mail has it.
token() {
	python3 - "$1" "$2" "$XDG_DATA_HOME/crm.key" <<-'EOT'
		import hashlib, hmac, sys
		key = open(sys.argv[3], 'rb').read()
		mac = hmac.new(key, (sys.argv[2] + '\0' + sys.argv[1]).encode(),
		               hashlib.sha256).digest()[:16]
		n = int.from_bytes(mac, 'big')
		digits = '0123456789abcdefghjkmnpqrstvwxyz'
		print(sys.argv[1].lower() + ''.join(
		    digits[n >> 5 * i & 31] for i in range(25, -1, -1)))
	EOT
}

@test "withdraw --token takes what a link in a mail carries" {
	needs python3
	echo 'purposes: {newsletter: {class: marketing}}' | crm-consent policy -q -
	crm-consent suppress -q x@y.es
	crm-add -q campaign name:spring
	crm-add -q message contact:ana@a.es campaign:spring address:ana@a.es purpose:newsletter step:1 status:sent
	message=$(crm-find kind:message -o id)
	runs crm-consent withdraw --token "$(token "$message" u)" -F contact,purpose,channel,state,source
	gives 0 'contact:Ana	purpose:newsletter	channel:email	state:withdrawn	source:link in a mail'
	# A second click writes no second entry.
	runs crm-consent withdraw --token "$(token "$message" u)" -q
	gives 0
	runs crm-find kind:consent -c
	gives 0 1
	# A token of another use, another message's, a part of one.
	runs crm-consent withdraw --token "$(token "$message" m)"
	gives 65 '' 'crm-consent: --token: no link that this store gave out has it'
	runs crm-consent withdraw --token "$(token "$message" u | tr 01 10)"
	status_is 65
	runs crm-consent withdraw --token x
	status_is 65
	runs crm-consent withdraw --token "$(token "$ANA" u)"
	gives 66 '' 'crm-consent: --token: its message is no longer in the store'
	runs crm-consent withdraw --token x ana@a.es
	gives 2 '' 'crm-consent: --token says whose consent it is; leave the handles out'
	runs crm-consent withdraw --token x channel:sms
	gives 2 '' 'crm-consent: --token says purpose and channel; leave them out'
	runs crm-consent deny --token x
	gives 2 '' 'crm-consent: --token does not go with deny'
}

# ---- suppression ----

@test "an address in any form is suppressed, for whoever has it" {
	runs crm-consent suppress 'Ana <ANA@a.es>' '+34 600 11 12 23' --verbose
	gives 0 '' 'crm-consent: suppressed 2, unchanged 0'
	runs crm-consent suppress ana@a.es --verbose
	gives 0 '' 'crm-consent: suppressed 0, unchanged 1'
	runs crm-consent suppressed bo@a.es ANA@A.es tel:+34600111223
	gives 0 $'ANA@A.es\ntel:+34600111223'
	runs crm-consent suppressed -q bo@a.es
	gives 1
	runs crm-consent suppressed -q bo@a.es ana@a.es
	gives 0
	runs reasons email --purpose service
	gives 0 $'name:Ana\t_reason:suppressed\nname:Cy\t_reason:no-address'
	runs reasons call
	gives 0 $'name:Bo\t_reason:suppressed\nname:Cy\t_reason:quiet-hours\t_until:2026-03-10T13:00:00Z'
	runs crm-consent suppress ana@ x@y.es
	gives 65 '' "crm-consent: argument 2: address: got 'ana@', wanted local@domain"
	runs crm-consent suppress
	gives 2 '' 'crm-consent: suppress: it takes ADDRESS ... | -'
	[ "$(stat -c %a "$XDG_DATA_HOME/crm.key")" = 600 ]
	runs crm-consent suppress 981220011 -q
	gives 0 '' "crm-consent: '981220011': warning: kept as typed, since its country is not known"
	runs crm-consent suppressed 981220011
	gives 0 981220011
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'country: ES' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-consent suppress 981220011
	gives 0
	runs crm-consent suppressed +34981220011
	gives 0 +34981220011
}

@test "lists of addresses and records on stdin" {
	printf 'ana@a.es\n\n+34600111223\n' >list
	runs crm-consent suppress - -n --verbose <list
	gives 0 '' 'crm-consent: would suppress 2 addresses; nothing stored'
	[ ! -e "$XDG_DATA_HOME/crm.key" ]
	runs crm-consent suppress - --verbose <list
	gives 0 '' 'crm-consent: suppressed 2, unchanged 0'
	runs crm-consent suppressed - <list
	gives 0 $'ana@a.es\n+34600111223'
	runs sh -c 'crm-find kind:contact | crm-consent suppressed -'
	gives 0 $'ana@a.es\n+34600111223'
	runs sh -c 'crm-find bo@a.es | crm-consent suppress - --verbose'
	gives 0 '' 'crm-consent: suppressed 1, unchanged 1'
	printf 'email:x@\nemail:y@y.es\n' >list
	runs crm-consent suppress - <list
	gives 65 '' "crm-consent: stdin:1: address: got 'x@', wanted local@domain"
	runs crm-consent suppressed y@y.es -q
	gives 1
	runs crm-consent suppress - --keep-going <list
	gives 1 '' "crm-consent: stdin:1: address: got 'x@', wanted local@domain"
	runs crm-consent suppressed y@y.es -q
	gives 0
}

@test "what an erasure suppressed stays" {
	crm-consent suppress -q ana@a.es x@y.es
	crm-rm -q --erase --yes --no-compact bo@a.es 2>rm.err
	runs crm-consent suppressed bo@a.es x@y.es
	gives 0 $'bo@a.es\nx@y.es'
	runs crm-consent unsuppress x@y.es
	gives 2 '' 'crm-consent: unsuppress lets messages go there again; without a terminal it needs --yes'
	runs crm-consent unsuppress --yes x@y.es bo@a.es
	gives 77 '' "crm-consent: 'bo@a.es': an erased person's: it stays suppressed"
	runs crm-consent suppressed -q x@y.es
	gives 0
	runs crm-consent unsuppress -n --verbose x@y.es
	gives 0 '' 'crm-consent: would unsuppress 1 address; nothing stored'
	runs crm-consent unsuppress --yes --verbose x@y.es z@y.es
	gives 0 '' 'crm-consent: unsuppressed 1, unchanged 1'
	runs crm-consent suppressed -q x@y.es
	gives 1
	# Whoever has the address of an erased person is held back.
	crm-add -q contact name:Bo email:bo@a.es
	runs reasons email --purpose transactional
	gives 0 $'name:Ana\t_reason:suppressed\nname:Cy\t_reason:no-address\nname:Bo\t_reason:suppressed'
	runs crm-db check --full
	gives 0
}

@test "without the key of the suppressed nobody is judged" {
	crm-consent suppress -q ana@a.es
	mv "$XDG_DATA_HOME/crm.key" key
	crm-find kind:contact >in
	runs crm-consent gate email <in
	gives 78 '' "crm-consent: ~/.local/share/crm.key: it is gone, and 1 addresses are suppressed under it; put it back"
	runs crm-consent suppressed ana@a.es
	status_is 78
	runs crm-consent suppress bo@a.es
	status_is 78
	cp key "$XDG_DATA_HOME/crm.key"
	chmod 644 "$XDG_DATA_HOME/crm.key"
	runs crm-consent gate email <in
	status_is 77
}

# ---- the policy ----

@test "policy prints the part of the schema, and lays one over it" {
	runs crm-consent policy
	status_is 0
	out_is <<-'EOT'
		consent:
		  channels:
		    email: {opt_in: true}
		    sms: {opt_in: true, quiet: 21-9}
		    chat: {opt_in: true, quiet: 21-9}
		    call: {opt_in: false, quiet: 21-9}
		    visit: {opt_in: false, quiet: 21-9}
		    social: {opt_in: true}
		    letter: {opt_in: false}
		  purposes:
		    marketing: {class: marketing}
		    service: {class: service}
		    transactional: {class: transactional}
		  caps: [2/7d, 6/30d]
	EOT
	runs sh -c 'crm-consent policy | crm-consent policy - --verbose'
	gives 0 '' 'crm-consent: nothing to change'
	echo 'purposes: {newsletter: {class: marketing}}' >part
	runs crm-consent policy part -n --verbose
	gives 0 'add purpose newsletter' 'crm-consent: would make 1 change; nothing stored'
	runs crm-consent policy part
	gives 0 'add purpose newsletter'
	printf 'consent:\n  caps: []\n' >part
	runs crm-consent policy part
	gives 0 caps
	runs sh -c 'crm-consent policy | tail -n 1'
	gives 0 '    newsletter: {class: marketing}'
	crm-undo -q
	runs sh -c 'crm-consent policy | tail -n 1'
	gives 0 '  caps: [2/7d, 6/30d]'
	runs crm-consent policy </dev/null -
	gives 0
}

@test "faults of a part are told where they stand in it" {
	printf '# mine\ncaps: [1/1d]\npurposes: {news: {clas: marketing}}\n' >part
	runs crm-consent policy part
	status_is 65
	out_empty
	err_is "crm-consent: part:3:12: class: wanted marketing, service or transactional
crm-consent: part:3:19: unknown key 'clas'; did you mean 'class'?"
	printf 'consent:\n  caps: [2/7]\n' >part
	runs crm-consent policy part
	gives 65 '' "crm-consent: part:2:10: caps: got '2/7', wanted COUNT/SPAN, for example 2/7d"
	printf 'crm-schema: 1\nconsent:\n  caps: [2/7]\n' >part
	runs crm-consent policy part
	gives 65 '' "crm-consent: part:3:10: caps: got '2/7', wanted COUNT/SPAN, for example 2/7d"
	printf 'consent: {}\nkinds: {}\n' >part
	runs crm-consent policy part
	gives 65 '' "crm-consent: part:2:1: 'kinds' is no part of the policy; crm-db schema --apply takes it"
	echo '[a]' >part
	runs crm-consent policy part
	gives 65 '' "crm-consent: part: wanted channels, purposes and caps, as 'crm-consent policy' prints them"
	runs crm-consent policy none
	gives 66 '' 'crm-consent: none: No such file or directory'
}

# ---- places ----

@test "before the first write nobody is known, and addresses can be suppressed" {
	export XDG_DATA_HOME=$HOME/new
	printf 'id:%s\n' "$ANA" >in
	runs crm-consent gate email --blocked held <in
	gives 0
	[ "$(cat held)" = "id:$ANA	_reason:unknown" ]
	[ ! -e "$HOME/new" ]
	runs crm-consent grant ana@a.es channel:email
	status_is 66
	[ ! -e "$HOME/new/crm" ]
	runs crm-consent suppress x@y.es
	gives 0
	runs crm-consent suppressed x@y.es
	gives 0 x@y.es
	runs env CRM_DB="$HOME/none" crm-consent gate email
	gives 66 '' 'crm-consent: ~/none: no store there'
}

@test "another writer is waited for, and no longer than was said" {
	needs flock
	runs flock "$XDG_DATA_HOME/crm" crm-consent withdraw ana@a.es --lock-timeout 1s
	status_is 75
}

@test "two of them in one pipe with two of the others" {
	runs sh -c 'crm-find kind:contact | crm-consent grant channel:email | crm-consent gate email -F channel,contact | sort'
	status_is 0
	runs sh -c 'crm-find kind:contact | crm-consent gate call | crm-log call - -q; crm-find kind:activity -c'
	gives 0 2
}

@test "completion" {
	runs crm-consent --crm-complete -- gate em
	gives 0 'email	who agreed'
	runs crm-consent --crm-complete -- gate email --purpose s
	gives 0 'service	service'
	runs crm-consent --crm-complete -- grant ana@
	gives 0 'ana@a.es	Ana'
	runs crm-consent --crm-complete -- grant ana@a.es channel:em
	gives 0 'channel:email	'
	runs crm-consent --crm-complete -- un
	gives 0 'unsuppress	take addresses out again'
}

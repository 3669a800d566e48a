# SPDX-License-Identifier: MIT
# crm-log: operands by form, handles, lines, tasks that follow, orders.
# shellcheck disable=SC2154 # helper.bash sets stderr and stderr_lines
load helper

setup() {
	crm_setup
	[ "$BATS_TEST_NUMBER" -gt 0 ] || return
	crm-add -q - <<-'EOT'
		kind:company	name:Acme	domain:acme.es
		kind:contact	name:Ana Núñez	email:ana@acme.es	phone:+34600111222	company:Acme	owner:eva	ext:erp/4711
		kind:contact	name:Bo Lind	email:bo@faro.es	owner:jon
		kind:deal	name:Big one	ext:d/1	contact:ana@acme.es	company:Acme	stage:proposal	amount:10	currency:EUR	owner:max
		kind:case	title:Broken	ext:c/1	contact:bo@faro.es
	EOT
}

# masked: ids of 26 characters as ID.
masked() {
	sed -E -i 's/01[0-9A-HJKMNP-TV-Z]{24}/ID/g' "$OUT" "$ERR"
}

# ---- operands ----

@test "a call: type, handle, text, field; printed as stored" {
	runs crm-log call ana@acme.es 'asked for a quote, 40 seats' duration:10min
	masked
	gives 0 $'id:ID\tkind:activity\trev:1\tcontact_id:ID\tcompany_id:ID\ttype:call\tdir:out\tat:2026-03-02T09:00:00Z\tbody:asked for a quote, 40 seats\tduration:600s\tcreated:2026-03-02T09:00:00Z\tupdated:2026-03-02T09:00:00Z'
	runs crm-find name:'Ana Núñez' -F activities,last_call,last_contact,last_out,last_in
	gives 0 $'activities:1\tlast_call:2026-03-02T09:00:00Z\tlast_contact:2026-03-02T09:00:00Z\tlast_out:2026-03-02T09:00:00Z'
}

@test "every form of a handle, one entry each" {
	id=$(crm-find ana@acme.es -o id 2>/dev/null || crm-find email:ana@acme.es -o id)
	runs crm-log note ana@acme.es mailto:ana@acme.es +34600111222 \
		'600 11 12 22' tel:+34600111222 erp/4711 "$id" "id:$id" \
		"${id:6}" -F contact
	status_is 0
	[ "$(sort -u "$OUT")" = 'contact:Ana Núñez' ]
	[ "$(wc -l <"$OUT")" -eq 9 ]
	runs crm-log visit acme.es https://www.acme.es/about -F contact,company
	gives 0 $'company:Acme\ncompany:Acme'
}

@test "handles of a deal and a case; the entry takes over whom they concern" {
	runs crm-log meeting d/1 -F deal,contact,company
	gives 0 $'deal:Big one\tcontact:Ana Núñez\tcompany:Acme'
	runs crm-log reply c/1 'still broken' -F case,contact,dir
	gives 0 $'case:Broken\tcontact:Bo Lind\tdir:in'
}

@test "fields and edit forms; a word is no text" {
	runs crm-log call ana@acme.es body:short outcome:reached x.mood:good -F body,outcome,x.mood
	gives 0 $'body:short\toutcome:reached\tx.mood:good'
	runs crm-log call ana@acme.es lui
	gives 2 '' "crm-log: argument 3: 'lui' is neither a field nor a handle; body:lui?"
	runs crm-log call ana@acme.es hola
	gives 66 '' "crm-log: no record 'hola'; body:hola?"
	runs crm-log call ana@acme.es 'one text' 'another text'
	gives 2 '' "crm-log: argument 4: a second text; the first is 'one text'"
	runs crm-log note ana@acme.es 'mail bo@x.es about it' -F body
	gives 0 'body:mail bo@x.es about it'
	runs crm-log note ana@acme.es 'two\nlines here' -F body
	gives 0 'body:two\nlines here'
}

@test "unknown type, field, value: 2, with the nearest" {
	runs crm-log cal ana@acme.es
	gives 2 '' "crm-log: argument 1: unknown type 'cal'; did you mean 'call'?"
	runs crm-log metting ana@acme.es
	gives 2 '' "crm-log: argument 1: unknown type 'metting'; did you mean 'meeting'?"
	runs crm-log call ana@acme.es outcom:reached
	gives 2 '' "crm-log: argument 3: unknown field 'outcom'; did you mean 'outcome'?"
	runs crm-log call ana@acme.es outcome:reachd
	status_is 2
	[[ $stderr == "crm-log: argument 3: outcome: got 'reachd'; did you mean 'reached'?"* ]]
	runs crm-log ana@acme.es
	gives 2 '' "crm-log: 'ana@acme.es' names whom, but not what: crm-log call ana@acme.es"
	for kind in task case deal; do
		runs crm-log $kind ana@acme.es 'send the quote'
		gives 2 '' "crm-log: argument 1: '$kind' is not logged; crm-add $kind takes it"
	done
	runs crm-log company ana@acme.es
	gives 2 '' "crm-log: argument 1: 'company' is not logged; crm-add company takes it"
	runs crm-find -c kind:activity
	gives 0 0
}

@test "a handle that fits nobody is 66, several 65; nothing is stored" {
	runs crm-log call ana@acme.es marta@acme.se
	gives 66 '' "crm-log: no contact 'marta@acme.se'"
	runs crm-log call anna@acme.es
	gives 66 '' "crm-log: no contact 'anna@acme.es'; did you mean 'ana@acme.es'?"
	crm-add -q name:Twin phone:+34600111222
	runs crm-log call 600111222
	sed -E -i 's/[0-9A-Z]{4} (Ana|Twin)/XXXX \1/g' "$ERR"
	gives 65 '' "crm-log: '600111222' names 2 contacts: XXXX Ana Núñez, XXXX Twin"
	runs crm-log call contact:nobody@a.es
	gives 66 '' "crm-log: argument 2: contact: no contact 'nobody@a.es'"
	runs crm-find -c kind:activity
	gives 0 0
}

@test "whom it is about may be said by a field" {
	runs crm-log call contact:bo@faro.es body:hi -F contact,body
	gives 0 $'contact:Bo Lind\tbody:hi'
	runs crm-log meeting company:Newco -F company
	gives 0 company:Newco
	runs crm-log kind:order contact:bo@faro.es amount:5 -F contact,amount,currency
	gives 0 $'contact:Bo Lind\tamount:5.00\tcurrency:EUR'
	runs crm-log meeting contact:ana@acme.es contact:bo@faro.es -F contact,type
	gives 0 $'contact:Ana Núñez\tcontact:Bo Lind\ttype:meeting'
}

@test "directions follow from the type; at and dir may be said" {
	for pair in call:out email:out visit:out letter:out sms:out reply:in web:in; do
		runs crm-log "${pair%:*}" ana@acme.es -F dir
		gives 0 "dir:${pair#*:}"
	done
	for type in meeting chat social note event; do
		runs crm-log $type ana@acme.es -F dir
		gives 0
	done
	runs crm-log call ana@acme.es dir:in at:2026-03-01T10:00:00+01:00 -F dir,at
	gives 0 $'dir:in\tat:2026-03-01T09:00:00Z'
	runs crm-log -q call bo@faro.es dir:in at:2026-03-01
	runs crm-find email:bo@faro.es -F last_in,last_out
	gives 0 last_in:2026-03-01T00:00:00Z
}

# ---- stdin ----

@test "a list of ids or addresses on stdin: one entry each" {
	crm-find -o id | runs crm-log email subject:'Spring list' -F contact,subject
	out=$(crm-find -o id | crm-log email subject:'Spring list' -F contact,subject)
	[ "$out" = $'contact:Ana Núñez\tsubject:Spring list\ncontact:Bo Lind\tsubject:Spring list' ]
	runs crm-log call - -F contact <<<$'ana@acme.es\nbo@faro.es'
	gives 0 $'contact:Ana Núñez\ncontact:Bo Lind'
	runs crm-log call - <<<$'ana@acme.es\nnobody@x.es'
	gives 65 '' $'crm-log: stdin:2: no contact \'nobody@x.es\'\ncrm-log: nothing stored, 1 of 2 lines refused; --keep-going stores the other 1'
	runs crm-log - <<<ana@acme.es
	gives 65 '' $'crm-log: stdin:1: a handle needs a type: crm-log call -\ncrm-log: nothing stored, 1 of 1 line refused'
}

@test "lines with an id are whom, lines without one are entries" {
	crm-find >two
	runs crm-log call 'at the fair' -F contact,body,type <two
	out_is $'contact:Ana Núñez\tbody:at the fair\ttype:call' \
		$'contact:Bo Lind\tbody:at the fair\ttype:call'
	status_is 0
	runs crm-log call - -F contact,body <<<$'contact:bo@faro.es\tbody:x'
	gives 0 $'contact:Bo Lind\tbody:x'
	runs crm-log call - <<<$'type:email\tcontact:bo@faro.es'
	gives 65 '' $'crm-log: stdin:1: type: got \'email\', wanted call\ncrm-log: nothing stored, 1 of 1 line refused'
	runs crm-log order - <<<$'kind:activity\ttype:call'
	gives 65 '' $'crm-log: stdin:1: kind: got \'activity\', wanted order\ncrm-log: nothing stored, 1 of 1 line refused'
}

@test "without a type each line says its own" {
	runs crm-log - -F kind,type,contact,amount <<-'EOT'
		type:call	contact:ana@acme.es
		kind:order	contact:bo@faro.es	amount:3
		kind:activity	type:web
	EOT
	gives 0 $'kind:activity\ttype:call\tcontact:Ana Núñez\nkind:order\tcontact:Bo Lind\tamount:3.00\nkind:activity\ttype:web'
	runs crm-log - <<<$'contact:ana@acme.es\tbody:x'
	gives 65 '' $'crm-log: stdin:1: an activity needs type\ncrm-log: nothing stored, 1 of 1 line refused'
	runs crm-log - <<<$'kind:contact\tname:x'
	gives 65 '' $'crm-log: stdin:1: kind: got \'contact\', which is not logged; crm-add takes it\ncrm-log: nothing stored, 1 of 1 line refused'
}

@test "orders on stdin, with what they make of their customers" {
	runs crm-log order - -F contact,company,amount,status <<-'EOT'
		contact:ana@acme.es	amount:12	currency:EUR	at:2025-01-02
		contact:erp/4711	item:A*2@1.25	at:2025-03-04T10:00:00Z
		contact:ana@acme.es	amount:99	status:cancelled
		contact:ana@acme.es	amount:-2.50
	EOT
	gives 0 $'contact:Ana Núñez\tcompany:Acme\tamount:12.00\tstatus:paid\ncontact:Ana Núñez\tcompany:Acme\tamount:2.50\tstatus:paid\ncontact:Ana Núñez\tcompany:Acme\tamount:99.00\tstatus:cancelled\ncontact:Ana Núñez\tcompany:Acme\tamount:-2.50\tstatus:paid'
	runs crm-find email:ana@acme.es -F orders,revenue,first_order,returns
	gives 0 $'orders:2\trevenue:12.00\tfirst_order:2025-01-02T00:00:00Z\treturns:1'
	runs crm-find kind:company -F orders,revenue
	gives 0 $'orders:2\trevenue:12.00'
	runs crm-db check --full
	gives 0
}

@test "a dump of entries comes back as it was" {
	crm-log -q call ana@acme.es 'a b' --next friday
	crm-log -q order - <<<$'contact:bo@faro.es\tamount:3'
	kinds=kind:company,contact,deal,case,activity,order,task
	crm-find $kinds >dump
	grep -v 'kind:activity\|kind:order' dump | crm-add -q -D other -
	grep 'kind:activity\|kind:order' dump | crm-log -q -D other -
	crm-find -D other $kinds >again
	same dump again
	grep 'kind:order' dump | runs crm-log order - --key id
}

@test "--key: a second load changes nothing" {
	printf 'contact:ana@acme.es\tamount:3\text:shop/1\tat:2025-01-02\n' >in
	crm-log -q order - --key ext <in
	runs crm-log --verbose order - --key ext -F rev <in
	status_is 0
	out_is rev:1
	err_is 'crm-log: added 0, changed 0, unchanged 1'
	runs crm-find email:ana@acme.es -F orders
	gives 0 orders:1
}

# ---- --next ----

@test "--next: the task after the entry, its title, type and owner" {
	runs crm-log call ana@acme.es 'wants a quote, 40 seats' --next friday -F kind,title,contact,company,type,due,owner,status
	gives 0 $'kind:activity\tcontact:Ana Núñez\tcompany:Acme\ttype:call\nkind:task\ttitle:call: wants a quote, 40 seats\tcontact:Ana Núñez\tcompany:Acme\ttype:call\tdue:2026-03-06\towner:eva\tstatus:open'
	runs crm-log note bo@faro.es --next '+3d send the quote' -F title,type,due,owner
	gives 0 $'type:note\ntitle:send the quote\ttype:todo\tdue:2026-03-05\towner:jon'
	runs crm-log call bo@faro.es --next '2026-04-01' -F title,due
	status_is 0
	[ "$(tail -1 "$OUT")" = $'title:call\tdue:2026-04-01' ]
	runs crm-find email:ana@acme.es -F open_tasks,next_task
	gives 0 $'open_tasks:1\tnext_task:2026-03-06'
}

@test "--next: titles are cut at 60 columns, at the first line" {
	runs crm-log call ana@acme.es body:"$(printf 'ñ%.0s' {1..80})" --next tomorrow -F title
	status_is 0
	[ "$(tail -1 "$OUT")" = "title:call: $(printf 'ñ%.0s' {1..54})" ]
	runs crm-log call ana@acme.es 'first line\nsecond line' --next tomorrow -F title
	[ "$(tail -1 "$OUT")" = 'title:call: first line' ]
}

@test "--next: owner of the deal's contact, of lines, of nobody" {
	runs crm-log call d/1 --next friday -F kind,deal,owner
	gives 0 $'kind:activity\tdeal:Big one\nkind:task\tdeal:Big one\towner:eva'
	runs crm-log call - --next friday -F kind,contact,owner <<<$'contact:bo@faro.es\nbody:nobody'
	gives 0 $'kind:activity\tcontact:Bo Lind\nkind:task\tcontact:Bo Lind\towner:jon\nkind:activity\nkind:task'
	runs crm-log order contact:bo@faro.es amount:1 --next friday -F kind,title
	gives 0 $'kind:order\nkind:task\ttitle:order'
}

@test "--next: a date that is none, and nothing is stored" {
	runs crm-log call ana@acme.es --next fryday
	status_is 2
	[[ $stderr == "crm-log: --next: got 'fryday'"* ]]
	runs crm-log call ana@acme.es --next 2026-02-31
	status_is 2
	[[ $stderr == "crm-log: --next: got '2026-02-31'"* ]]
	runs crm-log call ana@acme.es --next ''
	status_is 2
	runs crm-find -c kind:activity,task
	gives 0 0
}

# ---- the rest ----

@test "-n, -q, -o, --keep-going, --reject" {
	runs crm-log -n call ana@acme.es 'a b'
	masked
	gives 0 $'kind:activity\tcontact_id:ID\tcompany_id:ID\ttype:call\tdir:out\tat:2026-03-02T09:00:00Z\tbody:a b\t_do:add\t_at:2026-03-02T09:00:00Z\t_by:'"$(id -un)"$'\t_prog:crm-log'
	runs crm-find -c kind:activity
	gives 0 0
	runs crm-log -q call ana@acme.es
	gives 0
	runs crm-log call ana@acme.es -o json -F type
	gives 0 '{"type":"call"}'
	runs crm-log call - --keep-going --reject bad -F contact <<<$'contact:ana@acme.es\ncontact:nobody@x.es\ncontact:bo@faro.es'
	status_is 1
	out_is 'contact:Ana Núñez' 'contact:Bo Lind'
	is bad reject $'contact:nobody@x.es\t_line:2\t_error:contact: no contact \'nobody@x.es\''
	sed -i 's/nobody@x/bo@faro/' bad
	runs crm-log call - -F contact <bad
	gives 0 'contact:Bo Lind'
}

@test "with --next a refused line is told and put aside once" {
	runs crm-log call - --next friday --keep-going --reject bad -q <<<$'contact:nobody@x.es\ncontact:bo@faro.es'
	gives 1 '' "crm-log: stdin:1: contact: no contact 'nobody@x.es'"
	[ "$(wc -l <bad)" -eq 1 ]
	runs crm-find -c kind:activity,task
	gives 0 2
}

@test "a user's kind with a timeline is a verb" {
	cat >own.yaml <<-'EOT'
		crm-schema: 1
		kinds:
		  rental:
		    display: what
		    timeline: at
		    fields:
		      contact_id: {type: ref contact}
		      at: {type: datetime, default: now}
		      what: {type: text, text: true}
	EOT
	runs crm-db schema --apply own.yaml
	status_is 0
	runs crm-log rental ana@acme.es 'a van' -F contact,what
	gives 0 $'contact:Ana Núñez\twhat:a van'
	runs crm-log rentel ana@acme.es
	gives 2 '' "crm-log: argument 1: unknown type 'rentel'; did you mean 'rental'?"
}

@test "--follow: entries appear as they come" {
	mkfifo pipe
	crm-log --follow -q - <pipe 2>err &
	pid=$!
	exec 7>pipe
	printf 'type:call\tcontact:ana@acme.es\n' >&7
	for _ in {1..200}; do
		[ "$(crm-find -c kind:activity)" = 1 ] && break
		sleep 0.05
	done
	[ "$(crm-find -c kind:activity)" = 1 ]
	exec 7>&-
	wait $pid
	[ ! -s err ]
}

@test "closed and full descriptors" {
	runs bash -c 'crm-log call ana@acme.es >/dev/full'
	gives 74 '' 'crm-log: standard output: No space left on device'
	runs bash -c 'crm-log call - <&-'
	gives 74 '' 'crm-log: standard input: Bad file descriptor'
	runs crm-log -h
	status_is 0
	[ "${#lines[@]}" -le 40 ]
}

@test "a store that cannot be created is 73" {
	runs crm-log - -D none/here <<<type:note
	gives 73 '' 'crm-log: none/here: cannot create the store: No such file or directory
Make none first, or name another place with -D or CRM_DB.'
}

@test "while another writes it waits and then is 75" {
	needs flock
	crm-add -q name:Ona
	runs flock "$XDG_DATA_HOME/crm" crm-log - --lock-timeout 1s <<<type:note
	status_is 75
	out_empty
	[[ $stderr == 'crm-log: '* ]]
	runs crm-find -c kind:activity
	gives 0 0
}

@test "a store that is a symbolic link is 77" {
	crm-db init -D a.crm
	ln -s a.crm b.crm
	runs crm-log - -D b.crm <<<type:note
	gives 77 '' 'crm-log: b.crm: a symbolic link: refused'
}

@test "a bad configuration is 78" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-log - <<<type:note
	gives 78 '' "crm-log: ~/.config/crm/config.yaml:1:1: unknown key 'colour'; did you mean 'color'?"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# crm-mail: rendered, gated, queued, sent at most once.

load helper

setup() {
	crm_setup
	export SM=$BATS_TEST_TMPDIR/sm
	mkdir -p "$SM" "$XDG_CONFIG_HOME/crm/templates"
	export CRM_SENDMAIL=$SM/sendmail
	cat >"$CRM_SENDMAIL" <<-'EOT'
		#!/bin/sh
		# Notes how it was called, keeps the mail, then does what the
		# recipient's file says.
		for rcpt; do :; done
		echo "$*" >>"$SM/calls"
		cat >"$SM/$rcpt.eml"
		[ ! -f "$SM/$rcpt.do" ] || . "$SM/$rcpt.do"
		exit 0
	EOT
	chmod +x "$CRM_SENDMAIL"
	cat >"$XDG_CONFIG_HOME/crm/config.yaml" <<-'EOT'
		from: Ana Núñez <ana@example.com>
		me: [ana@example.com, '@example.org']
		unsubscribe: ['https://example.com/u/', 'mailto:unsub@example.com']
	EOT
	chmod 600 "$XDG_CONFIG_HOME/crm/config.yaml"
	template offer 'Subject: {{given}}, an offer' '' 'Hello {{given}}.'
	person ines Inés
	person bo Bo
	crm-add -q contact given:Cy email:cy@acme.es
}

# template NAME LINE ...
template() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$XDG_CONFIG_HOME/crm/templates/$name.txt"
}

# person NAME GIVEN [FIELD ...]: with consent to marketing by email
person() {
	local name=$1 given=$2
	shift 2
	crm-add -q contact given:"$given" email:"$name@acme.es" "$@"
	crm-add -q consent contact:"$name@acme.es" purpose:marketing \
		channel:email state:granted at:2026-01-01T00:00:00Z
}

# does NAME SHELL: what sendmail does with mail to that person
does() {
	printf '%s\n' "$2" >"$SM/$1@acme.es.do"
}

# mails: sends the offer to everybody
mails() {
	crm-find kind:contact >all
	runs crm-mail -t offer --send "$@" <all
}

# calls: how often sendmail was run
calls() {
	if [ -f "$SM/calls" ]; then wc -l <"$SM/calls"; else echo 0; fi
}

# told LABELS: those of the lines that were printed
told() {
	crm-find - -o tsv --no-header -F "$1" <"$OUT" | tr '\t' ' '
}

# stored LABELS: those of the messages
stored() {
	crm-find kind:message -s address -o tsv --no-header -F "$1" | tr '\t' ' '
}

@test "without --send it is a rehearsal: an mbox on stdout, a note on stderr" {
	crm-find kind:contact >all
	runs crm-mail -t offer --verbose <all
	status_is 0
	err_is 'crm-mail: 2 messages ready, 1 withheld (1 no consent); --send sends'
	[ "$(grep -c '^From ana@example.com Mon Mar  2 09:00:00 2026$' "$OUT")" = 2 ]
	grep -qx 'Subject: Bo, an offer' "$OUT"
	grep -qx 'Hello Bo\.' "$OUT"
	[ "$(calls)" = 0 ]
	[ "$(crm-find -c kind:message,campaign)" = 0 ]
	[ ! -e "$XDG_DATA_HOME/crm.outbox" ]
	[ ! -e "$XDG_DATA_HOME/crm.key" ]
}

@test "a run sends to each once and prints a line for each line, in order" {
	mails --verbose
	status_is 0
	err_is 'crm-mail: 2 sent, 1 withheld (1 no consent)'
	[ "$(told address,status,reason)" = 'ines@acme.es sent 
bo@acme.es sent 
cy@acme.es withheld no-consent' ]
	[ "$(cat "$SM/calls")" = '-i -f ana@example.com -- ines@acme.es
-i -f ana@example.com -- bo@acme.es' ]
	grep -qx 'To: ines@acme.es' "$SM/ines@acme.es.eml"
	[ "$(stored address,status,attempt,at,campaign,purpose)" = \
		'bo@acme.es sent 1 2026-03-02T09:00:00Z offer marketing
ines@acme.es sent 1 2026-03-02T09:00:00Z offer marketing' ]
	[ "$(ls "$XDG_DATA_HOME/crm.outbox")" = lock ]
	[ "$(stat -c %a "$XDG_DATA_HOME/crm.outbox")" = 700 ]
	[ "$(stat -c %a "$XDG_DATA_HOME/crm.key")" = 600 ]
}

@test "a second run sends to nobody and says when it was" {
	mails
	mails --verbose
	status_is 0
	err_is 'crm-mail: 0 sent, 1 withheld (1 no consent), 2 sent before'
	[ "$(told address,status,at)" = 'ines@acme.es sent 2026-03-02T09:00:00Z
bo@acme.es sent 2026-03-02T09:00:00Z
cy@acme.es withheld ' ]
	[ "$(calls)" = 2 ]
}

@test "another step or campaign sends anew, as far as the cap lets it" {
	mails
	CRM_NOW=2026-03-02T10:00:00Z mails --step reminder
	status_is 0
	[ "$(calls)" = 4 ]
	CRM_NOW=2026-03-04T10:00:00Z mails -c other --verbose
	status_is 0
	[ "$(calls)" = 4 ]
	err_is 'crm-mail: 0 sent, 3 withheld (1 no consent, 2 contacted 2 days ago)'
	[ "$(told reason,until | head -1)" = 'cap 2026-03-09T09:00:00Z' ]
}

@test "the same person twice in the input gets one mail" {
	runs crm-mail -t offer --send bo@acme.es bo@acme.es
	status_is 0
	[ "$(told address,status)" = 'bo@acme.es sent
bo@acme.es sent' ]
	[ "$(calls)" = 1 ]
}

@test "a line of another kind goes to its contact, a handle to its own" {
	crm-add -q order contact:bo@acme.es amount:10 currency:EUR
	crm-find kind:order | crm-mail -t offer --send -q
	[ "$(cat "$SM/calls")" = '-i -f ana@example.com -- bo@acme.es' ]
	crm-find kind:contact given:inés -o id | crm-mail -t offer --send -q
	[ "$(calls)" = 2 ]
}

@test "nobody, and a line without an id, are withheld as unknown" {
	runs crm-mail -t offer --send <<-'EOT'
		id:01HF7YAT00JXHQEH5M3VYDK7BV	kind:contact
		name:Who
	EOT
	status_is 0
	[ "$(told status,reason)" = 'withheld unknown
withheld unknown' ]
	runs crm-mail -t offer --send </dev/null
	gives 0
}

# ---- what sendmail ends with ----

@test "75 and 69 queue again; the fifth time it has failed" {
	local code now
	for code in 75 69; do
		rm -f "$SM/calls"
		does bo "echo try later >&2; exit $code"
		runs crm-mail -t offer -c c$code --send bo@acme.es
		status_is 75
		[ "$(told status,error)" = "queued sendmail: exit $code: try later" ]
		for now in 09:01:00 09:05:00 09:21:00; do
			CRM_NOW=2026-03-02T${now}Z runs crm-mail retry
			status_is 75
		done
		CRM_NOW=2026-03-02T10:25:00Z runs crm-mail retry c$code
		status_is 1
		[ "$(told status)" = failed ]
		[ "$(calls)" = 5 ]
	done
}

@test "retry takes what is queued 1, 4, 16, 64 minutes after the attempt" {
	does bo 'exit 75'
	runs crm-mail -t offer --send bo@acme.es
	status_is 75
	CRM_NOW=2026-03-02T09:00:59Z runs crm-mail retry
	gives 75
	[ "$(calls)" = 1 ]
	CRM_NOW=2026-03-02T09:01:00Z runs crm-mail retry
	status_is 75
	[ "$(calls)" = 2 ]
	CRM_NOW=2026-03-02T09:04:59Z runs crm-mail -t offer --send bo@acme.es
	status_is 75
	[ "$(calls)" = 2 ]
	[ "$(told status,until)" = 'queued 2026-03-02T09:05:00Z' ]
	does bo 'exit 0'
	CRM_NOW=2026-03-02T09:05:00Z runs crm-mail -t offer --send bo@acme.es
	status_is 0
	[ "$(calls)" = 3 ]
	[ "$(stored status,attempt,error)" = 'sent 3 ' ]
}

@test "64, 65, 67 and 68 have failed; the rest goes on; --failed tries again" {
	local code
	for code in 64 65 67 68; do
		does ines "echo no such user >&2; exit $code"
		CRM_NOW=2026-0$((code - 61))-01T09:00:00Z mails -c c$code
		status_is 1
		[ "$(told address,status,error | head -2)" = \
			"ines@acme.es failed sendmail: exit $code: no such user
bo@acme.es sent " ]
	done
	CRM_NOW=2026-07-01T10:00:00Z runs crm-mail retry
	gives 0
	does ines 'exit 0'
	CRM_NOW=2026-07-01T10:00:00Z runs crm-mail retry --failed c68
	status_is 0
	[ "$(told address,status)" = 'ines@acme.es sent' ]
	[ "$(stored address,status,attempt | grep -c 'ines@acme.es sent 1')" = 1 ]
}

@test "66, 72, 77, 78, 126, 127 and no program end the run, nothing counted" {
	local code
	for code in 66 72 77 78 126; do
		does ines "echo bad setup >&2; exit $code"
		mails -c c$code
		status_is 69
		[ "$(told status,error | head -2)" = \
			"queued sendmail: exit $code: bad setup
queued " ]
		err_is "crm-mail: sendmail: exit $code: bad setup: nothing more is sent"
		runs crm-mail cancel c$code
		gives 0
	done
	[ "$(calls)" = 5 ]
	mails --sendmail "$SM/none"
	status_is 69
	err_is "crm-mail: sendmail: exit 127: $SM/none: No such file or directory: nothing more is sent
--sendmail, CRM_SENDMAIL or the configuration's sendmail names the program."
	[ "$(stored address,status,attempt)" = 'bo@acme.es queued 
ines@acme.es queued ' ]
	does ines 'exit 0'
	mails
	status_is 0
	[ "$(calls)" = 7 ]
}

@test "76, a signal, a long time and any other leave it in doubt" {
	local i=0 what
	for what in 'exit 76' 'exit 1' 'exit 3' 'kill -9 $$' 'sleep 60'; do
		i=$((i + 1))
		does bo "$what"
		CRM_NOW=2026-0$i-01T09:00:00Z runs crm-mail -t offer -c c$i \
			--send --timeout 1s bo@acme.es
		status_is 1
		[ "$(told status)" = in-doubt ]
	done
	[ "$(stored error)" = 'sendmail: exit 76
sendmail: exit 1
sendmail: exit 3
sendmail was ended by signal 9
sendmail took too long' ]
}

@test "what is in doubt goes out again only with --in-doubt, under its Message-ID" {
	does bo 'exit 76'
	runs crm-mail -t offer --send bo@acme.es
	status_is 1
	grep -i '^Message-ID:' "$SM/bo@acme.es.eml" >first
	does bo 'exit 0'
	runs crm-mail -t offer --send bo@acme.es
	status_is 1
	runs crm-mail retry
	gives 0
	runs crm-mail retry --failed
	gives 0
	[ "$(calls)" = 1 ]
	runs crm-mail retry --in-doubt offer
	status_is 0
	[ "$(told status)" = sent ]
	grep -i '^Message-ID:' "$SM/bo@acme.es.eml" >second
	same first second
	[ "$(calls)" = 2 ]
}

@test "five equal failures from the start on end the run" {
	local i
	for i in 1 2 3 4 5 6 7; do
		person p$i P$i
		does p$i 'exit 67'
	done
	crm-find kind:contact given:p >some
	runs crm-mail -t offer --send <some
	status_is 75
	[ "$(calls)" = 5 ]
	[ "$(told status | sort | uniq -c | tr -s ' ')" = ' 5 failed
 2 queued' ]
	err_is 'crm-mail: sendmail ended alike five times from the start; nothing more is sent'
}

@test "failures that differ, or come later, end nothing" {
	local i
	for i in 1 2 3 4 5 6; do
		person p$i P$i
		does p$i "exit $((i == 3 ? 65 : 67))"
	done
	crm-find kind:contact given:p >some
	runs crm-mail -t offer --send <some
	status_is 1
	[ "$(calls)" = 6 ]
}

# ---- the gate ----

@test "who withdraws while the run goes on is not written to" {
	does ines "crm-add -q consent contact:bo@acme.es purpose:marketing \
		channel:any state:withdrawn"
	mails
	status_is 0
	[ "$(told address,status,reason)" = 'ines@acme.es sent 
bo@acme.es withheld withdrawn
cy@acme.es withheld no-consent' ]
	[ "$(calls)" = 1 ]
	[ "$(stored address)" = ines@acme.es ]
}

@test "an address that changed while it waited is not used" {
	does ines "crm-edit -q bo@acme.es email-:bo@acme.es email+:bo@new.es"
	mails
	status_is 0
	[ "$(told address,status,reason | sed -n 2p)" = \
		'bo@acme.es withheld changed' ]
	mails
	status_is 0
	[ "$(tail -1 "$SM/calls")" = '-i -f ana@example.com -- bo@new.es' ]
}

@test "transactional mail is exempt, and is no touch; a purpose nobody declared is refused" {
	template receipt 'Subject: Your receipt' 'Purpose: transactional' '' Thanks.
	runs crm-mail -t receipt --send cy@acme.es
	status_is 0
	[ "$(crm-find -c kind:contact touches_7d:1..)" = 0 ]
	template typo 'Subject: x' 'Purpose: transactionl' '' Thanks.
	runs crm-mail -t typo --send cy@acme.es
	status_is 65
	[ "$(calls)" = 1 ]
}

@test "no address, restricted and erased people get nothing" {
	crm-add -q contact given:Di phone:+34600111222
	crm-edit -q bo@acme.es restricted:true
	mails
	[ "$(told status,reason | sort)" = 'sent 
withheld no-address
withheld no-consent
withheld restricted' ]
}

@test "an address that looks like an option is refused, a domain goes out in A-labels" {
	person -oQ/x Opt
	runs crm-mail -t offer --send -- -oQ/x@acme.es
	status_is 1
	[ "$(told status)" = refused ]
	[ "$(calls)" = 0 ]
	crm-add -q contact given:Idn email:info@bücher.example
	crm-add -q consent contact:info@bücher.example purpose:marketing \
		channel:email state:granted
	echo 'exit 75' >"$SM/info@xn--bcher-kva.example.do"
	runs crm-mail -t offer --send info@bücher.example
	status_is 75
	rm "$SM/info@xn--bcher-kva.example.do"
	CRM_NOW=2026-03-02T09:01:00Z runs crm-mail retry
	status_is 0
	[ "$(told address,status)" = 'info@bücher.example sent' ]
	[ "$(sort -u "$SM/calls")" = \
		'-i -f ana@example.com -- info@xn--bcher-kva.example' ]
}

@test "derived fields and the store stay whole through all states" {
	does ines 'exit 75'
	does bo 'exit 76'
	mails
	status_is 75
	runs crm-db check --full
	gives 0
	[ "$(crm-find kind:contact touches_7d:1.. -F email -o value)" = bo@acme.es ]
	does ines 'exit 0'
	export CRM_NOW=2026-03-02T09:02:00Z
	runs crm-mail retry --in-doubt
	status_is 1
	runs crm-db check --full
	gives 0
	[ "$(crm-find -c kind:contact touches_7d:1..)" = 2 ]
}

# ---- options ----

@test "--preview shows the first alone and counts them all" {
	crm-find kind:contact >all
	runs crm-mail -t offer --preview 1 --verbose <all
	status_is 0
	[ "$(grep -c '^From ' "$OUT")" = 1 ]
	grep -qx 'To: ines@acme.es' "$OUT"
	err_is 'crm-mail: 2 messages ready, 1 withheld (1 no consent); --send sends'
	runs crm-mail -t offer --preview 0 <all
	gives 0
}

@test "--max sends so many; the next run sends the next" {
	mails --max 1
	status_is 0
	[ "$(told address,status,reason)" = 'ines@acme.es sent 
bo@acme.es withheld max
cy@acme.es withheld no-consent' ]
	mails --max 1
	status_is 0
	[ "$(calls)" = 2 ]
	mails --max 0
	[ "$(calls)" = 2 ]
}

@test "--not-after withholds what is late, in a later retry too" {
	mails --not-after 2026-03-02T08:59:59Z
	status_is 0
	[ "$(told status,reason | head -1)" = 'withheld late' ]
	[ "$(calls)" = 0 ]
	does bo 'exit 75'
	runs crm-mail -t offer --send --not-after 2026-03-02T09:30:00Z bo@acme.es
	status_is 75
	CRM_NOW=2026-03-02T10:00:00Z runs crm-mail retry
	status_is 0
	[ "$(told status,reason)" = 'withheld late' ]
	[ "$(stored status)" = '' ]
}

@test "--rate sets a pace, --jobs sends at once" {
	local begun
	begun=$(date +%s%N)
	mails --rate 120/min
	status_is 0
	[ $((($(date +%s%N) - begun) / 1000000)) -ge 500 ]
	mkfifo "$SM/meet"
	does ines "echo hi >\$SM/meet"
	does bo "read hi <\$SM/meet"
	mails --step two --jobs 2
	status_is 0
	[ "$(told status | head -2)" = 'sent
sent' ]
}

@test "--mbox, --maildir and --fcc hold what Python reads without defects" {
	[ -x /usr/bin/python3 ] || skip "there is no /usr/bin/python3"
	crm-find kind:contact >all
	runs crm-mail -t offer --mbox out.mbox <all
	status_is 0
	[ "$(told status)" = 'ready
ready
withheld' ]
	runs crm-mail -t offer --maildir out.d <all
	status_is 0
	mails --fcc sent.d
	status_is 0
	runs /usr/bin/python3 - <<-'EOT'
		import mailbox, email, email.policy
		parse = lambda f: email.message_from_binary_file(f, policy=email.policy.default)
		def look(box):
		    for m in sorted(box, key=lambda m: m['To']):
		        assert m.defects == [], m.defects
		        print(m['To'], '|', m['Subject'], '|', m.get_content().strip())
		look(mailbox.mbox('out.mbox', parse))
		look(mailbox.Maildir('out.d', parse))
		look(mailbox.Maildir('sent.d', parse))
	EOT
	status_is 0
	out_is <<-'EOT'
		bo@acme.es | Bo, an offer | Hello Bo.
		ines@acme.es | Inés, an offer | Hello Inés.
		bo@acme.es | Bo, an offer | Hello Bo.
		ines@acme.es | Inés, an offer | Hello Inés.
		bo@acme.es | Bo, an offer | Hello Bo.
		ines@acme.es | Inés, an offer | Hello Inés.
	EOT
	[ "$(find out.d/new -type f | wc -l)" = 2 ]
	[ "$(find sent.d/cur -name '*:2,S' | wc -l)" = 2 ]
	[ "$(stat -c %a out.mbox)" = 600 ]
}

@test "formail, mblaze and munpack read what is rendered" {
	local peer
	for peer in formail mhdr munpack; do
		needs $peer
	done
	mkdir files
	echo hi >files/a.txt
	template both 'Subject: {{given}}, añadido' 'Attach: a.txt' '' \
		'From here' '.' 'Hello {{given}}'
	printf '<p>Hello <b>{{given}}</b></p>\n' \
		>"$XDG_CONFIG_HOME/crm/templates/both.html"
	crm-find kind:contact >all
	crm-mail -t both --attach-dir files <all >out.mbox
	[ "$(formail -s grep -c '^To: ' <out.mbox | tr '\n' ' ')" = '1 1 ' ]
	runs crm-mail -t both --attach-dir files --send bo@acme.es
	status_is 0
	[ "$(mhdr -d -h subject "$SM/bo@acme.es.eml")" = 'Bo, añadido' ]
	[ "$(mshow -t "$SM/bo@acme.es.eml" | grep -cE 'text/|octet-stream')" = 3 ]
	mkdir unpacked
	(cd unpacked && munpack -t "$SM/bo@acme.es.eml" >/dev/null)
	[ "$(cat unpacked/a.txt)" = hi ]
	[ "$(find unpacked -type f | wc -l)" = 3 ]
}

@test "the parent is confined while it sends, its child runs sendmail" {
	grep -q '^Seccomp:' /proc/self/status || skip "no /proc or no seccomp"
	mkfifo "$SM/in" "$SM/go"
	does bo "echo hi >\$SM/in; read x <\$SM/go"
	crm-mail -t offer --send bo@acme.es >out &
	pid=$!
	read -r _ <"$SM/in"
	grep -qx $'NoNewPrivs:\t1' "/proc/$pid/status"
	grep -qx $'Seccomp:\t2' "/proc/$pid/status"
	# Neither the child nor sendmail holds a file of the store.
	for child in $(pgrep -P "$pid"); do
		[ -z "$(find "/proc/$child/fd" -lname '*.mdb')" ]
	done
	echo go >"$SM/go"
	wait "$pid"
}

@test "--test sends the first to an address of one's own, outside the ledger" {
	crm-find kind:contact >all
	runs crm-mail -t offer --test ana@example.com <all
	status_is 0
	[ "$(told id,address,status)" = ' ana@example.com sent' ]
	[ "$(cat "$SM/calls")" = '-i -f ana@example.com -- ana@example.com' ]
	grep -qx 'To: ana@example.com' "$SM/ana@example.com.eml"
	runs crm-mail -t offer --test me@example.org <all
	status_is 0
	[ "$(crm-find -c kind:message,campaign)" = 0 ]
	runs crm-mail -t offer --test ana@example.net <all
	gives 77 '' "crm-mail: --test: ana@example.net is not yours; the config's me names your addresses"
	[ "$(calls)" = 2 ]
	echo 'exit 67' >"$SM/ana@example.com.do"
	runs crm-mail -t offer --test ana@example.com <all
	status_is 1
}

@test "--arm gives each person the same variant, the line's own before all" {
	template a 'Subject: A' '' A
	template b 'Subject: B' '' B
	crm-find kind:contact >all
	runs crm-mail --arm A=a --arm B=b -c test --send <all
	status_is 0
	stored address,variant >got
	crm-segment split - --arms A=50,B=50 --seed test -F email,variant -o tsv \
		--no-header <all | grep -v cy | sort | tr '\t' ' ' >want
	same want got
	sed 's/$/	variant:B/' all >lines
	runs crm-mail --arm A=a --arm B=b -c own --send <lines
	[ "$(crm-find kind:message campaign:own -F variant -o value | sort -u)" = B ]
	sed 's/$/	variant:hold/' all >lines
	runs crm-mail --arm A=a --arms A=50,hold=50 -c hold --send <lines
	status_is 0
	[ "$(told status,reason | sort -u)" = 'withheld arm' ]
	runs crm-mail --arm A=a --arms B=50 -c hold --send <lines
	gives 2 '' "crm-mail: --arms: no share for 'A'"
}

# ---- templates ----

@test "labels of the line win over fields; company, lists, campaign and link are there" {
	crm-edit -q bo@acme.es company:Acme tag:vip tag:press
	template all 'Subject: {{text}}' 'Campaign: spring' '' \
		'{{given}} of {{company}} {{company.name}}{{#company}} ({{name}}){{/company}}' \
		'{{#tag}}[{{.}}]{{/tag}} {{campaign}} {{orders}} {{email}}' \
		'{{#title}}no{{/title}}{{^title}}untitled{{/title}}' '{{unsubscribe}}'
	crm-find bo | sed 's/given:[^	]*/given:Mr Lind/; s/$/	text:A \& B/' |
		crm-mail -t all >out
	grep -qx 'Subject: A & B' out
	grep -qx 'Mr Lind of Acme Acme (Acme)' out
	grep -qx '\[vip\]\[press\] spring 0 bo@acme.es' out
	grep -qx untitled out
	grep -q '^https://example.com/u/' out
}

@test "a field that a contact lacks refuses that contact, and no other" {
	template titled 'Subject: x' '' '{{title}}'
	crm-edit -q bo@acme.es title:Boss
	crm-find kind:contact >all
	runs crm-mail -t titled --send <all
	status_is 1
	[ "$(told address,status | head -2)" = 'ines@acme.es refused
bo@acme.es sent' ]
	grep -qE "^crm-mail: stdin:1: [0-9A-Z]{4} Inés: .*'title' has no value; --allow-missing leaves it empty$" "$ERR"
	runs crm-mail -t titled --send --allow-missing <all
	status_is 0
	[ "$(calls)" = 2 ]
}

@test "an unknown name in a template is refused before any record is read" {
	template typo 'Subject: {{givne}}' '' x
	runs crm-mail -t typo --send </dev/null
	status_is 65
	err_is "crm-mail: ~/.config/crm/templates/typo.txt:1:10: unknown field 'givne'; did you mean 'given'?"
	template odd 'Subject: x' '' '{{company.nmae}}'
	runs crm-mail -t odd bo@acme.es
	status_is 65
	runs crm-mail -t ofer bo@acme.es
	status_is 66
	[ "$(calls)" = 0 ]
}

@test "a head value with a line end is refused, in data it makes no field" {
	template subject 'Subject: {{text}}' '' '{{text}}'
	crm-find bo | sed 's/$/	text:x\\r\\nBcc: all@x.es/' >line
	runs crm-mail -t subject --send <line
	status_is 1
	[ "$(told status)" = refused ]
	[ "$(calls)" = 0 ]
	template body 'Subject: x' '' '{{text}}'
	runs crm-mail -t body --send <line
	status_is 0
	sed '/^$/q' "$SM/bo@acme.es.eml" >fields
	run ! grep -qi "^Bcc" fields
}

@test "attachments come from --attach-dir alone" {
	mkdir files
	echo hi >files/a.txt
	echo secret >b.txt
	template with 'Subject: x' 'Attach: a.txt' '' x
	runs crm-mail -t with --attach-dir files bo@acme.es
	status_is 0
	grep -q 'a.txt' "$OUT"
	template out 'Subject: x' 'Attach: ../b.txt' '' x
	runs crm-mail -t out --attach-dir files bo@acme.es
	[ "$status" -ne 0 ]
	runs crm-mail -t with --attach-dir none bo@acme.es
	status_is 66
}

@test "without From or a way to unsubscribe nothing is sent: 78" {
	printf 'me: [ana@example.com]\n' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-mail -t offer --send bo@acme.es
	status_is 78
	printf 'from: ana@example.com\n' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-mail -t offer --send bo@acme.es
	status_is 78
	[ "$(calls)" = 0 ]
}

# ---- status, retry, cancel, undo, erasure ----

@test "status counts the messages of each campaign, or prints those of one" {
	does bo 'exit 67'
	mails
	runs crm-mail status
	status_is 0
	[ "$(told kind,name,_queued,_sending,_sent,_failed,_in_doubt)" = \
		'campaign offer 0 0 1 1 0' ]
	runs crm-mail status offer
	status_is 0
	[ "$(told kind,address,status)" = 'message ines@acme.es sent
message bo@acme.es failed' ]
	runs crm-mail status offer -l 1
	[ "$(told address)" = ines@acme.es ]
	runs crm-mail status -q
	gives 0
	runs crm-mail status ofer
	status_is 66
	runs crm-mail status
	status_is 0
}

@test "cancel takes out what is queued, and its files" {
	does ines 'exit 78'
	mails
	status_is 69
	[ "$(find "$XDG_DATA_HOME/crm.outbox" -name '*.eml' | wc -l)" = 2 ]
	runs crm-mail cancel offer --verbose
	gives 0 '' 'crm-mail: cancelled 2 messages'
	[ "$(stored status)" = '' ]
	[ "$(ls "$XDG_DATA_HOME/crm.outbox")" = lock ]
	runs crm-undo
	status_is 0
	does ines 'exit 0'
	mails
	status_is 0
	[ "$(calls)" = 3 ]
}

@test "what an undo brings back without its text waits to be made anew" {
	does ines 'exit 78'
	mails
	crm-mail cancel offer -q
	crm-undo -q
	does ines 'exit 0'
	export CRM_NOW=2026-03-02T10:00:00Z
	runs crm-mail retry -F address,status,error
	status_is 75
	out_is 'address:ines@acme.es	status:queued	error:its text is gone; crm-mail -t makes it anew' \
		'address:bo@acme.es	status:queued	error:its text is gone; crm-mail -t makes it anew'
	[ "$(stored status | sort -u)" = queued ]
	mails
	status_is 0
	[ "$(stored status | sort -u)" = sent ]
	[ "$(calls)" = 3 ]
}

@test "what was sent cannot be undone, nor its place in the queue" {
	mails
	runs crm-undo
	status_is 77
	op=$(crm-undo --list | grep 'added 1 campaign' |
		crm-find - -F _seq -o value)
	runs crm-undo "$op" --force
	status_is 77
	[ "$(stored status | sort -u)" = sent ]
}

@test "erasing a person removes the mail that waits" {
	does ines 'exit 78'
	mails
	[ "$(find "$XDG_DATA_HOME/crm.outbox" -name '*.eml' | wc -l)" = 2 ]
	crm-rm -q --erase --yes bo@acme.es
	[ "$(find "$XDG_DATA_HOME/crm.outbox" -name '*.eml' | wc -l)" = 1 ]
	run ! grep -rq "Hello Bo" "$XDG_DATA_HOME/crm.outbox"
}

@test "a run that is killed leaves its message in doubt, and the rest is sent once" {
	mkfifo "$SM/in" "$SM/never"
	does ines "echo \$\$ >\$SM/in; read x <\$SM/never"
	crm-find kind:contact >all
	crm-mail -t offer --send <all >out 2>err &
	pid=$!
	read -r sendmail <"$SM/in"
	kill -9 "$pid"
	wait "$pid" || :
	kill "$sendmail"
	mails
	status_is 1
	err_is 'crm-mail: warning: 1 message is in doubt: the run that was sending it ended before it was told what became of it'
	[ "$(told address,status | head -2)" = 'ines@acme.es in-doubt
bo@acme.es sent' ]
	[ "$(calls)" = 2 ]
}

@test "SIGTERM: what is under way is awaited and recorded" {
	mkfifo "$SM/in" "$SM/go"
	does ines "echo hi >\$SM/in; read x <\$SM/go"
	crm-find kind:contact >all
	crm-mail -t offer --send <all >out 2>err &
	pid=$!
	read -r _ <"$SM/in"
	kill -TERM "$pid"
	echo go >"$SM/go"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	[ "$(stored address,status)" = 'bo@acme.es queued
ines@acme.es sent' ]
	mails
	status_is 0
	[ "$(calls)" = 2 ]
}

@test "two runs at once send each mail once" {
	local i
	for i in 1 2 3 4 5 6 7 8; do person p$i P$i; done
	crm-find kind:contact >all
	crm-mail -t offer --send -q <all &
	one=$!
	crm-mail -t offer --send -q <all &
	two=$!
	wait "$one" || :
	wait "$two" || :
	mails -q
	[ "$(sort "$SM/calls" | uniq -d)" = '' ]
	[ "$(calls)" = 10 ]
}

# ---- the rest ----

@test "options that do not go together are refused" {
	runs crm-mail bo@acme.es
	gives 2 '' 'crm-mail: no template; name one with -t, or several with --arm'
	runs crm-mail -t a --arm A=b
	gives 2 '' 'crm-mail: --template and --arm: one or the other'
	runs crm-mail -t offer -F status bo@acme.es
	gives 2 '' 'crm-mail: --fields: a rehearsal prints the mails; it goes with --send, --mbox, --maildir or --test'
	runs crm-mail status --sort name
	gives 2 '' 'crm-mail: status: not with --sort'
	runs crm-mail stauts
	gives 2 '' "crm-mail: unknown verb 'stauts'; did you mean 'status'?"
	runs crm-mail -t a --send --mbox f
	gives 2 '' 'crm-mail: --send and --mbox: one or the other'
	runs crm-mail -t a --rate 5/min
	gives 2 '' 'crm-mail: --rate goes with --send alone'
	runs crm-mail -t offer --send --rate 5 bo@acme.es
	gives 2 '' 'crm-mail: --rate: got '\''5'\'', wanted N/s, N/min, N/h or N/d, for example 20/min'
	runs crm-mail --arm A
	gives 2 '' "crm-mail: --arm: got 'A', wanted NAME=TEMPLATE"
	runs crm-mail status --send
	gives 2 '' 'crm-mail: status: not with --send'
	runs crm-mail cancel
	gives 2 '' 'crm-mail: cancel: which campaign?'
	runs crm-mail -t offer --send --timeout 0s bo@acme.es
	gives 2 '' 'crm-mail: --timeout: wanted a second at least'
	runs crm-mail status --failed
	gives 2 '' 'crm-mail: --failed and --in-doubt go with retry alone'
}

@test "TAB knows verbs, templates, campaigns and people" {
	mails -c spring -q
	runs crm-mail --crm-complete -- s
	gives 0 $'status\tmessages of a campaign, or how many of each state'
	runs crm-mail --crm-complete -- -t of
	gives 0 $'offer\t'
	runs crm-mail --crm-complete -- -c s
	gives 0 $'spring\t'
	runs crm-mail --crm-complete -- cancel ''
	gives 0 $'spring\t'
	runs crm-mail --crm-complete -- -t offer bo
	gives 0 $'bo@acme.es\tBo'
}

@test "before the first write there is nobody to write to" {
	rm -r "$XDG_DATA_HOME"/crm*
	runs crm-mail -t offer </dev/null
	gives 0
	runs crm-mail status
	gives 0
	[ ! -e "$XDG_DATA_HOME/crm" ]
}

@test "a full disk for the answer is 74, a place that is not there 73" {
	[ -w /dev/full ] || skip "there is no /dev/full"
	crm-find kind:contact >all
	run sh -c 'crm-mail -t offer <all >/dev/full'
	[ "$status" -eq 74 ]
	runs crm-mail -t offer --mbox none/out.mbox <all
	status_is 73
}

@test "a store of a group has an outbox of the group" {
	local group
	group=$(id -gn)
	crm-db init -D "$PWD/team" --group "$group"
	export CRM_DB=$PWD/team
	person bo Bo
	does bo 'exit 75'
	umask 077
	runs crm-mail -t offer --send bo@acme.es
	status_is 75
	[ "$(stat -c %a team.outbox)" = 2770 ]
	[ "$(stat -c %G team.outbox)" = "$group" ]
	[ "$(stat -c %a team.outbox/*.eml)" = 660 ]
}

@test "an outbox that others may read is refused" {
	mkdir "$XDG_DATA_HOME/crm.outbox"
	chmod 755 "$XDG_DATA_HOME/crm.outbox"
	mails
	status_is 77
	[ "$(calls)" = 0 ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# crm-log --mail: INTEGRATIONS.md 5.4. Tokens are under the key 00 01 .. 1f, as
# in the published example; message MN is 01HF7YAT00JXHQEH5M3VYDK7BN.
load helper

setup() {
	crm_setup
	export CRM_NOW=2026-12-02T09:00:00Z
	crm-add contact name:José email:jose@example.net >/dev/null
	mkdir -p "$HOME/.config/crm"
	printf '%s\n' 'me: [ventas@example.com, "@ours.es"]' \
		'unsubscribe: ["mailto:unsub@example.com?subject=x"]' \
		>"$HOME/.config/crm/config.yaml"
}


STORE() {
	printf '%s/crm' "$XDG_DATA_HOME"
}

# mail [FIELD: VALUE ...] -- [LINE ...]: a mail from José.
mail() {
	local from='From: José <jose@example.net>'
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in From:*) from= ;; esac
		printf '%s\n' "$1"
		shift
	done
	[ -z "$from" ] || printf '%s\n' "$from"
	[ "${1-}" = -- ] && shift
	printf '\n'
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

# entries: what stands in the store, without ids and stamps.
entries() {
	crm-find kind:activity -F "${FIELDS-type,dir,contact,subject,body}" |
		sed 's/kind:activity	//'
}

count() {
	crm-find -c "$@"
}

# A campaign to José: messages 1 to 6 of it, all sent, under the known key.
campaign() {
	local n
	for n in 0 1 2 3; do
		for m in 0 1 2 3 4 5 6 7; do
			# shellcheck disable=SC2059
			printf "\\$(printf %03o $((n * 8 + m)))"
		done
	done >"$(STORE).key"
	chmod 600 "$(STORE).key"
	crm-add campaign name:spring >/dev/null
	for n in 1 2 3 4 5 6; do
		printf 'kind:message\tid:01HF7YAT00JXHQEH5M3VYDK7B%s\tcampaign:spring\tcontact:jose@example.net\taddress:jose@example.net\tstep:%s\tstatus:sent\tvariant:A\tpurpose:%s\tat:2026-11-0%sT00:00:00Z\tmsgid:crm.%s@example.com\n' \
			$n $n "${PURPOSE-marketing}" $n "$(token m $n)"
	done | crm-add message - >/dev/null
}

# token USE N
token() {
	local tail
	case $1$2 in
	m1) tail=03qgxyzx9pr6s5ty9qpjjqret1 ;;
	b1) tail=5wpd8mv9xa9ryzafjf4094j1t1 ;;
	u1) tail=67fa9y9qr26h2yy7qvx3adrf35 ;;
	m2) tail=0gwkn4mppvcsd765hvfkhvnrq0 ;;
	b2) tail=5wxqq0m92468xghk5b70vb24y0 ;;
	m3) tail=1swq2p0v25ptp0z2mw5cxesfy2 ;;
	b3) tail=6497jjdd5skxp6rx5ghkrkjxmv ;;
	m4) tail=1ffx2w0q0r29bx2wck79367ama ;;
	b4) tail=0tq879xqryeqtybz97wzgvp1kj ;;
	m5) tail=1xg1gw43pbpmtczm711axwb833 ;;
	b5) tail=3c81tmgtw6egsetc2781nxbh5s ;;
	m6) tail=17jthx17gbc8yf82qyx6my6v72 ;;
	b6) tail=1apm9babker0ydyrrexd8z19dt ;;
	esac
	printf '01hf7yat00jxhqeh5m3vydk7b%s%s' "$2" "$tail"
}

# report STATUS [ACTION [RETURNED-MESSAGE-ID]]: RFC 3464, to stdout. TO is who
# got it.
report() {
	cat <<-EOT
		Return-Path: <>
		Delivered-To: ${TO-bounces@example.com}
		From: MAILER-DAEMON@mx.example
		Subject: failed
		Message-ID: <report-$RANDOM$RANDOM@mx.example>
		Auto-Submitted: auto-replied
		Content-Type: multipart/report; report-type=delivery-status; boundary=b

		--b

		It failed.
		--b
		Content-Type: message/delivery-status

		Reporting-MTA: dns; mx.example

		Final-Recipient: rfc822; jose@example.net
		Action: ${2-failed}
		Status: $1

		--b
		Content-Type: text/rfc822-headers

		Message-ID: <${3-none@example.com}>
		--b--
	EOT
}

statuses() {
	crm-find kind:message -o value -F status | tr '\n' ' '
}

suppressed() {
	crm-consent suppressed -q jose@example.net
}

consent() {
	crm-consent show jose@example.net | tr '\t' '\n' | grep -E '^(purpose|channel|state|source):'
}

# ---- one mail ----------------------------------------------------------------

@test "a mail is logged on the timeline of who wrote it, and nothing is printed" {
	mail 'Subject: =?utf-8?Q?Renovaci=C3=B3n?=' 'Message-ID: <1@x>' \
		'Date: Sun, 22 Nov 2026 10:00:00 +0100' -- 'Sí, adelante.' >m
	runs crm-log --mail <m
	gives 0
	FIELDS=type,dir,at,contact,subject,body,msgid entries >"$OUT"
	out_is 'type:email	dir:in	at:2026-11-22T09:00:00Z	contact:José	subject:Renovación	body:Sí, adelante.	msgid:1@x'
	runs crm-find jose@example.net -F last_in,last_contact
	gives 0 'last_in:2026-11-22T09:00:00Z	last_contact:2026-11-22T09:00:00Z'
}

@test "the same Message-ID twice is one activity, whatever else differs" {
	mail 'Message-ID: <1@x>' -- one >m
	runs crm-log --mail <m
	gives 0
	mail 'Message-ID: <1@x>' 'Subject: other' -- two >m
	runs crm-log --mail <m
	gives 0
	[ "$(count kind:activity)" = 1 ]
}

@test "without a Message-ID the text tells, and a newline more does not" {
	mail 'Subject: s' -- one >m
	runs crm-log --mail <m
	gives 0
	{ cat m; echo; echo; } | sed 's/$/\r/' >n
	runs crm-log --mail <n
	gives 0
	[ "$(count kind:activity)" = 1 ]
	mail 'Subject: s' -- two >m
	runs crm-log --mail <m
	gives 0
	[ "$(count kind:activity)" = 2 ]
}

@test "a mailbox's From line before the header is none of it" {
	{ echo 'From jose@example.net Sun Nov 22 10:00:00 2026'; mail 'Message-ID: <1@x>'; } >m
	runs crm-log --mail -o value -F contact,msgid <m
	gives 0 'José
1@x'
}

@test "-o prints the activity, -n what would be stored" {
	mail 'Message-ID: <1@x>' 'Subject: s' >m
	runs crm-log --mail -n -F type,contact_id,subject,_do <m
	status_is 0
	[[ $output == type:email*subject:s*_do:add* ]]
	[ "$(count kind:activity)" = 0 ]
	runs crm-log --mail -o ltsv -F type,contact,subject <m
	gives 0 'type:email	contact:José	subject:s'
}

@test "a mail dated tomorrow is of now" {
	mail 'Date: Sun, 22 Nov 2037 10:00:00 +0100' >m
	runs crm-log --mail -o value -F at <m
	gives 0 2026-12-02T09:00:00Z
}

@test "controls in subject, name and text are gone before they are stored" {
	printf 'From: =?utf-8?Q?J=1B[31m=0D=0ABcc:_x?= <jose@example.net>\nSubject: a\x1b[2Jb\x07\n\nx\x1b]0;t\x07\xc2\x9by\n' >m
	runs crm-log --mail -o ltsv -F subject,body <m
	gives 0 'subject:a[2Jb	body:x]0;ty'
}

# ---- who -----------------------------------------------------------------------

@test "what is from me goes out, to everybody in To and Cc but me" {
	crm-add contact name:Bo email:bo@b.es >/dev/null
	mail 'From: me@ours.es' 'To: g: jose@example.net, "Bo, B." <BO@B.ES>;' \
		'Cc: ventas@example.com' >m
	runs crm-log --mail -o ltsv -F type,dir,contact <m
	gives 0 'type:email	dir:out	contact:José	contact:Bo'
}

@test "--me is instead of the configuration's" {
	mail 'From: ana@acme.es' 'To: jose@example.net' >m
	runs crm-log --mail --me @acme.es -o ltsv -F dir,contact <m
	gives 0 'dir:out	contact:José'
	runs crm-log --mail --me nobody <m
	gives 2 '' "crm-log: --me: got 'nobody', wanted an address or @DOMAIN"
}

@test "unknown people: logged without contact, left out, or made leads" {
	mail 'From: "Ana Núñez" <ana@acme.es>' 'Message-ID: <1@x>' >m
	runs crm-log --mail --ignore <m
	gives 0
	[ "$(count kind:activity)" = 0 ]
	runs crm-log --mail --verbose -o ltsv -F type,contact <m
	gives 0 type:email "crm-log: nobody has the address 'ana@acme.es' (Ana Núñez)"
	mail 'From: "Ana Núñez" <ana@acme.es>' 'Message-ID: <2@x>' >m
	runs crm-log --mail --create -o ltsv -F type,contact <m
	gives 0 'type:email	contact:Ana Núñez'
	runs crm-find ana@acme.es -F name,email,stage,source
	gives 0 'name:Ana Núñez	email:ana@acme.es	stage:lead	source:email'
	# Machines are no leads.
	mail 'From: news@shop.es' 'List-Id: <n.shop.es>' >m
	runs crm-log --mail --create <m
	gives 0
	[ "$(count kind:contact)" = 2 ]
}

@test "who was erased is not made again" {
	crm-rm --erase --yes --no-compact jose@example.net >/dev/null
	mail 'Message-ID: <1@x>' >m
	runs crm-log --mail --create <m
	gives 0
	[ "$(count kind:contact)" = 0 ]
	[ "$(count kind:activity)" = 0 ]
}

@test "automatic mail is of type auto, and no contact by a person" {
	local n=0 head
	for head in 'Auto-Submitted: auto-replied' 'Return-Path: <>' \
		'Precedence: junk' 'List-Id: <l.x>'; do
		n=$((n + 1))
		mail "Message-ID: <$n@x>" "$head" | crm-log --mail
	done
	[ "$(count kind:activity type:auto contact:jose@example.net)" = 4 ]
	runs crm-find jose@example.net -F activities,last_in
	gives 0 activities:4
}

# ---- threads -------------------------------------------------------------------

@test "an answer to our message is a reply of its campaign" {
	campaign
	mail 'Message-ID: <1@x>' "In-Reply-To: <crm.$(token m 2)@example.com>" >m
	runs crm-log --mail -o ltsv -F type,dir,contact,campaign,variant <m
	gives 0 'type:reply	dir:in	contact:José	campaign:spring	variant:A'
	# From an address that nobody has: who got the message answers it.
	mail 'From: jose@home.es' 'Message-ID: <2@x>' \
		"References: <0@x> <crm.$(token m 3)@example.com> <9@x>" >m
	runs crm-log --mail -o ltsv -F type,contact,campaign <m
	gives 0 'type:reply	contact:José	campaign:spring'
}

@test "our own message, handed in by the way, is known" {
	campaign
	mail 'From: ventas@example.com' 'To: jose@example.net' \
		"Message-ID: <crm.$(token m 1)@example.com>" >m
	runs crm-log --mail <m
	gives 0
	[ "$(count kind:activity)" = 0 ]
}

@test "a thread inherits case and deal, and a reply from me responds" {
	crm-add case title:broken contact:jose@example.net \
		opened:2026-11-01T00:00:00Z >/dev/null
	crm-add deal name:big contact:jose@example.net >/dev/null
	case=$(crm-find kind:case -o id) deal=$(crm-find kind:deal -o id)
	crm-log email jose@example.net dir:in msgid:0@x case:"$case" deal:"$deal" >/dev/null
	mail 'Message-ID: <1@x>' 'References: <0@x>' >m
	runs crm-log --mail -o ltsv -F type,dir,case,deal <m
	gives 0 'type:email	dir:in	case:broken	deal:big'
	[ "$(crm-find kind:case -o value -F responded)" = '' ]
	mail 'From: me@ours.es' 'To: jose@example.net' 'Message-ID: <2@x>' \
		'Date: Sun, 22 Nov 2026 10:00:00 +0100' 'In-Reply-To: <1@x>' >m
	runs crm-log --mail -o ltsv -F type,dir,case <m
	gives 0 'type:email	dir:out	case:broken'
	[ "$(crm-find kind:case -o value -F responded)" = 2026-11-22T09:00:00Z ]
	# One operation: crm-undo takes both back.
	crm-undo >/dev/null
	[ "$(crm-find kind:case -o value -F responded)" = '' ]
	[ "$(count kind:activity)" = 2 ]
}

@test "an automatic answer of mine responds to nothing" {
	crm-add case title:broken contact:jose@example.net >/dev/null
	crm-log email jose@example.net msgid:0@x case:"$(crm-find kind:case -o id)" >/dev/null
	mail 'From: me@ours.es' 'To: jose@example.net' 'In-Reply-To: <0@x>' \
		'Auto-Submitted: auto-replied' | crm-log --mail
	[ "$(crm-find kind:case -o value -F responded)" = '' ]
}

# ---- bounces -------------------------------------------------------------------

@test "a hard bounce suppresses the address at once" {
	campaign
	TO="bounces+$(token b 1)@example.com" report 5.1.1 >m
	runs crm-log --mail -o ltsv -F type,dir,contact,campaign,x.recipient,x.action,x.status <m
	gives 0 'type:bounce	dir:in	contact:José	campaign:spring	x.recipient:jose@example.net	x.action:failed	x.status:5.1.1'
	[ "$(statuses)" = 'bounced sent sent sent sent sent ' ]
	suppressed
	runs crm-find jose@example.net -F name,last_in
	gives 0 name:José
}

@test "the Message-ID that came back tells as well as the address" {
	campaign
	report 5.1.2 failed "crm.$(token m 2)@example.com" | crm-log --mail
	[ "$(statuses)" = 'sent bounced sent sent sent sent ' ]
	suppressed
}

@test "what is delayed is logged and no more" {
	campaign
	TO="bounces+$(token b 1)@example.com" report 4.4.1 delayed | crm-log --mail
	[ "$(statuses)" = 'sent sent sent sent sent sent ' ]
	[ "$(count kind:activity type:bounce)" = 1 ]
}

@test "a full mailbox and a refusal do not make an address dead" {
	local n
	campaign
	for n in 1 2 3 4 5 6; do
		TO="bounces+$(token b $n)@example.com" report 5.2.2 >m
		[ $((n % 2)) = 0 ] || TO="bounces+$(token b $n)@example.com" report 5.7.1 >m
		crm-log --mail <m
	done
	[ "$(statuses)" = 'bounced bounced bounced bounced bounced bounced ' ]
	run suppressed
	[ "$status" = 1 ]
}

@test "other failures suppress at the fifth in a row" {
	local n
	campaign
	for n in 1 2 3 4; do
		TO="bounces+$(token b $n)@example.com" report 4.3.0 | crm-log --mail
	done
	run suppressed
	[ "$status" = 1 ]
	# The same report again is no fifth.
	TO="bounces+$(token b 4)@example.com" report 4.3.0 | crm-log --mail
	run suppressed
	[ "$status" = 1 ]
	TO="bounces+$(token b 5)@example.com" report 5.0.0 | crm-log --mail
	suppressed
}

@test "a message that arrived ends the row" {
	local n
	campaign
	for n in 1 2 4 5 6; do
		TO="bounces+$(token b $n)@example.com" report 4.3.0 | crm-log --mail
	done
	run suppressed
	[ "$status" = 1 ]
}

@test "a report in words is a bounce where it comes to the bounce address" {
	campaign
	{ echo "Delivered-To: bounces+$(token b 1)@example.com"
		mail 'From: MAILER-DAEMON@mx.example' 'Return-Path: <>' -- 'Hi. This is the qmail-send program.'; } >m
	runs crm-log --mail -o ltsv -F type,contact,campaign <m
	gives 0 'type:bounce	contact:José	campaign:spring'
	[ "$(statuses)" = 'bounced sent sent sent sent sent ' ]
}

@test "a note of absence to the bounce address is no bounce" {
	campaign
	mail "To: bounces+$(token b 1)@example.com" 'Return-Path: <>' \
		'Auto-Submitted: auto-replied' -- 'Volveré.' >m
	runs crm-log --mail -o ltsv -F type,contact,campaign <m
	gives 0 'type:auto	contact:José	campaign:spring'
	[ "$(statuses)" = 'sent sent sent sent sent sent ' ]
}

@test "a report without a token of ours is logged and changes nothing" {
	local forged
	campaign
	forged=$(token m 1)
	report 5.1.1 failed "crm.${forged%?}x@example.com" | crm-log --mail
	# A token of one use is none of another.
	TO="bounces+$forged@example.com" report 5.1.1 | crm-log --mail
	TO="unsub+$(token b 1)@example.com" report 5.1.1 failed "crm.$(token b 1)@example.com" | crm-log --mail --quiet 2>/dev/null
	[ "$(count kind:activity type:bounce)" = 3 ]
	[ "$(count kind:activity contact:jose@example.net)" = 3 ]
	[ "$(statuses)" = 'sent sent sent sent sent sent ' ]
	run suppressed
	[ "$status" = 1 ]
}

# ---- complaints, unsubscribing -----------------------------------------------

complaint() {
	mail 'From: fbl@isp.example' "Message-ID: <arf$1@isp.example>" \
		'Content-Type: multipart/report; report-type=feedback-report; boundary=b' -- \
		--b '' complaint --b 'Content-Type: message/feedback-report' '' \
		'Feedback-Type: abuse' '' --b 'Content-Type: message/rfc822' '' \
		"Message-ID: <$1>" '' x --b--
}

@test "a complaint with our token withdraws marketing by email" {
	campaign
	crm-consent grant jose@example.net channel:email source:form >/dev/null
	complaint "crm.$(token m 1)@example.com" >m
	runs crm-log --mail -o ltsv -F type,contact,campaign <m
	gives 0 'type:complaint	contact:José	campaign:spring'
	[ "$(statuses)" = 'complained sent sent sent sent sent ' ]
	runs crm-find jose@example.net -F consent.email
	gives 0 consent.email:withdrawn
	# The same twice is one entry.
	complaint "crm.$(token m 1)@example.com" | crm-log --mail
	[ "$(crm-consent show jose@example.net | wc -l)" = 2 ]
}

@test "a complaint without a token is logged and changes nothing" {
	campaign
	complaint "crm.1@example.com" | crm-log --mail
	[ "$(count kind:activity type:complaint)" = 1 ]
	[ "$(statuses)" = 'sent sent sent sent sent sent ' ]
	[ "$(crm-consent show jose@example.net | wc -l)" = 0 ]
}

@test "mail to unsub+TOKEN withdraws its purpose, whoever sends it, unread" {
	crm-consent policy - <<-'EOT' >/dev/null
		purposes: {newsletter: {class: marketing}}
	EOT
	PURPOSE=newsletter campaign
	mail 'From: someone@else.es' "To: unsub+$(token u 1)@example.com" \
		'Subject: secret' -- 'secret words' >m
	runs crm-log --mail -o ltsv -F type,dir,contact,campaign,subject,body <m
	gives 0 'type:unsubscribe	dir:in	contact:José	campaign:spring'
	runs consent
	gives 0 'purpose:newsletter
channel:email
state:withdrawn
source:unsubscribed by mail'
}

@test "a wrong token to unsubscribe is logged, with a warning, and 0" {
	campaign
	mail "To: unsub+$(token b 1)@example.com" -- words >m
	runs crm-log --mail -o ltsv -F type,contact,body <m
	gives 0 'type:email	contact:José' 'crm-log: stdin: warning: the token of a mail to unsubscribe is none of ours; logged, and no consent changed'
	[ "$(crm-consent show jose@example.net | wc -l)" = 0 ]
}

# ---- many mails ----------------------------------------------------------------

@test "files, Maildirs, mboxes and names on stdin are one import" {
	mkdir -p d/cur d/new d/tmp
	mail 'Message-ID: <1@x>' >d/cur/1:2,S
	mail 'Message-ID: <2@x>' >d/new/2
	mail 'Message-ID: <3@x>' >d/tmp/3
	mail 'Message-ID: <4@x>' >'f 4'
	printf '%s\n' 'From a@x' 'From: jose@example.net' 'Message-ID: <5@x>' '' \
		'>From here' '>>From there' 'not' 'From this' '' 'From b@x' \
		'From: jose@example.net' 'Message-ID: <6@x>' '' two >box
	runs crm-log --mail d 'f 4' --mbox box -o value -F msgid --verbose
	gives 0 '5@x
6@x
1@x
2@x
4@x' 'crm-log: logged 5, known 0, set aside 0, ignored 0'
	runs crm-find kind:activity msgid:5@x -o json -F body
	gives 0 '{"body":"From here\n>From there\nnot\nFrom this"}'
	crm-undo >/dev/null
	[ "$(count kind:activity)" = 0 ]
	printf '%s\0' 'f 4' d | {
		runs crm-log --mail --files -z -o value -F msgid
		gives 0 '4@x
1@x
2@x'
	}
	printf '%s\n' 'f 4' d | {
		runs crm-log --mail --files --verbose
		gives 0 '' 'crm-log: logged 0, known 3, set aside 0, ignored 0'
	}
}

@test "of files all are stored or none, but for --keep-going" {
	mail 'Message-ID: <1@x>' >one
	echo 'no mail' >two
	runs crm-log --mail one two
	gives 65 '' 'crm-log: two: no mail: it has no header
crm-log: nothing stored, 1 refused; --keep-going stores the other 1'
	[ "$(count kind:activity)" = 0 ]
	runs crm-log --mail one two --keep-going
	gives 1 '' 'crm-log: two: no mail: it has no header'
	[ "$(count kind:activity)" = 1 ]
	runs crm-log --mail none
	gives 66 '' 'crm-log: none: No such file or directory
crm-log: nothing stored, 1 refused'
	runs crm-log --mail --mbox one
	gives 65 '' "crm-log: one: no mbox: it does not begin with 'From '"
}

@test "a link out of a Maildir is not followed" {
	mkdir -p d/cur d/new
	mail 'Message-ID: <1@x>' >away
	ln -s ../../away d/cur/1
	runs crm-log --mail d
	status_is 74
	[ "$(count kind:activity)" = 0 ]
}

# ---- a delivery agent ----------------------------------------------------------

@test "65 where there is no header at all, or one beyond the limits" {
	echo hello >m
	runs crm-log --mail <m
	gives 65 '' 'crm-log: stdin: no mail: it has no header'
	runs crm-log --mail </dev/null
	gives 65 '' 'crm-log: stdin: no mail: it has no header'
	awk 'BEGIN { for (i = 0; i < 500000; i++) print "X-a: b" }' >m
	runs crm-log --mail <m
	gives 65 '' 'crm-log: stdin: the header is longer than 1048576 bytes'
}

@test "a file without an end is read up to the limit, and no further" {
	runs timeout -k 1 60 crm-log --mail /dev/zero
	gives 65 '' 'crm-log: /dev/zero: no mail: it has no header
crm-log: nothing stored, 1 refused'
}

@test "an endless mail on stdin ends when it is asked to" {
	crm-log --mail </dev/zero 2>said &
	local pid=$! code=0
	sleep 2
	kill "$pid"
	wait "$pid" || code=$?
	[ "$code" -eq 143 ]
}

@test "75 for whatever is our fault, so that the mail is kept" {
	mail 'Message-ID: <1@x>' >m
	runs crm-log --mail -D /no/such/place <m
	status_is 75
	echo 'nonsense: 1' >"$HOME/.config/crm/config.yaml"
	runs crm-log --mail <m
	status_is 75
	rm "$HOME/.config/crm/config.yaml"
	printf x >"$(STORE).key"
	chmod 600 "$(STORE).key"
	runs crm-log --mail <m
	status_is 75
	rm "$(STORE).key"
	runs crm-log --mail <m
	gives 0
	# Named files are no delivery.
	runs crm-log --mail -D /no/such/place m
	status_is 73
}

@test "75 while another writer is at work" {
	needs flock
	mail 'Message-ID: <1@x>' >m
	runs flock "$(STORE)" crm-log --mail --lock-timeout 1s <m
	status_is 75
	runs crm-log --mail <m
	gives 0
	[ "$(count kind:activity)" = 1 ]
}

@test "--spool keeps what is unreadable or of nobody known, and gives 0" {
	printf 'hello\nno mail' >m
	runs crm-log --mail --spool keep <m
	gives 0
	cmp m keep/new/*
	rm keep/new/*
	mail 'From: ana@acme.es' 'Message-ID: <1@x>' >m
	runs crm-log --mail --spool keep <m
	gives 0
	cmp m keep/new/*
	[ "$(count kind:activity)" = 0 ]
	rm keep/new/*
	mail 'Message-ID: <2@x>' >m
	runs crm-log --mail --spool keep <m
	gives 0
	[ "$(ls keep/new keep/tmp)" = 'keep/new:

keep/tmp:' ]
	[ "$(count kind:activity)" = 1 ]
	# Once she is known, what was kept is logged.
	mail 'From: ana@acme.es' 'Message-ID: <3@x>' | crm-log --mail --spool keep
	crm-add contact email:ana@acme.es >/dev/null
	crm-log --mail keep
	[ "$(count kind:activity)" = 2 ]
	runs crm-log --mail --spool no/such/keep <m
	status_is 75
}

@test "a mail longer than what is read of it is spooled whole" {
	{ mail 'From: ana@acme.es' -- x; head -c 26000000 /dev/zero | tr '\0' y; } >m
	runs crm-log --mail --spool keep <m
	gives 0
	cmp m keep/new/*
}

@test "options that contradict each other are refused" {
	runs crm-log --create call jose@example.net
	gives 2 '' 'crm-log: --create goes with --mail alone'
	runs crm-log --mail --create --ignore
	gives 2 '' 'crm-log: --create and --ignore contradict each other'
	runs crm-log --mail --next friday
	gives 2 '' 'crm-log: --next does not go with --mail'
	runs crm-log --mail -z
	gives 2 '' 'crm-log: -z: with --mail it goes with --files'
	runs crm-log --mail --files x
	gives 2 '' 'crm-log: --files reads names from stdin; FILE does not go with it'
	runs crm-log --mail --follow
	gives 2 '' 'crm-log: --follow does not go with --mail'
}

# ---- the module ----------------------------------------------------------------

@test "the module is found beside the program, and missing it is 69" {
	mail 'Message-ID: <1@x>' >m
	mkdir -p p/bin p/lib/crm-utils
	cp "$CRM_BIN/crm-log" p/bin
	cp "$CRM_BIN/../lib/crm-utils/mail.so" p/lib/crm-utils
	runs p/bin/crm-log --mail m
	gives 0
	: >p/lib/crm-utils/mail.so
	runs p/bin/crm-log --mail m
	status_is 69
	[ ! -e /usr/local/lib/crm-utils/mail.so ] || skip 'crm-utils is installed'
	rm p/lib/crm-utils/mail.so
	runs p/bin/crm-log --mail m
	gives 69 '' 'crm-log: mail.so, which reads mail, is not installed: looked in lib/crm-utils beside the program and below /usr/local/lib'
	# A delivery agent keeps its mail meanwhile.
	runs p/bin/crm-log --mail <m
	status_is 75
	# Nothing else needs it.
	runs p/bin/crm-log call jose@example.net -o value -F type
	gives 0 call
}

@test "a charset that is loaded when it is met is read within the sandbox" {
	printf 'From: jose@example.net\nContent-Type: text/plain; charset=iso-2022-jp\n\n\033$B$3\033(B\n' >m
	runs crm-log --mail -o value -F body <m
	gives 0 こ
}

# ---- other people's mail -------------------------------------------------------

@test "of all shared mail nothing dies, and a second pass adds nothing" {
	local n
	needs_corpus dsn
	find "$CORPORA/mail" "$CORPORA/dsn" "$CORPORA/inbound" -type f ! -name '*.json' \
		! -name '*mbox*' -print0 | LC_ALL=C sort -z >names
	runs crm-log --mail --files -z --keep-going <names
	status_is 1
	n=$(count kind:activity)
	[ "$n" -gt 200 ]
	runs crm-log --mail --files -z --keep-going <names
	status_is 1
	[ "$(count kind:activity)" = "$n" ]
}

@test "reports say what the expected file says, for 99 of 100" {
	needs_corpus dsn
	(cd "$CORPORA" && jq -r '.[] | select(.recipients != []) | .file' dsn/expected-dsn.json) >files
	# shellcheck disable=SC2016
	jq -r '.[] | select(.recipients != []) | [.recipients[] |
		"\(.final)|\(.action[0] // "")|\(.status)"] | join(" ")' "$CORPORA/dsn/expected-dsn.json" >want
	while read -r file; do
		crm-log --mail -n -o json "$CORPORA/$file" | jq -r '
			[[.["x.recipient"]], [.["x.action"]], [.["x.status"]]] |
			map(flatten) | transpose | map("\(.[0])|\(.[1] // "")|\(.[2])") | join(" ")'
	done <files >got
	[ "$(wc -l <want)" = "$(wc -l <got)" ]
	differ=$(paste -d'\n' want got | awk 'NR % 2 { w = $0; next } $0 != w' | wc -l)
	echo "of $(wc -l <want) $differ differ"
	[ $((differ * 100)) -le "$(wc -l <want)" ]
}

@test "no bounce is seen where there is none" {
	needs_corpus dsn
	runs crm-log --mail "$CORPORA"/dsn/sisimai/maildir/not/* "$CORPORA"/inbound/*.eml -o value -F type
	status_is 0
	[[ $output != *bounce* ]]
}

# ---- delivery agents -----------------------------------------------------------

# delivers CMD ...: one activity more after it, none at the second run.
delivers() {
	mail 'Message-ID: <agent@x>' 'Subject: s' -- hello >m
	"$@" <m
	[ "$(count kind:activity)" = 1 ]
	"$@" <m
	[ "$(count kind:activity)" = 1 ]
	[ "$(entries)" = 'type:email	dir:in	contact:José	subject:s	body:hello' ]
}

@test "procmail delivers" {
	needs procmail
	printf '%s\n' "PATH=$PATH" "HOME=$HOME" "CRM_NOW=$CRM_NOW" "DEFAULT=$PWD/box" \
		':0 cW' '| crm-log --mail' >rc
	delivers procmail -m "$PWD/rc"
}

@test "maildrop delivers" {
	needs maildrop
	printf '%s\n' "PATH=\"$PATH\"" "CRM_NOW=\"$CRM_NOW\"" 'cc "|crm-log --mail"' \
		"to \"$PWD/box\"" >rc
	chmod 600 rc
	delivers maildrop rc
}

@test "fdm delivers" {
	needs fdm
	printf '%s\n' 'account "stdin" disabled stdin' \
		'action "log" pipe "crm-log --mail"' 'match all action "log"' >rc
	chmod 600 rc
	delivers env TMPDIR=/tmp fdm -f rc -l -m -a stdin fetch
}

@test "sieve delivers" {
	needs sieve-test
	skip 'sieve-test runs no pipe without its extprograms set up'
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The gate of crm-mail: no option, variable, template, line or order of
# commands makes it write to who has not consented, is suppressed or has had
# enough, nor twice to anybody.

load helper

setup() {
	crm_setup
	export SM=$BATS_TEST_TMPDIR/sm
	TEMPLATES=$XDG_CONFIG_HOME/crm/templates
	mkdir -p "$SM" "$TEMPLATES"
	export CRM_SENDMAIL=$SM/sendmail
	cat >"$CRM_SENDMAIL" <<-'EOT'
		#!/bin/sh
		# Notes for whom, then does what the recipient's file says.
		for rcpt; do :; done
		echo "$rcpt" >>"$SM/sent"
		[ ! -f "$SM/$rcpt.do" ] || . "$SM/$rcpt.do"
		exit 0
	EOT
	chmod +x "$CRM_SENDMAIL"
	cat >"$XDG_CONFIG_HOME/crm/config.yaml" <<-'EOT'
		from: Ana <ana@example.com>
		me: [ana@example.com]
		unsubscribe: ['mailto:unsub@example.com']
	EOT
	chmod 600 "$XDG_CONFIG_HOME/crm/config.yaml"
	template offer 'Subject: An offer' '' Hello.
	template receipt 'Subject: Your receipt' 'Purpose: transactional' '' Hello.
	# yes: may be written to; the others for the reason that they are called.
	person yes
	person no
	person out
	person black
	person still restricted:true
	crm-consent grant -q yes@x.es out@x.es black@x.es still@x.es \
		channel:email at:2026-01-01T00:00:00Z
	crm-consent withdraw -q out@x.es at:2026-02-01T00:00:00Z
	crm-consent suppress -q black@x.es
	crm-find kind:contact >all
	grep -v 'email:yes@' all >held
	[ "$(wc -l <held)" -eq 4 ]
}

template() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$TEMPLATES/$name.txt"
}

person() {
	local name=$1
	shift
	crm-add -q contact given:"$name" email:"$name@x.es" "$@"
}

does() {
	printf '%s\n' "$2" >"$SM/$1@x.es.do"
}

# sent: to whom sendmail was called, in order, blanks between.
sent() {
	[ ! -f "$SM/sent" ] || tr '\n' ' ' <"$SM/sent"
}

# only ADDRESS ...: nobody else was written to, and nobody twice.
only() {
	[ "$(sent)" = "${*:+$* }" ] && return
	echo "sent to: $(sent)"
	both_outputs
	return 1
}

# told LABELS: those of the lines that were printed
told() {
	crm-find - -o tsv --no-header -F "$1" <"$OUT" | tr '\t' ' '
}

stored() {
	crm-find kind:message -s address -o tsv --no-header -F "$1" | tr '\t' ' '
}

# ---- options and variables ----

@test "no option opens it: campaign, step, arms, jobs, max, rate, force, partial" {
	local i=0
	local tries=(
		"-c other" "--step two" "--campaign=x --step=y" "--jobs 4"
		"--max 9" "--rate 1000/s" "--allow-missing" "--timeout 9s"
		"--not-after 2030-01-01" "--fcc kept"
	)
	for try in "${tries[@]}"; do
		i=$((i + 1))
		# shellcheck disable=SC2086 # words on purpose
		runs crm-mail -t offer --send $try <held
		status_is 0
		[ "$(told status | sort -u)" = withheld ]
	done
	[ $i -eq 10 ]
	runs crm-mail --arm A=offer --arm B=offer -c arms --send <held
	status_is 0
	runs crm-mail -t offer --send -- no@x.es out@x.es black@x.es still@x.es
	status_is 0
	only
	[ "$(told reason | tr '\n' ' ')" = \
		'no-consent withdrawn suppressed restricted ' ]
	for try in --force --yes --partial --purpose=transactional --no-gate; do
		runs crm-mail -t offer --send $try <held
		status_is 2
	done
	only
	[ "$(crm-find -c kind:message)" = 0 ]
}

@test "no variable and no line of the configuration opens it" {
	export CRM_PURPOSE=transactional CRM_FORCE=1 CRM_CONSENT=off
	export CRM_GATE=off CRM_CAPS=99/7d
	runs crm-mail -t offer --send <held
	status_is 0
	only
	echo 'purpose: transactional' >>"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-mail -t offer --send <held
	only
	cat >"$XDG_CONFIG_HOME/crm/config.yaml" <<-'EOT'
		from: Ana <ana@example.com>
		me: [ana@example.com]
		unsubscribe: ['mailto:unsub@example.com']
		consent: {channels: {email: {opt_in: false}}}
		caps: [99/7d]
	EOT
	runs crm-mail -t offer --send <held
	only
}

@test "a copy of the store without its key sends nothing to who is suppressed" {
	mv "$XDG_DATA_HOME/crm.key" away
	runs crm-mail -t receipt --send black@x.es
	status_is 78
	only
}

@test "the clock moves the caps as it moves all; a grant that ran out stays so" {
	person brief
	crm-consent grant -q brief@x.es channel:email at:2026-01-01T00:00:00Z \
		expires:2026-02-01T00:00:00Z
	runs crm-mail -t offer --send brief@x.es no@x.es out@x.es
	status_is 0
	[ "$(told reason | tr '\n' ' ')" = 'expired no-consent withdrawn ' ]
	# Before the first grant nobody had consented; a later clock grants none.
	for CRM_NOW in 2025-12-01T00:00:00Z 2027-01-01T00:00:00Z; do
		runs crm-mail -t offer --send no@x.es out@x.es
		status_is 0
	done
	only
}

# ---- templates ----

@test "a head field, a purpose that nobody declared: refused, nothing sent" {
	local field
	for field in 'Bcc: no@x.es' 'To: no@x.es' 'Sender: no@x.es' 'Class: transactional' \
		'Channel: letter' 'Gate: off' 'Force: yes' 'Resent-To: no@x.es'; do
		template odd 'Subject: x' "$field" '' Hello.
		runs crm-mail -t odd --send <all
		status_is 65
	done
	for field in transactionl Transactional TRANSACTIONAL 'transactional x' \
		'{{text}}' receipt any; do
		template odd 'Subject: x' "Purpose: $field" '' Hello.
		runs crm-mail -t odd --send <all
		status_is 65
	done
	only
}

@test "a second purpose in the head exempts from nothing" {
	template twice 'Subject: x' 'Purpose: marketing' \
		'Purpose: transactional' '' Hello.
	runs crm-mail -t twice --send no@x.es
	only
	template twice 'Subject: x' 'Purpose: transactional' \
		'Purpose: marketing' '' Hello.
	runs crm-mail -t twice --send no@x.es
	only
}

@test "a declared type alone is exempt, of consent and caps and of no objection" {
	crm-consent withdraw -q out@x.es purpose:transactional channel:email
	runs crm-mail -t receipt --send <all
	status_is 0
	only yes@x.es no@x.es
	[ "$(told reason | tr '\n' ' ')" = '  withdrawn suppressed restricted ' ]
	runs crm-mail -t receipt --send -c more yes@x.es
	runs crm-mail -t receipt --send -c again yes@x.es
	only yes@x.es no@x.es yes@x.es yes@x.es
}

@test "Cc and Reply-To name whom they like: the envelope has one recipient" {
	template cc 'Subject: x' 'Cc: no@x.es, out@x.es' \
		'Reply-To: black@x.es' '' Hello.
	runs crm-mail -t cc --send yes@x.es
	status_is 0
	only yes@x.es
}

@test "--test goes to one's own addresses alone, whatever the lines say" {
	local who
	for who in yes@x.es no@x.es 'ana@example.com,no@x.es' \
		'ana@example.com no@x.es' 'no@x.es <ana@example.com>' \
		ana@example.com.x.es '@example.com' ''; do
		runs crm-mail -t offer --test "$who" <all
		[ "$status" -eq 77 ] || [ "$status" -eq 2 ]
	done
	only
}

# ---- lines ----

@test "no label of a line opens it" {
	sed 's/$/\tconsent.email:granted\tcontactable:yes\tstate:granted\tpurpose:transactional\tclass:transactional\tchannel:letter\trestricted:false\tvariant:A\ttouches_7d:0\t_reason:/' \
		held >lines
	runs crm-mail -t offer --send <lines
	status_is 0
	[ "$(told status | sort -u)" = withheld ]
	only
	[ "$(crm-find -c kind:contact restricted:true)" = 1 ]
}

@test "an address in a line is not where it goes, an id is whom it goes to" {
	sed 's/email:[a-z]*@x.es/email:yes@x.es/; s/$/\taddress:yes@x.es/' held >lines
	runs crm-mail -t offer --send <lines
	status_is 0
	only
	grep 'email:yes@' all | sed 's/email:[^	]*/email:no@x.es/; s/$/\taddress:no@x.es\tx.rcpt:no@x.es\tto:no@x.es/' >lines
	runs crm-mail -t offer --send <lines
	status_is 0
	only yes@x.es
}

@test "a line of another kind is judged by its contact" {
	local who
	for who in no out black still; do
		crm-add -q order contact:$who@x.es amount:1 currency:EUR
	done
	crm-find kind:order >orders
	runs crm-mail -t offer --send <orders
	status_is 0
	[ "$(told status | sort -u)" = withheld ]
	# Whom a line names is asked, not whose record it was.
	id=$(crm-find email:yes@x.es -o id)
	sed "s/contact_id:[0-9A-Z]*/contact_id:$id/" orders >lines
	runs crm-mail -t offer --send <lines
	only yes@x.es
}

@test "messages piped back in are lines of their contact, no way around" {
	does yes 'exit 75'
	runs crm-mail -t offer --send <all
	status_is 75
	crm-find kind:message >lines
	sed 's/purpose:marketing/purpose:transactional/; s/status:queued/status:sent/' \
		lines >lied
	runs crm-mail -t offer -c next --send <lied
	only yes@x.es yes@x.es
	[ "$(stored purpose | sort -u)" = marketing ]
}

@test "one who is suppressed is reached by another address of his, not by that" {
	crm-edit -q black@x.es email+:white@x.es
	runs crm-mail -t offer --send black@x.es
	status_is 0
	only white@x.es
}

# ---- the ledger ----

@test "a message is changed by crm-mail alone" {
	local change message
	does yes 'exit 75'
	crm-mail -q -t offer --send yes@x.es || [ $? -eq 75 ]
	message=$(crm-find kind:message -o id)
	for change in x.rcpt:no@x.es address:no@x.es purpose:transactional \
		status:sent attempt:0 contact:no@x.es x.note:a; do
		runs crm-edit "$message" "$change"
		gives 77 '' 'crm-edit: a message is never changed but by crm-mail and crm-log'
	done
	crm-find kind:message | sed 's/purpose:marketing/purpose:transactional/' >line
	runs crm-edit - <line
	status_is 77
	runs crm-add message - --key msgid <line
	status_is 77
	EDITOR=false runs crm-edit "$message"
	[ "$status" -ne 0 ]
	runs crm-rm "$message"
	status_is 77
	err_is <<-EOT
		crm-rm: $(tail -c 5 <<<"$message") yes@x.es is a message, which stays as long as its contact; crm-mail cancel takes out what is queued
	EOT
	rm "$SM/yes@x.es.do"
	CRM_NOW=2026-03-02T09:01:00Z runs crm-mail retry
	status_is 0
	only yes@x.es yes@x.es
}

@test "a campaign does not forget whom it wrote to" {
	runs crm-mail -t offer --send <all
	campaign=$(crm-find kind:campaign -o id)
	runs crm-rm "$campaign"
	status_is 65
	runs crm-rm "$campaign" --cascade
	status_is 65
	runs crm-rm "$campaign" --detach
	status_is 65
	runs crm-edit "$campaign" name:other
	CRM_NOW=2026-03-20T00:00:00Z runs crm-mail -t offer -c other --send <all
	only yes@x.es
}

@test "a message that was not queued by crm-mail is not sent" {
	local campaign id
	campaign=$(crm-add campaign name:offer -o id)
	id=$(crm-find email:no@x.es -o id)
	crm-add -q message contact_id:"$id" campaign_id:"$campaign" \
		address:no@x.es status:queued purpose:transactional \
		x.rcpt:black@x.es x.sender:ana@example.com
	runs crm-mail -t offer --send <all
	only yes@x.es
	[ "$(told address,status | grep no@x.es)" = 'no@x.es refused' ]
	runs crm-mail retry
	runs crm-mail retry --failed --in-doubt
	only yes@x.es
}

@test "undo takes back no mail, no withdrawal that mail obeyed lets it out twice" {
	runs crm-mail -t offer --send yes@x.es
	runs crm-undo
	status_is 77
	runs crm-undo --force
	[ "$status" -ne 0 ]
	runs crm-mail -t offer --send yes@x.es
	only yes@x.es
}

# ---- between queue and sendmail ----

# waits: the offer waits for `yes`, who was not reached at nine.
waits() {
	does yes 'exit 75'
	crm-mail -q -t offer --send yes@x.es || [ $? -eq 75 ]
	rm "$SM/yes@x.es.do" "$SM/sent"
	export CRM_NOW=2026-03-02T09:01:00Z
}

# held_by REASON: neither retry nor a run sends it.
held_by() {
	local how
	runs crm-mail retry
	status_is 0
	[ "$(told status,reason)" = "withheld $1" ]
	for how in '' --failed --in-doubt; do
		# shellcheck disable=SC2086
		runs crm-mail retry $how offer
		gives 0
	done
	only
	[ "$(crm-find -c kind:message)" = 0 ]
	[ -z "$(find "$XDG_DATA_HOME/crm.outbox" -name '*.eml')" ]
}

@test "withdrawn while it waited" {
	waits
	crm-consent withdraw -q yes@x.es
	held_by withdrawn
	runs crm-mail -t offer --send yes@x.es
	only
}

@test "suppressed while it waited" {
	waits
	crm-consent suppress -q yes@x.es
	held_by suppressed
}

@test "restricted while it waited" {
	waits
	crm-edit -q yes@x.es restricted:true
	held_by restricted
}

@test "the grant ran out while it waited" {
	person brief
	crm-consent grant -q brief@x.es channel:email at:2026-01-01T00:00:00Z \
		expires:2026-03-02T09:00:30Z
	does brief 'exit 75'
	crm-mail -q -t offer --send brief@x.es || [ $? -eq 75 ]
	rm "$SM/brief@x.es.do" "$SM/sent"
	CRM_NOW=2026-03-02T09:01:00Z held_by expired
}

@test "called and met while it waited: the cap is full" {
	waits
	crm-log -q call yes@x.es dir:out
	crm-log -q meeting yes@x.es dir:out
	held_by cap
}

@test "the policy is what it is when it goes out" {
	waits
	echo 'caps: [0/7d]' | crm-consent policy -q -
	held_by cap
}

@test "quiet hours that began while it waited" {
	waits
	echo 'channels: {email: {quiet: 9-17}}' | crm-consent policy -q -
	held_by quiet-hours
}

@test "his last address went while it waited; the person went" {
	waits
	crm-edit -q yes@x.es email-:yes@x.es email+:new@x.es
	runs crm-mail retry
	status_is 0
	[ "$(told status,reason)" = 'withheld changed' ]
	runs crm-mail -t offer --send new@x.es
	only new@x.es
	rm "$SM/sent"
	does new 'exit 75'
	CRM_NOW=2026-03-12T09:00:00Z runs crm-mail -t offer -c b --send new@x.es
	status_is 75
	rm "$SM/sent" "$SM/new@x.es.do"
	crm-rm -q --cascade new@x.es
	CRM_NOW=2026-03-12T10:00:00Z runs crm-mail retry
	gives 0
	only
}

@test "what failed or is in doubt is asked again too" {
	local code
	for code in 67 76; do
		person p$code
		crm-consent grant -q p$code@x.es channel:email \
			at:2026-01-01T00:00:00Z
		does p$code "exit $code"
		crm-mail -q -t offer --send p$code@x.es || [ $? -eq 1 ]
		crm-consent withdraw -q p$code@x.es
	done
	rm "$SM/sent"
	runs crm-mail retry --failed --in-doubt
	[ "$(told status,error | sort)" = 'failed withheld: withdrawn
in-doubt withheld: withdrawn' ]
	only
}

# ---- two at once ----

@test "two campaigns at once, a cap of one: one mail" {
	local i one two
	echo 'caps: [1/7d]' | crm-consent policy -q -
	# The first holds the line while the second comes.
	mkfifo "$SM/in" "$SM/go"
	does yes 'echo in >$SM/in; read x <$SM/go'
	crm-mail -t offer -c one --send yes@x.es >first &
	one=$!
	read -r _ <"$SM/in"
	runs crm-mail -t offer -c two --send yes@x.es
	status_is 0
	[ "$(told status,reason)" = 'withheld cap' ]
	echo go >"$SM/go"
	wait $one
	only yes@x.es
	# And both ready before either claims, again and again.
	for i in 1 2 3 4; do
		person q$i
		crm-consent grant -q q$i@x.es channel:email \
			at:2026-01-01T00:00:00Z
	done
	rm "$SM/sent"
	crm-find kind:contact given:q >some
	crm-mail -q -t offer -c three --send --jobs 4 <some &
	one=$!
	CRM_SEED=2 crm-mail -q -t offer -c four --send --jobs 4 <some &
	two=$!
	wait $one
	wait $two
	[ "$(sort "$SM/sent" | tr '\n' ' ')" = \
		'q1@x.es q2@x.es q3@x.es q4@x.es ' ]
}

@test "a cap of two holds within one run of many steps, too" {
	local i
	for i in 1 2 3 4 5; do
		crm-mail -q -t offer --step "$i" --send yes@x.es
		crm-mail -q -t offer -c "c$i" --send yes@x.es
	done
	only yes@x.es yes@x.es
}

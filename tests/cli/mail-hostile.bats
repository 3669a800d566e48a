#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What others put into names, lines, templates and sendmail's words: refused,
# or harmless in the mail, the mbox, on the terminal and in notes.

load helper

setup() {
	crm_setup
	export SM=$BATS_TEST_TMPDIR/sm
	TEMPLATES=$XDG_CONFIG_HOME/crm/templates
	mkdir -p "$SM" "$TEMPLATES"
	export CRM_SENDMAIL=$SM/sendmail
	cat >"$CRM_SENDMAIL" <<-'EOT'
		#!/bin/sh
		printf '[%s]' "$@" >>"$SM/calls"
		echo >>"$SM/calls"
		cat >"$SM/mail"
		[ ! -f "$SM/says" ] || { cat "$SM/says" >&2; exit 65; }
	EOT
	chmod +x "$CRM_SENDMAIL"
	config
	crm-add -q contact given:Bo email:bo@x.es
	crm-consent grant -q bo@x.es channel:email at:2026-01-01T00:00:00Z
	crm-find email:bo@x.es >bo
	BO=$(crm-find email:bo@x.es -o id | tail -c 5)
}

# config [LINE ...]
config() {
	printf '%s\n' "unsubscribe: ['mailto:unsub@example.com']" \
		"${@:-from: Ana <ana@example.com>}" \
		>"$XDG_CONFIG_HOME/crm/config.yaml"
	chmod 600 "$XDG_CONFIG_HOME/crm/config.yaml"
}

template() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$TEMPLATES/$name.txt"
}

# with TEXT: Bo's line with that text, which is written as in a line.
with() {
	sed "s/\$/	text:/" bo | tr -d '\n'
	printf '%s\n' "$1"
}

# head_of FILE: its header.
head_of() {
	sed '/^$/q' "$1"
}

# no_more: nobody was written to.
no_more() {
	[ ! -e "$SM/calls" ]
}

# plain FILE: no control character but line ends, nothing that turns text round.
plain() {
	lacks "$1" -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]'
}

# lacks FILE GREP-ARGUMENT ...: no line of it is found by these.
lacks() {
	local file=$1
	shift
	if LC_ALL=C grep -n "$@" "$file"; then
		both_outputs
		return 1
	fi
}

@test "a line end in data makes no head field, wherever it comes to stand" {
	local field text
	for field in 'Subject: {{text}}' 'X-A: {{text}}' 'Cc: {{text}}' \
		'Reply-To: {{text}}' 'Reply-To: "{{text}}" <ana@example.com>' \
		'From: {{text}} <ana@example.com>' 'List-Id: <{{text}}.x>' \
		'Attach: {{text}}'; do
		template t "$field" '' Hi
		[[ $field == Subject* ]] || template t 'Subject: x' "$field" '' Hi
		for text in 'a\r\nBcc: all@x.es' 'a\nBcc: all@x.es' \
			'a\rBcc: all@x.es' 'a\r\n\r\nBcc: all@x.es' \
			'=?utf-8?q?a=0D=0ABcc:_all@x.es?=' \
			'=?utf-8?b?YQ0KQmNjOiBhbGxAeC5lcw==?=' \
			'=?utf-8?q?a=0?= =?utf-8?q?D=0ABcc:_all@x.es?='; do
			with "$text" >line
			runs crm-mail -t t --attach-dir . --send <line
			if [ "$status" -eq 0 ]; then
				# Its two halves are no encoded word.
				head_of "$SM/mail" >fields
				lacks fields -i '^Bcc'
				rm "$SM/calls" "$SM/mail"
			else
				status_is 1
				no_more
			fi
			crm-mail -t t --attach-dir . --mbox out <line 2>/dev/null ||
				[ $? -eq 1 ]
			head_of out >fields
			lacks fields -i '^Bcc'
		done
	done
}

@test "what is refused is told in one line" {
	template t 'Subject: {{text}}' '' Hi
	with 'a\r\ncrm-mail: 9 sent\n' >line
	runs crm-mail -t t --send <line
	status_is 1
	err_is "crm-mail: stdin:1: $BO Bo: Subject: a line break or another control character in 'a\\x0d\\x0acrm-mail: 9 sent'"
	crm-edit -q bo@x.es name:$'Bo\ncrm-mail: 9 sent'
	runs crm-mail -t t --send <line
	status_is 1
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "crm-mail: stdin:1: $BO Bo\\x0acrm-mail: 9 sent: Subject: "* ]]
	runs crm-rm bo@x.es
	status_is 65
	[ "${#stderr_lines[@]}" -eq 1 ]
	no_more
}

@test "template data is data: holes, partials and entities in it stay text" {
	template t 'Subject: {{text}}' '' '{{text}} {{> sign}}'
	template sign 'me'
	printf '<p>{{text}}</p>\n' >"$TEMPLATES/t.html"
	with '{{email}}{{> sign}}{{=<% %>=}}<%email%> &amp; <b>' >line
	runs crm-mail -t t --send <line
	status_is 0
	head_of "$SM/mail" | tr -d '\n' >fields
	grep -qF '{{email}}{{> sign}}{{=<% %>=}}<%email%> &amp; <b>' fields
	grep -qF '{{email}}{{> sign}}{{=<% %>=}}<%email%> &amp; <b> me' "$SM/mail"
	grep -qF '{{email}}{{&gt; sign}}{{=&lt;% %&gt;=}}&lt;%email%&gt; &amp;amp; &lt;b&gt;' <(
		/usr/bin/python3 -c '
import email, email.policy, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
print(m.get_body(("html",)).get_content())' <"$SM/mail"
	)
}

@test "an address that looks like an option is none: recipient, sender, bounce" {
	local how
	crm-add -q contact given:Opt email:-oQ/tmp@x.es
	crm-consent grant -q -- -oQ/tmp@x.es channel:email at:2026-01-01T00:00:00Z ||
		crm-add -q consent contact:-oQ/tmp@x.es purpose:marketing \
			channel:email state:granted at:2026-01-01T00:00:00Z
	template t 'Subject: x' '' Hi
	crm-find given:opt >opt
	runs crm-mail -t t --send <opt
	status_is 1
	no_more
	template t 'Subject: x' 'From: -oQ@example.com' '' Hi
	runs crm-mail -t t --send <bo
	status_is 65
	template t 'Subject: x' '' Hi
	for how in 'from: -oQ@example.com' 'from: "<-oQ@example.com>"' \
		"from: 'Ana <-f@example.com>'"; do
		config "$how"
		runs crm-mail -t t --send <bo
		status_is 78
	done
	config 'from: ana@example.com' 'bounce: -oQ@example.com'
	runs crm-mail -t t --send <bo
	status_is 78
	no_more
	# What stands behind the address is no second one.
	config 'from: ana@example.com'
	runs crm-mail -t t --send <bo
	[ "$(cat "$SM/calls")" = '[-i][-f][ana@example.com][--][bo@x.es]' ]
}

@test "sendmail's words are told in one line without escapes" {
	template t 'Subject: x' '' Hi
	printf 'a\033[31mred\r\ncrm-mail: 9 sent\nb\302\233c\342\200\256d\000e\377' \
		>"$SM/says"
	runs crm-mail -t t --send <bo
	status_is 1
	plain "$OUT"
	[ "${#lines[@]}" -eq 1 ]
	plain "$ERR"
	runs crm-mail status t
	status_is 0
	plain "$OUT"
	[ "${#lines[@]}" -eq 1 ]
	on_terminal 80 crm-mail status t >shown
	lacks shown -P '\x1b\[31mred|[\r\n]crm-mail|^crm-mail'
}

@test "ESC and bidi in names and text: no terminal obeys them" {
	crm-edit -q bo@x.es name:$'Bo\u202e\u2066Lind' title:$'x\u200fy'
	template t 'Subject: {{name}} {{text}}' '' '{{title}}' '{{body}}'
	crm-find email:bo@x.es | tr -d '\n' >line
	printf '\ttext:a\ttitle:\033[31mred\033]0;owned\a\tbody:\302\2331mx\n' >>line
	cp line "$BATS_TEST_TMPDIR/line"
	on_terminal 80 sh -c 'crm-mail -t t <"$BATS_TEST_TMPDIR/line"' >shown
	lacks shown -P '\x1b\[31mred|\x1b\]0|\xc2\x9b|\xe2\x80\xae|\xe2\x81\xa6'
	[ -s shown ]
	# In the mail they are what they are: the reader's program judges.
	runs crm-mail -t t --mbox out <line
	[ "$status" -eq 0 ] || status_is 1
	plain "$ERR"
	# A note, and the progress of a run, name a campaign.
	runs crm-mail -t t -c $'a\033[31mb' --send <line
	status_is 65
	plain "$ERR"
	runs crm-mail -t t --step $'a\033[31mb' --send <line
	gives 65 '' 'crm-mail: --step: byte 2 is the control character \x1B, wanted text'
	runs crm-mail --arm $'a\033=t' --send <line
	status_is 65
	sed $'s/$/\tvariant:a\033[31m/' bo >line
	runs crm-mail -t t --send <line
	gives 65 '' 'crm-mail: stdin:1: variant: byte 2 is the control character \x1B, wanted text'
	no_more
}

@test "From at the start of a line is quoted in an mbox, and so is what was" {
	template t 'Subject: x' '' '{{text}}' '.'
	with 'From a\nFrom b\n>From c\n\nFrom d@x.es Mon Mar  2 09:00:00 2026\nTo: e' >line
	runs crm-mail -t t <line
	status_is 0
	[ "$(grep -c '^From ' "$OUT")" = 1 ]
	[ "$(grep -c '^>From ' "$OUT")" = 3 ]
	grep -qx '>>From c' "$OUT"
}

@test "templates and partials come from their folder, and end" {
	local word
	mkdir secrets
	echo 'Subject: secret' >secrets/s.txt
	ln -s "$PWD/secrets/s.txt" "$TEMPLATES/link.txt"
	for word in '../s' '/etc/passwd' 'a/b' '..' '.' "$PWD/secrets/s.txt"; do
		template t 'Subject: x' '' "{{> $word}}"
		runs crm-mail -t t <bo
		status_is 65
		[ ! -s "$OUT" ]
	done
	template t 'Subject: x' '' '{{> t}}'
	runs crm-mail -t t <bo
	status_is 1
	template a 'Subject: x' '' '{{> b}}{{> b}}'
	template b '{{> c}}{{> c}}{{> c}}{{> c}}{{> c}}{{> c}}{{> c}}{{> c}}'
	template c '{{> b}}'
	runs timeout 20 crm-mail -t a <bo
	[ "$status" -eq 1 ] || status_is 65
	mkfifo fifo.txt
	for word in ./fifo.txt /dev/zero /dev/null . / ./none ../../etc/passwd; do
		runs timeout 5 crm-mail -t "$word" <bo
		[ "$status" -eq 65 ] || status_is 66
	done
	no_more
}

@test "attachments lie below --attach-dir: no .., no link, no pipe, no device" {
	local path
	mkdir -p at/deep
	echo secret >secret.txt
	echo fine >at/deep/a.txt
	ln -s ../secret.txt at/link
	ln -s .. at/up
	ln -s "$PWD" at/here
	mkfifo at/fifo
	for path in ../secret.txt at/../secret.txt "$PWD/secret.txt" link \
		up/secret.txt here/secret.txt deep/../../secret.txt \
		./link fifo deep . .. /dev/zero '~'/x; do
		template t 'Subject: x' "Attach: $path" '' Hi
		runs timeout 5 crm-mail -t t --attach-dir at --send <bo
		status_is 1
		template t 'Subject: x' 'Attach: {{text}}' '' Hi
		with "$path" >line
		runs timeout 5 crm-mail -t t --attach-dir at --send <line
		status_is 1
	done
	template t 'Subject: x' 'Attach: deep/a.txt' '' Hi
	runs crm-mail -t t --send <bo
	[ "$status" -ne 0 ]
	no_more
	runs crm-mail -t t --attach-dir at --send <bo
	status_is 0
	grep -q 'filename.*a\.txt' "$SM/mail"
	lacks "$SM/mail" deep
}

@test "bytes that are no UTF-8, NULs, a line of a megabyte: refused or composed" {
	template t 'Subject: x' '' '{{text}}'
	printf '%s\ttext:a\377b\n' "$(cat bo)" >line
	runs crm-mail -t t --send <line
	status_is 65
	printf '%s\ttext:a\0b\n' "$(cat bo)" >line 2>/dev/null
	runs crm-mail -t t --send <line
	[ "$status" -eq 65 ] || status_is 0
	rm -f "$SM/calls"
	with "$(head -c 1000000 /dev/zero | tr '\0' x)" >line
	runs crm-mail -t t --send <line
	status_is 0
	awk 'length > 998 { exit 1 }' "$SM/mail"
	template t 'Subject: {{text}}' '' Hi
	runs crm-mail -t t --send -c long <line
	[ "$status" -eq 0 ] || status_is 1
	awk 'length > 998 { exit 1 }' "$SM/mail"
}

@test "the link to unsubscribe is ours, whatever the line calls so" {
	template t 'Subject: x' '' '{{unsubscribe}}'
	sed 's/$/	unsubscribe:https:\/\/evil.example\//' bo >line
	runs crm-mail -t t --send <line
	status_is 0
	lacks "$SM/mail" evil
	grep -q '^mailto:unsub+' "$SM/mail"
}

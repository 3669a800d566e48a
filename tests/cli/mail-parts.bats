#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What other programs read of the mails that crm-mail composes: Python's email
# package without a defect, mblaze and munpack the same parts.

load helper

setup() {
	crm_setup
	T=$XDG_CONFIG_HOME/crm/templates
	mkdir -p "$T" files
	cat >"$XDG_CONFIG_HOME/crm/config.yaml" <<-'EOT'
		from: Ana Núñez <ana@example.com>
		bounce: bounces@example.com
		unsubscribe: ['https://example.com/u/', 'mailto:unsub@example.com']
	EOT
	chmod 600 "$XDG_CONFIG_HOME/crm/config.yaml"
	printf 'a;b\n' >'files/Lista de precios ñ.csv'
	printf 'PNG\0\377' >files/logo.png
	printf 'Subject: {{name}}\nX-Name: {{name}}\n\nHello {{name}}\n.\nFrom here\n' \
		>"$T/plain.txt"
	{
		echo 'Subject: {{name}}, our prices'
		echo 'From: "{{name}}" <sales@example.com>'
		echo 'Attach: logo.png'
		echo 'Attach: Lista de precios ñ.csv'
		echo
		echo 'Hello {{name}}'
	} >"$T/full.txt"
	printf '<p title="{{name}}">{{name}}</p><img src="cid:logo.png">\n' \
		>"$T/full.html"
}

# person ADDRESS NAME: with consent to marketing by email
person() {
	crm-add -q contact email:"$1" name:"$2"
	crm-add -q consent contact:"$1" purpose:marketing channel:email \
		state:granted at:2026-01-01T00:00:00Z
}

# makes TEMPLATE [OPTION ...]: mails to all, into the file mails
makes() {
	crm-find kind:contact >all
	crm-mail -t "$@" <all >mails
}

# reads FILE ...: what Python reads
reads() {
	runs /usr/bin/python3 -X utf8 "$CRM_TOP/tests/mail_parts.py" "$@"
	status_is 0
	err_empty
}

@test "Python reads a plain mail without a defect" {
	person ines@example.com 'Inés Ortiz'
	makes plain
	reads mails
	out_is <<-'EOT'
		From: Ana Núñez <ana@example.com>
		To: ines@example.com
		Subject: Inés Ortiz
		List-Id: <marketing.example.com>
		Precedence: bulk
		List-Unsubscribe-Post: List-Unsubscribe=One-Click
		text/plain
		| Hello Inés Ortiz
		| .
		| >From here
	EOT
}

@test "Python reads parts and file names without a defect" {
	person ines@example.com 'Inés "la jefa" <Ortiz>, hija'
	makes full --attach-dir files
	reads mails
	out_is <<-'EOT'
		From: "Inés 'la jefa' Ortiz , hija" <sales@example.com>
		To: ines@example.com
		Subject: Inés "la jefa" <Ortiz>, hija, our prices
		List-Id: <marketing.example.com>
		Precedence: bulk
		List-Unsubscribe-Post: List-Unsubscribe=One-Click
		multipart/mixed
		  multipart/alternative
		    text/plain
		    | Hello Inés "la jefa" <Ortiz>, hija
		    multipart/related
		      text/html
		      | <p title="Inés &quot;la jefa&quot; &lt;Ortiz&gt;, hija">Inés &quot;la jefa&quot; &lt;Ortiz&gt;, hija</p><img src="cid:logo.png">
		      image/png inline logo.png cid <logo.png>
		      | 5 bytes
		  text/csv attachment Lista de precios ñ.csv
		  | a;b
	EOT
}

@test "names made to hurt come out as they went in" {
	n=0
	while IFS= read -r name; do
		n=$((n + 1))
		person "p$n@example.com" "$name"
		echo "Subject: $name"
	done >want <<-'EOT'
		O'Brien & Söhne
		Ruiz, Ana; "Anita" (jefa)
		日本語の名前とても長い名前とても長い名前とても長い名前
		José Ñandú Ángel Íñigo Óscar Úrsula Águeda Élida Ívar
		=?utf-8?q?x?= =?y
		a {{b}} {{{c}}}
		éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé
		From here
		.
		-t
	EOT
	makes plain
	reads mails
	grep '^Subject: ' "$OUT" >got
	same want got
	makes full --attach-dir files
	reads mails
	[ "$(grep -c '^From: ' "$OUT")" = 10 ]
}

@test "recipients made to hurt are the recipients" {
	local64=$(printf '%064d' 1)
	for to in "o'brien+x@example.com" '"a,b c"@example.com' 'x@münchen.de' \
		"$local64@example.com" '{x}|y@example.com'; do
		person "$to" X
	done
	makes plain
	reads mails
	grep '^To: ' "$OUT" >got
	printf 'To: %s\n' "o'brien+x@example.com" '"a,b c"@example.com' \
		x@xn--mnchen-3ya.de "$local64@example.com" '{x}|y@example.com' \
		>want
	same want got
}

@test "munpack and mblaze see the parts that Python sees" {
	person ines@example.com Inés
	makes full --attach-dir files --maildir D
	set -- D/*/*
	[ $# = 1 ]
	mkdir parts
	(cd parts && munpack -q -t -f ../"$1") >got
	printf '%s\n' 'part1 (text/plain)' 'part2 (text/html)' \
		'logo.png (image/png)' 'part3 (text/csv)' >want
	same want got
	printf 'PNG\0\377' | cmp - parts/logo.png
	mshow -t ./"$1" | sed '1d; s/^ *[0-9]*: //; s/ size=[0-9]*//' >got
	printf '%s\n' multipart/mixed multipart/alternative text/plain \
		multipart/related text/html 'image/png name="logo.png"' \
		'text/csv name="Lista de precios ñ.csv"' >want
	same want got
	mhdr -d -h subject ./"$1" >got
	echo 'Inés, our prices' >want
	same want got
}

@test "a line break in a value is refused, however it is hidden" {
	for name in '=?utf-8?q?x=0D=0ABcc:_e@v.il?=' '=?utf-8?b?eAo=?='; do
		person x@example.com "$name"
		crm-find kind:contact >all
		runs crm-mail -t plain <all
		[ "$status" != 0 ]
		grep -q 'control character' "$ERR" "$OUT"
		run ! grep -q '^Subject: ' "$OUT"
		crm-rm -q --yes --cascade x@example.com
	done
}

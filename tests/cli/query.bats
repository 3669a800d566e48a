#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The query language as the shell hands it over: crm-query(7).
load helper

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
	crm-add -q company name:'Acme, S.L. (Spain)' domain:acme.es city:Madrid
	crm-add -q contact - <<-'EOT'
	name:Ana Núñez	email:ana@acme.es	tag:vip	stage:customer	city:Málaga	company:acme.es	birthday:1990-03-04
	name:Peña Gil	email:pena@x.example	tag:press	stage:lead	city:Málaga Este	url:https://acme.es/x
	name:Pena Ruiz	email:pr@x.example	tag:vip	tag:press	city:Madrid	phone:+34600111222
	name:Hans Straße	email:hans@y.example	city:Berlin	note:see https://acme.es/x	birthday:1980-12-30
	EOT
	crm-log -q call ana@acme.es dir:out at:2026-02-20T10:00:00Z 'asked for a quote'
	crm-log -q order contact:ana@acme.es at:2026-02-01 amount:600 currency:EUR item:'A-100*2@300'
	crm-log -q order contact:ana@acme.es at:2025-02-01 amount:50 currency:EUR
	crm-log -q order contact:pr@x.example at:2025-12-24 amount:20 currency:EUR
}

# finds NAMES WORD ...: crm-find WORD ... gives these first names, in order;
# the same from lines on stdin
finds() {
	local want=$1
	shift
	runs crm-find -o value -F name "$@"
	status_is 0
	err_empty
	[ "$(sed 's/.* //' "$OUT" | tr '\n' ' ')" = "${want:+$want }" ] && return
	echo "wanted: $want"
	both_outputs
	return 1
}

# wrong MESSAGE WORD ...: refused with 2 and exactly this
wrong() {
	local want=$1
	shift
	runs crm-find "$@"
	gives 2 '' "$want"
}

@test "each row of the table of arguments means what it says" {
	finds Núñez 'name:Ana Núñez'
	finds Núñez 'company:Acme, S.L. (Spain)'
	finds 'Núñez Gil Ruiz' tag:vip,press
	finds Ruiz '(stage:lead or tag:vip) city:madrid'
	finds Straße https://acme.es/x
	finds Núñez ana@acme.es
}

@test "an expression in one word is refused with the cure" {
	wrong "crm-find: query: 'stage:lead or tag:vip' is one word of the command line; say -e 'stage:lead or tag:vip', or separate words: stage:lead or tag:vip" \
		'stage:lead or tag:vip'
	runs crm-find 'tag:vip city:madrid'
	status_is 2
	[[ $stderr == *"-e 'tag:vip city:madrid'"* ]]
}

@test "words are joined by AND, or binds loosest" {
	finds Ruiz tag:vip city:madrid
	finds 'Núñez Ruiz' stage:customer or city:madrid tag:vip
	finds 'Gil Straße' not tag:vip
	finds 'Gil Straße' NOT tag:vip
	finds Gil tag:press and not city:madrid
	finds 'Núñez Straße' '(' tag:vip or city:berlin ')' not city:madrid
}

@test "accents and case hide nobody, typed accents count" {
	finds Núñez nunez
	finds Núñez NUNEZ
	finds Núñez núñez
	finds '' núnéz
	finds 'Gil Ruiz' pena
	finds 'Gil Ruiz' PENA
	finds Gil peña
	finds Gil PEÑA
	finds Straße strasse
	finds Straße straße
	finds Straße name:STRASSE
	finds 'Núñez Gil' city:malaga
}

@test "= compares the bytes, : the words" {
	finds Núñez 'city=Málaga'
	finds '' 'city=malaga'
	finds 'Ruiz Straße' 'city!=Málaga'
	finds 'Núñez Ruiz' 'email~^(ana|pr)@'
	finds 'Gil Ruiz' 'email:*@x.*'
	finds 'Gil Ruiz' email:@x.example
}

@test "derived fields are terms; a number that is absent is 0" {
	finds Núñez orders:2..
	finds Ruiz orders:1
	finds 'Gil Straße' orders:0
	finds Núñez revenue:600..
	finds Núñez last_contact:-30d..
	finds '' last_contact:..-30d
	finds 'Gil Ruiz Straße' not last_contact:-30d..
}

@test "dotted fields reach through a reference" {
	finds Núñez company.city:madrid
	finds Núñez order.amount:500..
	finds Núñez call.at:-30d..
	runs crm-find -c kind:order contact.stage:customer
	gives 0 2
}

@test "has, no, count and sum look at the events" {
	finds Núñez 'has(call)'
	finds Núñez 'has(order amount:500.. at:-90d..)'
	finds 'Gil Ruiz Straße' 'no(call dir:out at:-14d..)'
	finds Núñez 'no(call dir:in)' 'has(call)'
	finds Núñez 'count(order):2..'
	finds 'Gil Straße' 'count(order):0'
	finds Núñez 'sum(order.amount at:thisyear):600'
	finds 'Gil Straße' 'sum(order.amount):0'
	finds Núñez 'has(order item:A-100)'
	runs crm-find -o value -F name kind:company 'has(contact has(order at:-30d..))'
	gives 0 'Acme, S.L. (Spain)'
	finds 'Ruiz' has:phone
	finds 'Núñez Ruiz Straße' has:phone,birthday
	finds Gil no:phone,birthday
}

@test "dates name periods; birthdays come round" {
	finds Núñez birthday:today..+7d
	finds Straße birthday:-80d..today
	finds 'Núñez Gil Ruiz Straße' created:today
	finds '' created:..yesterday
	finds Ruiz last_order:2025-12
	finds Ruiz last_order:2025-Q4
}

@test "a query names its kinds, or means contacts" {
	runs crm-find -c kind:contact,company acme
	gives 0 3
	runs crm-find -c kind:company
	gives 0 1
	runs crm-find -c id:01KJPWD6M0CZP8WSD1HQNVWQJP
	gives 0 1
}

@test "what needs no quotes needs none in bash, dash and zsh" {
	local shell
	for shell in bash dash zsh; do
		command -v $shell >/dev/null || continue
		[ "$($shell -c 'crm-find -c tag:vip,press not city:madrid')" = 2 ]
		[ "$($shell -c 'crm-find -c revenue:100..')" = 1 ]
		[ "$($shell -c 'crm-find -c tag:vip or orders:10..')" = 2 ]
		[ "$($shell -c 'crm-find -c has:phone')" = 1 ]
		[ "$($shell -c 'crm-find -c city!=Madrid')" = 3 ]
		[ "$($shell -c 'crm-find -c city=Madrid')" = 1 ]
		[ "$($shell -c "crm-find -c 'has(call)'")" = 1 ]
	done
	for shell in bash dash; do
		[ "$($shell -c 'crm-find -c email:*@x.example')" = 2 ]
	done
}

@test "zsh stops at an unquoted glob, and a comparison makes a file" {
	bash -c 'crm-find -c orders>=2' >out || :
	[ -e =2 ]
	needs zsh
	run zsh -c 'crm-find -c email:*@acme.com'
	[[ $output == *'no matches found'* ]]
}

@test "an unknown name is 2, with the nearest and a caret" {
	wrong "crm-find: query: unknown field 'stgae' in 'stgae:lead'; did you mean 'stage'?
  tag:vip stgae:lead
          ^~~~~" tag:vip stgae:lead
	wrong "crm-find: query: unknown field 'stgae' in 'stgae:lead'; did you mean 'stage'?" stgae:lead
	wrong "crm-find: query: unknown kind 'contcat' in 'kind:contcat'; did you mean 'contact'?" kind:contcat
	wrong "crm-find: query: stage: got 'custmer'; did you mean 'customer'?
Stages: lead, qualified, customer, former." stage:custmer
	wrong "crm-find: query: unknown kind or activity type 'oder' in 'has(oder amount:1..)'; did you mean 'order'?
  has(oder amount:1..)
      ^~~~" 'has(oder amount:1..)'
	wrong "crm-find: query: unknown segment '@vip'" @vip
	wrong "crm-find: query: unknown field 'stgae' in 'stgae:lead'; did you mean 'stage'?
  name:Núñez stgae:lead
             ^~~~~" name:Núñez stgae:lead
}

@test "syntax errors have the same form" {
	runs crm-find 'tag:vip,'
	status_is 2
	out_empty
	[[ $stderr == "crm-find: query: nothing after ','"* ]]
	for q in '(tag:vip' 'tag:vip)' 'not' 'tag:vip or' 'has(' 'count(order)' \
		'score:70...' 'email~[' 'orders:x' 'created:2025-13' 'created:1m'; do
		runs crm-find -e "$q"
		status_is 2
		out_empty
		[[ $stderr == 'crm-find: query: '* ]]
		[ "$(wc -l <"$ERR")" -le 3 ]
	done
}

@test "a hundred thousand parentheses are refused, not followed" {
	runs sh -c 'head -c 60000 /dev/zero | tr "\0" "(" >deep; crm-find -f deep'
	status_is 2
	out_empty
	runs sh -c 'head -c 100000 /dev/zero | tr "\0" "(" >deep; crm-find -f deep'
	out_empty
	[ "$status" -ne 0 ] && [ "$status" -lt 126 ]
}

# SPDX-License-Identifier: MIT
# Upsert (INTEGRATIONS.md 1), through crm-add --key: lines that meet one record
# are folded, then compared with the store.
# shellcheck disable=SC2154 # helper.bash sets stderr and stderr_lines
load helper

# ops: how many operations the store has seen.
ops() {
	crm-db stat -F ops
}

# people: N people of two lines each, sharing addresses, numbers or both.
people() {
	awk -v n="$1" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "ext:s/%d\temail:u%d@a.es\tname:N%d\ttag:t%d\n",
			    i, i, i, i % 7
		for (i = n; i >= 1; i--)
			printf "email:U%d@a.es\tcity:C%d\ttag:z\n", i, i % 5
	}'
}

@test "a second run writes no operation, whatever the lines fold to" {
	people 300 >in
	runs crm-add --verbose - --key ext,email -F name <in
	status_is 0
	err_is 'crm-add: added 300, changed 0, unchanged 0'
	[ "$(ops)" = ops:1 ]
	runs crm-add --verbose - --key ext,email -F name <in
	status_is 0
	err_is 'crm-add: added 0, changed 0, unchanged 300'
	[ "$(ops)" = ops:1 ]
	runs crm-find -c rev:1
	gives 0 300
}

@test "what a later line takes back is not written" {
	crm-add -q name:Ana ext:s/1 city:Vigo
	runs crm-add --verbose - --key ext -F rev,city <<<$'ext:s/1\tcity:Lugo\ttag:x\next:s/1\tcity:Vigo\ttag-:x'
	status_is 0
	out_is $'rev:1\tcity:Vigo'
	err_is 'crm-add: added 0, changed 0, unchanged 1'
	[ "$(ops)" = ops:1 ]
}

@test "lines about different people may come in any order" {
	awk 'BEGIN { for (i = 0; i < 200; i++)
		printf "ext:s/%d\temail:u%d@a.es\tname:N%d\n", i, i, i }' >in
	shuf --random-source=in in >shuffled
	crm-add -q - --key ext <in
	crm-find -F ext,email,name,rev --sort ext >first
	runs crm-add --verbose - --key email,ext <shuffled
	err_is 'crm-add: added 0, changed 0, unchanged 200'
	CRM_DB=$PWD/other crm-add -q - --key ext,email <shuffled
	CRM_DB=$PWD/other crm-find -F ext,email,name,rev --sort ext >second
	same first second
}

@test "a line that would join two people of its own file is refused alone" {
	printf '%s\n' $'ext:s/1\tname:Ana' $'email:bo@a.es\tname:Bo' \
		$'ext:s/1\temail:bo@a.es' $'ext:s/1\tcity:Vigo' >in
	runs crm-add - --key ext,email --keep-going -F name,city <in
	status_is 1
	out_is $'name:Ana\tcity:Vigo' name:Bo
	err_is 'crm-add: stdin:3: ext, email: the values are of two records: Ana and Bo' \
		'If they are one, join them with crm-merge.'
	runs crm-add -q - --key ext,email <in
	status_is 65
	runs crm-find -c
	gives 0 2
}

# ---- rows without a key ----

@test "a row without a key is met again, and changes nobody" {
	cat >in.csv <<-'EOT'
		name,phone,company,title,source
		Ana Ruiz,,,,
		Ana Ruiz,,Acme,CEO,fair
		Ana Ruiz,,Acme,CTO,
		ANA RUIZ,,Acme,CTO,
		Ana Ruiz,,Acme,CTO,
		,,Acme,Desk,visit
		,+34666999888,,,
		,+34666999888,,,web
	EOT
	runs crm-import --verbose in.csv
	gives 0 '' 'crm-import: made 1 company: Acme
crm-import: 1 row is wholly like one before it, and told nothing new
crm-import: stored 6 contacts in ~/.local/share/crm; crm-undo takes them back'
	for _ in 1 2; do
		runs crm-import --verbose in.csv
		status_is 0
		grep -q 'nothing to change' "$ERR"
	done
	[ "$(ops)" = ops:1 ]
	# What says less than is known is known; what says more is new.
	printf 'name,company,title\nana ruiz,acme,CEO\n' >less.csv
	runs crm-import --verbose less.csv
	gives 0 '' 'crm-import: nothing to change: 1 record is as stored'
	printf 'name,company,title\nAna Ruiz,Acme,CFO\nAna Ruiz,Bar,CEO\n' >more.csv
	runs crm-import --verbose more.csv
	status_is 0
	runs crm-find -c name:ruiz
	gives 0 6
	runs crm-undo -q
	runs crm-find -c name:ruiz
	gives 0 4
	crm-db check --full
}

@test "a row without a key is met again whatever --key says" {
	printf 'name,phone,email\nBo,+34666999888,\nCy,,\n,+34666999888,\n' >in.csv
	crm-import --key email in.csv
	runs crm-import --key email --verbose in.csv
	gives 0 '' 'crm-import: nothing to change: 3 records are as stored'
}

@test "deals and calls of one name are met again by whom they are with" {
	printf '%s\n' $'kind:contact\temail:a@a.es' $'kind:contact\temail:b@a.es' \
		$'kind:deal\tname:Renewal\tcontact:a@a.es\tamount:10\tcurrency:EUR' \
		$'kind:deal\tname:Renewal\tcontact:b@a.es\tamount:10\tcurrency:EUR' \
		$'kind:activity\ttype:call\tcontact:a@a.es\tsubject:hi\tat:2026-01-02' \
		$'kind:activity\ttype:call\tcontact:a@a.es\tsubject:hi\tat:2026-01-03' \
		$'kind:task\ttitle:send it\tcontact:b@a.es' >in.ltsv
	crm-import in.ltsv
	runs crm-find -c kind:deal
	gives 0 2
	runs crm-import --verbose in.ltsv
	gives 0 '' 'crm-import: nothing to change: 7 records are as stored'
}

@test "an item that took its price from the product is not added again" {
	crm-add -q product sku:A-1 name:Pen price:5 currency:EUR
	printf 'kind:order\text:s/1\titem:A-1*2\tcurrency:EUR\tat:2026-01-02\n' >in.ltsv
	crm-import in.ltsv
	runs crm-import --verbose in.ltsv
	gives 0 '' 'crm-import: nothing to change: 1 record is as stored'
	runs crm-find kind:order -F item,amount
	gives 0 $'item:A-1*2@5\tamount:10.00'
}

@test "many rows of names alone are met again in seconds" {
	{
		echo name,title
		seq -f 'Customer number %.0f,Boss' 20000
	} >in.csv
	crm-import in.csv
	runs timeout -s KILL 20 crm-import --verbose in.csv
	gives 0 '' 'crm-import: nothing to change: 20000 records are as stored'
}

@test "two hundred thousand lines are laid over a hundred thousand people" {
	[ -n "${CRM_SOAK:-}" ] || skip 'CRM_SOAK is not set'
	people 100000 >in
	crm-add -q - --key ext,email <in
	runs crm-find -c rev:1
	gives 0 100000
	crm-add -q - --key ext,email <in
	[ "$(ops)" = ops:1 ]
	runs crm-db check --full
	status_is 0
}

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

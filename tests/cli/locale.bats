# SPDX-License-Identifier: MIT
# What goes into a pipe is the same bytes in every locale and under every
# setting of looks.
load helper

# everywhere CMD ...: runs in each locale and look; all give what C gives.
everywhere() {
	local first='' env
	for env in LC_ALL=C LC_ALL=C.UTF-8 LC_ALL=es_ES.UTF-8 \
		LC_ALL=tr_TR.UTF-8 LC_ALL=nowhere CRM_COLOR=always \
		TERM=xterm-256color COLUMNS=20; do
		runs env "$env" "$@"
		status_is 0
		if [ -z "$first" ]; then
			first=$BATS_TEST_TMPDIR/first
			cp "$OUT" "$first"
		else
			same "$first" "$OUT" || { echo "under $env"; return 1; }
		fi
	done
}

# Debian has the sources of all locales, few have the locales themselves.
setup_file() {
	export LOCPATH=$BATS_FILE_TMPDIR/locales
	mkdir -p "$LOCPATH"
	for name in es_ES tr_TR; do
		localedef -i $name -f UTF-8 "$LOCPATH/$name.UTF-8" \
			>/dev/null 2>&1 || true
	done
	[ -d "$LOCPATH/tr_TR.UTF-8" ] || unset LOCPATH
}

# needs_locale NAME
needs_locale() {
	[ -d "${LOCPATH:-/nowhere}/$1" ] ||
		locale -a 2>/dev/null | grep -qi "^${1%.*}.utf-\?8$" ||
		skip "no locale $1 here"
}

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
	crm-add -q - <<-'EOT'
		kind:company	name:İstanbul Ticaret	domain:istanbul.example
		name:Íñigo Ibáñez	email:inigo@istanbul.example	company:istanbul.example	tag:VIP	birthday:--03-09
		name:ILGAZ Işık	email:ilgaz@istanbul.example	stage:lead	city:IĞDIR
		name:álvaro	x.size:1.5
		kind:order	contact:ilgaz@istanbul.example	amount:1234.5	currency:EUR	at:2026-01-02
	EOT
}

@test "records in every machine format" {
	for format in ltsv json json-array yaml id; do
		everywhere crm-find kind:contact,company,order -o "$format" -F '*'
	done
	everywhere crm-find -o csv
	everywhere crm-find -o tsv kind:order
	everywhere crm-find -o value -F name
	everywhere crm-find -o 'template={{name}} {{revenue}}' orders:1..
}

@test "a table into a pipe" {
	for env in LC_ALL=C.UTF-8 LC_ALL=es_ES.UTF-8 LC_ALL=tr_TR.UTF-8; do
		runs env "$env" crm-find -o table -F name,city,revenue
		status_is 0
		tail -n +2 "$OUT" >"rows.$env"
		same rows.LC_ALL=C.UTF-8 "rows.$env"
	done
}

@test "the same matches and the same order" {
	everywhere crm-find ilgaz
	everywhere crm-find inigo
	everywhere crm-find tag:vip
	everywhere crm-find -s name
	everywhere crm-find -s -city,name
	[ "$(crm-find -s name -o value -F name | head -1)" = álvaro ]
}

@test "what a write prints and stores" {
	n=0
	for env in LC_ALL=C LC_ALL=C.UTF-8 LC_ALL=es_ES.UTF-8 LC_ALL=tr_TR.UTF-8; do
		n=$((n + 1))
		env "$env" crm-add -D "w$n" - <<<$'NAME:I\tTAG:İSTANBUL IĞDIR\tCITY:i\nname:B\tx.n:1,5' >"out$n"
		env "$env" crm-log -D "w$n" order item:A*3@0.335 currency:EUR amount:1.5 >>"out$n"
		env "$env" crm-find -D "w$n" kind:contact,order >>"out$n"
		same out1 "out$n"
	done
}

@test "messages follow the language, statuses do not" {
	needs_locale es_ES.UTF-8
	[ -e "$TEXTDOMAINDIR/es/LC_MESSAGES/crm.mo" ] ||
		skip 'no Spanish messages built'
	runs env LC_ALL=es_ES.UTF-8 crm-add name:A email:x@
	status_is 65
	runs env LC_ALL=es_ES.UTF-8 crm-add -h
	status_is 0
	cp "$OUT" spanish
	runs crm-add -h
	status_is 0
	run ! cmp -s spanish "$OUT"
}

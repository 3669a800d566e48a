#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# crm-rm: removing records, and erasing a person for good.
load helper

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
	crm-add -q - <<-'EOT'
	id:01HF7YAT00JXHQEH5M3VYDK7BV	kind:contact	name:Marta Gil	email:marta@acme.es	phone:+34600111222
	id:01HF7YBV00ZZZQEH5M3VYDK7BW	kind:contact	name:Bo Lind	email:bo@lind.es
	id:01HF7YCV00ZZZQEH5M3VYDK7CX	kind:company	name:Acme	domain:acme.es
	id:01HF7YDV00ZZZQEH5M3VYDK7DY	kind:deal	name:Big	contact_id:01HF7YAT00JXHQEH5M3VYDK7BV
	id:01HF7YEV00ZZZQEH5M3VYDK7EZ	kind:task	title:send it	contact_id:01HF7YAT00JXHQEH5M3VYDK7BV
	id:01HF7YFV00ZZZQEH5M3VYDK7F1	kind:activity	type:call	body:quote	contact_id:01HF7YAT00JXHQEH5M3VYDK7BV
	EOT
}

MARTA=01HF7YAT00JXHQEH5M3VYDK7BV

# everything: all records of the store.
everything() {
	crm-find 'kind:*'
}

# sound: a full check finds nothing.
sound() {
	runs crm-db check --full
	gives 0
}

# answered ANSWER CMD ...: run on a terminal, with that answer to its question;
# what the terminal saw.
answered() {
	local answer=$1 words
	shift
	printf -v words '%q ' "$@"
	printf '%s\n' "$answer" | TERM=xterm script -qec "$words" /dev/null |
		tr -d '\r'
}

# ---- removing ----

@test "a record that nobody refers to goes, and says so on a terminal" {
	runs crm-rm bo@lind.es
	gives 0
	runs crm-find -F name
	gives 0 'name:Marta Gil'
	runs crm-rm --verbose acme.es
	gives 0 '' 'crm-rm: removed 1 company (Acme); crm-undo brings it back'
	sound
}

@test "a record that others refer to is refused with the count by kind" {
	everything >before
	runs crm-rm marta@acme.es
	gives 65 '' "crm-rm: 1 deal, 1 activity and 1 task refer to K7BV Marta Gil; --cascade takes timeline records along, --detach clears the links"
	everything >after
	same before after
}

@test "--cascade takes the timeline along" {
	runs crm-rm --verbose --cascade marta@acme.es
	gives 0 '' 'crm-rm: removed 1 contact (Marta Gil), 1 deal, 1 activity and 1 task; crm-undo brings them back'
	runs crm-find 'kind:*' -F kind,name
	status_is 0
	out_is 'kind:contact	name:Bo Lind' 'kind:company	name:Acme'
	sound
}

@test "--detach clears the links and keeps the records" {
	runs crm-rm --verbose --detach marta@acme.es
	gives 0 '' 'crm-rm: removed 1 contact (Marta Gil), cleared the links of 3 records; crm-undo brings all back'
	runs crm-find kind:deal -F id,rev,name,contact_id
	gives 0 'id:01HF7YDV00ZZZQEH5M3VYDK7DY	rev:2	name:Big'
	sound
}

@test "--cascade leaves what names another contact to that one" {
	crm-add -q activity - <<-'EOT'
	type:meeting	contact:marta@acme.es	contact:bo@lind.es
	EOT
	runs crm-rm --cascade marta@acme.es
	gives 65 '' 'crm-rm: 1 activity refers to K7BV Marta Gil; --detach clears the links'
	runs crm-rm --cascade --detach --verbose marta@acme.es
	gives 0 '' 'crm-rm: removed 1 contact (Marta Gil), 1 deal, 1 activity and 1 task, cleared the links of 1 record; crm-undo brings all back'
	sound
}

@test "what goes in the same run is in nobody's way" {
	everything >all
	runs crm-rm --verbose <all
	gives 0 '' 'crm-rm: removed 2 contacts, 1 company, 1 deal, 1 task and 1 activity (Marta Gil, Bo Lind, Acme, ...); crm-undo brings them back'
	runs crm-find 'kind:*'
	gives 0
	sound
}

@test "what cannot be without the record is not detached" {
	crm-add -q - <<-EOT
	kind:consent	contact_id:$MARTA	purpose:marketing	channel:email	state:granted
	EOT
	runs crm-rm --detach marta@acme.es
	gives 65 '' 'crm-rm: 1 consent entry needs K7BV Marta Gil; --cascade takes timeline records along'
	runs crm-rm --cascade marta@acme.es
	gives 0
	sound
}

@test "an entry of a ledger is not removed by name" {
	id=$(crm-add -o id - <<-EOT
	kind:consent	contact_id:$MARTA	purpose:marketing	channel:email	state:granted
	EOT
	)
	runs crm-rm "$id"
	gives 77 '' "crm-rm: ${id: -4} marketing is of the consent ledger, whose entries stay; crm-undo takes one back"
}

@test "a line whose rev is an old one is refused, --force takes it" {
	printf 'id:01HF7YBV00ZZZQEH5M3VYDK7BW\trev:4\n' >line
	runs crm-rm - <line
	status_is 75
	out_empty
	err_is <<-'EOT'
	crm-rm: stdin:1: rev: got 4, wanted 1: 'Bo Lind' was changed after it was read
	Read it again with crm-find, or use --force to remove it.
	crm-rm: nothing removed, 1 of 1 record refused
	EOT
	runs crm-rm --force - <line
	gives 0
}

@test "all or none: one bad line keeps the others" {
	printf '%s\n' acme.es nobody@x.es bo@lind.es >handles
	runs crm-rm - <handles
	status_is 65
	out_empty
	err_is <<-'EOT'
	crm-rm: stdin:2: no contact 'nobody@x.es'
	crm-rm: nothing removed, 1 of 3 records refused; --keep-going removes the other 2
	EOT
	runs crm-rm --keep-going --reject bad --verbose - <handles
	status_is 1
	out_empty
	err_is <<-'EOT'
	crm-rm: stdin:2: no contact 'nobody@x.es'
	crm-rm: removed 1 company and 1 contact (Acme, Bo Lind); crm-undo brings them back
	EOT
	grep -q "nobody@x.es" bad
	[ "$(wc -l <bad)" -eq 1 ]
	sound
}

@test "of operands each refusal is told, then how many there were" {
	runs crm-rm nobody@x.es bo@lind.es marta@acme.es
	status_is 66
	out_empty
	err_is <<-'EOT'
	crm-rm: no contact 'nobody@x.es'
	crm-rm: 1 deal, 1 activity and 1 task refer to K7BV Marta Gil; --cascade takes timeline records along, --detach clears the links
	crm-rm: nothing removed, 2 of 3 records refused; --keep-going removes the other 1
	EOT
}

@test "-n prints the change lines and changes nothing" {
	everything >before
	runs crm-rm -n --cascade --verbose marta@acme.es
	status_is 0
	err_is 'crm-rm: would change 4 records; nothing stored'
	out_is <<-EOT
	id:01HF7YEV00ZZZQEH5M3VYDK7EZ	kind:task	rev:1	title:send it	contact_id:$MARTA	type:todo	priority:normal	status:open	_do:rm	_at:2026-03-02T09:00:00Z	_by:$(id -un)	_prog:crm-rm
	id:01HF7YFV00ZZZQEH5M3VYDK7F1	kind:activity	rev:1	contact_id:$MARTA	type:call	dir:out	at:2026-03-02T09:00:00Z	body:quote	_do:rm	_at:2026-03-02T09:00:00Z	_by:$(id -un)	_prog:crm-rm
	id:01HF7YDV00ZZZQEH5M3VYDK7DY	kind:deal	rev:1	name:Big	contact_id:$MARTA	pipeline:sales	stage:prospecting	_do:rm	_at:2026-03-02T09:00:00Z	_by:$(id -un)	_prog:crm-rm
	id:$MARTA	kind:contact	rev:1	name:Marta Gil	email:marta@acme.es	phone:+34600111222	_do:rm	_at:2026-03-02T09:00:00Z	_by:$(id -un)	_prog:crm-rm
	EOT
	everything >after
	same before after
}

@test "-o prints the records as they were" {
	runs crm-rm -o ltsv --cascade bo@lind.es marta@acme.es -s name -F name,open_deals
	status_is 0
	err_empty
	out_is 'name:Big' 'name:Bo Lind' 'name:Marta Gil	open_deals:1'
}

@test "a dump of what was removed comes back as it was" {
	crm-find bo@lind.es >before
	runs crm-rm -o ltsv bo@lind.es
	gives 0 "$(cat before)"
	cp "$OUT" dump
	crm-add -q - <dump
	crm-find bo@lind.es >after
	same before after
}

@test "kind:KIND narrows, and its unique values are handles" {
	crm-add -q product sku:A-100 name:Vino
	runs crm-rm A-100
	status_is 2
	runs crm-rm kind:product A-100
	gives 0
	runs crm-rm kind:produkt A-100
	gives 2 '' "crm-rm: unknown kind 'produkt'; did you mean 'product'?"
	runs crm-rm kind:deal bo@lind.es
	status_is 66
}

@test "nothing on stdin is nothing to remove" {
	runs crm-rm --verbose - </dev/null
	gives 0 '' 'crm-rm: nothing to remove'
	runs crm-rm --verbose --erase --yes </dev/null
	gives 0 '' 'crm-rm: nothing to erase'
	[ ! -e "$CRM_DB.key" ]
}

@test "a line without id names no record" {
	printf 'name:x\n' >line
	runs crm-rm - <line
	status_is 65
	out_empty
	err_is 'crm-rm: stdin:1: no id: which record is to be removed?' \
		'crm-rm: nothing removed, 1 of 1 record refused'
}

@test "no store: nobody is found" {
	unset CRM_DB
	runs crm-rm bo@lind.es
	gives 66 '' "crm-rm: no contact 'bo@lind.es'"
	[ ! -e "$XDG_DATA_HOME/crm" ]
	runs crm-rm -D none bo@lind.es
	status_is 66
}

@test "a damaged store is 74" {
	dd if=/dev/zero of="$CRM_DB/data.mdb" bs=4096 seek=2 conv=notrunc \
		count=40 2>/dev/null
	runs crm-rm bo@lind.es
	status_is 74
}

@test "a store of a newer release is 78" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	chmod 600 "$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-rm bo@lind.es
	status_is 78
}

@test "options that do not go together are 2" {
	runs crm-rm --erase --cascade --yes bo@lind.es
	gives 2 '' 'crm-rm: --cascade does not go with --erase, which has rules of its own'
	runs crm-rm --texts bo@lind.es
	gives 2 '' 'crm-rm: --texts goes with --erase'
	runs crm-rm --no-compact bo@lind.es
	gives 2 '' 'crm-rm: --no-compact goes with --erase'
}

# ---- erasing ----

@test "--erase needs assent without a terminal" {
	everything >before
	runs crm-rm --erase marta@acme.es
	gives 2 '' 'crm-rm: --erase cannot be undone; without a terminal it needs --yes'
	everything >after
	same before after
}

@test "an erasure leaves a receipt, fingerprints and a ledger" {
	runs crm-rm --erase --yes marta@acme.es
	status_is 0
	err_empty
	out_is <<-'EOT'
	id:01HF7YAT00JXHQEH5M3VYDK7BV	kind:contact	_do:erase	_at:2026-03-02T09:00:00Z	_contact:1	_activity:1	_task:1	_suppressed:2	_detached:1	_compacted:true
	id:01HF7YDV00ZZZQEH5M3VYDK7DY	kind:deal	_do:review	_field:name	_of:01HF7YAT00JXHQEH5M3VYDK7BV
	EOT
	[ "$(stat -c '%a %s' "$CRM_DB.key")" = '600 32' ]
	[ "$(stat -c %a "$CRM_DB.erased")" = 600 ]
	run cut -f 1-4 "$CRM_DB.erased"
	[ "$output" = 'id:01HF7YAT00JXHQEH5M3VYDK7BV	_at:2026-03-02T09:00:00Z	_with:01HF7YFV00ZZZQEH5M3VYDK7F1	_with:01HF7YEV00ZZZQEH5M3VYDK7EZ' ]
	[ "$(tr '\t' '\n' <"$CRM_DB.erased" | grep -c '^_print:[0-9a-f]\{64\}$')" -eq 2 ]
	runs crm-find 'kind:*' -F kind,name
	out_is 'kind:contact	name:Bo Lind' 'kind:company	name:Acme' 'kind:deal	name:Big'
	sound
}

@test "--erase -n says what would go, and makes no key" {
	runs crm-rm --erase -n marta@acme.es
	status_is 0
	err_empty
	[ "$(cut -f 1,2 "$OUT" | tail -n 3)" = 'id:01HF7YAT00JXHQEH5M3VYDK7BV	_do:erase
id:01HF7YFV00ZZZQEH5M3VYDK7F1	_do:erase
id:01HF7YEV00ZZZQEH5M3VYDK7EZ	_do:erase' ]
	[ ! -e "$CRM_DB.key" ]
	[ ! -e "$CRM_DB.erased" ]
}

@test "on a terminal it asks, and no is the default" {
	answered '' crm-rm --erase marta@acme.es >seen
	grep -qF 'crm-rm: erase 1 contact (Marta Gil), 1 activity and 1 task for good? crm-undo cannot bring them back [y/N]' seen
	grep -qF 'crm-rm: nothing erased' seen
	runs crm-find marta@acme.es -F name
	gives 0 'name:Marta Gil'
	answered y crm-rm --erase marta@acme.es >seen
	cat seen
	grep -qF 'Erased for good, 2026-03-02T09:00:00Z:' seen
	grep -qF '  contact 01HF7YAT00JXHQEH5M3VYDK7BV with 1 activity and 1 task; 2 addresses suppressed' seen
	grep -qF 'These stay; read their texts, or let --texts clear them:' seen
	runs crm-find -F name
	gives 0 'name:Bo Lind'
}

@test "a refusal comes before the question" {
	answered y crm-rm --erase acme.es >seen
	grep -qF 'crm-rm: K7CX Acme is a company; --erase takes contacts' seen
	if grep -qF 'for good?' seen; then false; fi
}

@test "a company, somebody on hold, and who was erased are refused" {
	runs crm-rm --erase --yes acme.es
	gives 65 '' 'crm-rm: K7CX Acme is a company; --erase takes contacts'
	crm-add -q contact name:Held email:held@x.es hold:true
	runs crm-rm --erase --yes held@x.es
	status_is 77
	out_empty
	# shellcheck disable=SC2154 # runs sets it
	[[ $stderr == "crm-rm: "*" Held is on hold, and is not erased before crm-edit "*" hold:"$'\n' ]]
	runs crm-rm --erase --yes -q $MARTA
	gives 0
	runs crm-rm --erase --yes $MARTA
	gives 66 '' "crm-rm: '$MARTA' was erased before"
}

@test "an erased id is refused for good" {
	crm-find marta@acme.es >dump
	crm-rm --erase --yes -q marta@acme.es
	runs crm-add - <dump
	status_is 65
	[[ $stderr == *"id: $MARTA is that of a record that was erased"* ]]
}

@test "without its key a store erases nobody" {
	crm-rm --erase --yes -q marta@acme.es
	rm "$CRM_DB.key"
	runs crm-rm --erase --yes bo@lind.es
	gives 78 '' "crm-rm: $CRM_DB.key: it is gone, and 2 addresses are suppressed under it; put it back"
}

@test "a ledger that cannot be made is 73" {
	mkdir "$CRM_DB.erased"
	runs crm-rm --erase --yes bo@lind.es
	status_is 73
	runs crm-find bo@lind.es -F name
	gives 0 'name:Bo Lind'
	rmdir "$CRM_DB.erased"
	sound
}

@test "--no-compact says that bytes remain" {
	runs crm-rm --erase --yes --no-compact bo@lind.es
	status_is 0
	out_is 'id:01HF7YBV00ZZZQEH5M3VYDK7BW	kind:contact	_do:erase	_at:2026-03-02T09:00:00Z	_contact:1	_suppressed:1	_detached:0	_compacted:false'
	err_is "crm-rm: $CRM_DB: warning: bytes of what was erased remain in the file; crm-db compact clears them"
}

@test "a backup that still holds the person is named" {
	crm-db backup there.mdb
	runs crm-rm --erase --yes bo@lind.es
	status_is 0
	[[ $output == *"	_backup:2026-03-02T09:00:00Z "*"/there.mdb"$'\n' ]]
}

# ---- what is left of somebody ----

# nowhere WORD ...: none of them is in any file of the store or beside it.
nowhere() {
	local word
	for word; do
		if grep -rqaF -- "$word" "$BATS_TEST_TMPDIR"/store* "$TMPDIR"; then
			echo "$word is still in: $(grep -rlaF -- "$word" \
				"$BATS_TEST_TMPDIR"/store* "$TMPDIR")"
			return 1
		fi
	done
}

# fields KIND LABEL ...: a line with a canary in each field, and a long one.
canary_line() {
	local kind=$1 label
	shift
	printf 'kind:%s\tcontact:canary@canary.es' "$kind"
	for label; do
		case $label in
		tag) printf '\ttag:canary%s' "$kind" ;;
		ext | handle) printf '\t%s:canary/%s' "$label" "$kind" ;;
		note | body) printf '\t%s:%s' "$label" "$LONG" ;;
		*:*) printf '\t%s' "$label" ;;
		*) printf '\t%s:canary in %s.%s' "$label" "$kind" "$label" ;;
		esac
	done
	printf '\n'
}

plant() {
	LONG=$(for ((i = 0; i < 400; i++)); do printf 'canary%d ' $i; done)
	crm-add -q - <<-EOT
	kind:contact	name:Canary Bird	given:Canary	family:canarybird	prefix:canary	email:canary@canary.es	email:second@canary.es	phone:+34600987654	title:canary title	department:canary dep	street:canary street	city:canarycity	region:canary	postcode:canary1	url:https://canary.es/	handle:canary/bird	source:canary	owner:canary	tag:canary	note:$LONG	ext:canary/1	x.pet:canary	birthday:1984-03-05
	EOT
	{
		canary_line activity type:call subject body owner msgid ext x.pet
		canary_line task title owner tag note ext x.pet
		canary_line case title owner tag note ext x.pet channel:email
		canary_line message campaign:winter address:canary@canary.es purpose:marketing step error msgid status:sent
		canary_line consent purpose:marketing channel:email state:granted source wording
		canary_line points points:5 reason
	} >lines
	crm-add -q campaign name:winter
	crm-add -q - <lines
	# Of some the only copy is in the log.
	crm-add -q - --key email <<-EOT
	kind:contact	email:canary@canary.es	note:	city:
	EOT
	crm-find kind:task -F id contact:canary@canary.es -o id | crm-rm -q -
}

CANARIES=(canary Canary yranac 600987654 456789006)

@test "no byte of an erased person can be found in any file" {
	crm-find 'kind:*' >others
	plant
	grep -rqaF canary "$BATS_TEST_TMPDIR/store"
	runs crm-rm --erase --yes canary@canary.es
	status_is 0
	err_empty
	nowhere "${CANARIES[@]}"
	sound
	crm-find 'kind:*' not kind:campaign >left
	same others left
}

@test "nor of one who was removed before" {
	plant
	id=$(crm-find canary@canary.es -o id)
	crm-rm -q --cascade canary@canary.es
	runs crm-rm --erase --yes "$id"
	status_is 0
	nowhere "${CANARIES[@]}"
	sound
}

@test "--texts clears what stays, in the log too" {
	plant
	{
		canary_line order amount:12.50 currency:EUR note tag ext
		canary_line deal name source owner tag note ext lost_reason amount:7 currency:EUR
		printf 'kind:activity\ttype:meeting\tbody:%s\tcontact:canary@canary.es\tcontact:bo@lind.es\n' "$LONG"
	} >others.ltsv
	crm-add -q - <others.ltsv
	crm-find kind:order -F id,kind | sed 's/$/	note:canary again/' >edit
	crm-add -q --key id - <edit
	runs crm-rm --erase --yes --texts canary@canary.es
	status_is 0
	[ "$(grep -c '_do:clear' "$OUT")" -eq 3 ]
	nowhere "${CANARIES[@]}"
	runs crm-find kind:order -F amount,currency
	gives 0 'amount:12.50	currency:EUR'
	sound
}

@test "freed pages still hold the bytes until the store is compacted" {
	plant
	crm-rm -q --erase --yes --no-compact canary@canary.es 2>/dev/null
	grep -rqaF canary "$BATS_TEST_TMPDIR/store"
	crm-db compact
	nowhere "${CANARIES[@]}"
}

@test "a store whose erasure was cut off says so, and a second run ends it" {
	plant
	cp -r "$CRM_DB" kept
	crm-rm -q --erase --yes canary@canary.es
	# As after a crash between the ledger and the commit.
	rm -r "$CRM_DB"
	mv kept "$CRM_DB"
	rm "$CRM_DB.key"
	runs crm-db check
	status_is 74
	[[ $output == *"its erasure was begun and not ended: crm-rm --erase ends it"* ]]
	runs crm-rm -q --erase --yes canary@canary.es
	gives 0
	nowhere "${CANARIES[@]}"
	sound
}

@test "an erasure cannot be undone" {
	crm-rm -q --erase --yes marta@acme.es
	runs crm-undo
	status_is 77
}

@test "a restore of a backup takes the person out again" {
	plant
	crm-db backup there.mdb
	crm-rm -q --erase --yes canary@canary.es
	runs crm-db restore --yes there.mdb
	status_is 0
	nowhere "${CANARIES[@]}"
	runs crm-find canary@canary.es
	gives 0
	sound
}

@test "completion names people" {
	runs crm-rm --crm-complete -- mart
	status_is 0
	[[ $output == *"marta@acme.es	Marta Gil"* ]]
}

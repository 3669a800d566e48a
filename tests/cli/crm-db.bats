# SPDX-License-Identifier: MIT
# crm-db: making, describing and checking the store; its schema.
load helper

STORE=.local/share/crm

# schema FILE: stdin, after the first line of every schema file.
schema() {
	{ echo 'crm-schema: 1'; cat; } >"$1"
}

# damage FILE TEXT: changes one letter wherever the text stands.
damage() {
	local at rest
	while IFS=: read -r at rest; do
		printf '~' | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
	done < <(grep -obUaF "$2" "$1")
}

# ---- verbs and options ----

@test "an unknown verb is told with the nearest, no verb with all" {
	runs crm-db chekc
	gives 2 '' "crm-db: unknown verb 'chekc'; did you mean 'check'?"
	runs crm-db frobnicate
	gives 2 '' "crm-db: unknown verb 'frobnicate'
Verbs: init, path, stat, check, backup, restore, compact, schema, upgrade."
	runs crm-db
	gives 2 '' "crm-db: wanted a verb: init, path, stat, check, backup, restore, compact, schema, upgrade
Try 'crm-db --help'."
}

@test "an option of one verb is refused with another" {
	runs crm-db stat --full
	gives 2 '' "crm-db: --full goes with 'crm-db check', not with 'stat'"
	runs crm-db check --apply x.yaml
	gives 2 '' "crm-db: --apply goes with 'crm-db schema', not with 'check'"
	runs crm-db schema -n
	gives 2 '' "crm-db: -n goes with --apply FILE"
	runs crm-db check -n
	gives 2 '' "crm-db: --dry-run goes with 'crm-db schema', not with 'check'"
	runs crm-db backup --yes x
	gives 2 '' "crm-db: --yes goes with 'crm-db restore', not with 'backup'"
	runs crm-db schema --built-in --apply x.yaml
	gives 2 '' "crm-db: --built-in prints, --apply changes: one of them"
}

@test "an operand too many is refused" {
	runs crm-db path x
	gives 2 '' "crm-db: path takes no operand, got 'x'"
	runs crm-db schema x.yaml
	gives 2 '' "crm-db: schema takes no operand, got 'x.yaml'; --apply x.yaml?"
	runs crm-db backup a b
	gives 2 '' "crm-db: backup takes one file, got 'b' too"
	runs crm-db restore
	gives 2 '' "crm-db: restore wants the name of a file, or - for a pipe"
	[ ! -e "$HOME/$STORE" ]
}

@test "help fits a screen, and --help says what is not promised" {
	runs crm-db -h
	status_is 0
	err_empty
	[ "${#lines[@]}" -le 40 ]
	[ "${lines[0]}" = "crm-db - care of the store" ]
	crm-db --help | tr '\n' ' ' | tr -s ' ' >help
	grep -qF 'Not promised: network file systems; a disk that lies about flushes or rots (detected, not repaired: restore);' help
	grep -qF 'recovery of a record whose bytes are damaged.' help
	runs crm-db -V
	status_is 0
	[[ $output == "crm-db (crm-utils) "* ]]
}

@test "verbs are completed" {
	runs crm-db --crm-complete -- ch
	gives 0 $'check\tlook for damage'
}

# ---- init ----

@test "init makes an empty store, once" {
	runs crm-db init
	gives 0
	[ "$(stat -c %a "$HOME/$STORE")" = 700 ]
	[ "$(stat -c %a "$HOME/$STORE/data.mdb")" = 600 ]
	runs crm-find -c
	gives 0 0
	runs crm-db init
	gives 73 '' "crm-db: ~/$STORE: a store is there already"
}

@test "init makes the parents of the default place, not those of a named one" {
	runs crm-db init -D "$PWD/none/a.crm"
	gives 73 '' "crm-db: $PWD/none/a.crm: cannot create the store: No such file or directory
Make $PWD/none first, or name another place with -D or CRM_DB."
}

@test "init --schema lays a file over the built-in schema" {
	schema x.yaml <<<'kinds: {contact: {fields: {vat: text}}}'
	runs crm-db init --schema x.yaml -D a.crm
	gives 0 'add field contact.vat text'
	runs crm-add -D a.crm name:Ona vat:ES1 -F name,vat
	gives 0 $'name:Ona\tvat:ES1'
}

@test "init with a bad schema makes no store" {
	schema x.yaml <<<'kinds: {contact: {fields: {vat: txt}}}'
	runs crm-db init --schema x.yaml -D a.crm
	gives 65 '' "crm-db: x.yaml:2:33: unknown type 'txt'; did you mean 'text'?"
	[ ! -e a.crm ]
	runs crm-db init --schema none.yaml -D a.crm
	gives 66 '' 'crm-db: none.yaml: No such file or directory'
	[ ! -e a.crm ]
}

@test "init --group opens the store to a group" {
	local group
	group=$(id -gn)
	runs crm-db init -D a.crm --group "$group"
	gives 0
	[ "$(stat -c '%a %G' a.crm)" = "2770 $group" ]
	[ "$(stat -c '%a %G' a.crm/data.mdb)" = "660 $group" ]
	[ "$(stat -c '%a %G' a.crm/lock.mdb)" = "660 $group" ]
	runs crm-add -D a.crm name:Ona -F name
	gives 0 name:Ona
	runs crm-db init -D b.crm --group no-such-group
	gives 2 '' "crm-db: --group: there is no group 'no-such-group'"
	[ ! -e b.crm ]
}

# ---- path ----

@test "path says where the store is, or would be" {
	runs crm-db path
	gives 0 "$HOME/$STORE"
	[ ! -e "$HOME/$STORE" ]
	runs crm-db path -D x.crm
	gives 0 x.crm
	CRM_DB=y.crm runs crm-db path
	gives 0 y.crm
	crm-db path -0 | tr '\0' '!' >got
	[ "$(cat got)" = "$HOME/$STORE!" ]
}

@test "a password is shown by nobody, and refused in -D" {
	CRM_DB=postgresql://ana:secret@db.example/crm runs crm-db path
	gives 0 postgresql://ana@db.example/crm
	runs crm-db path -D postgresql://ana:secret@db.example/crm
	gives 2 '' "crm-db: -D: a password does not belong into an argument; use CRM_DB or a service file"
}

# ---- stat ----

@test "stat is one record, in the order of the manual" {
	crm-add -q name:Ona
	runs crm-db stat
	status_is 0
	err_empty
	[ "${#lines[@]}" -eq 1 ]
	tr '\t' '\n' <"$OUT" | cut -d: -f1 | head -n 9 >got
	printf '%s\n' path format node size free ops log_from chain schema >want
	same want got
	runs crm-db stat -o value -F count.contact,count.company,ops,format
	gives 0 $'1\n0\n1\n1.0'
}

@test "stat tells each setting in force and its origin" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	printf 'currency: EUR\ncolor: never\n' >"$XDG_CONFIG_HOME/crm/config.yaml"
	CRM_COLOR=always CRM_DB=$PWD/a.crm runs crm-db stat
	gives 66 '' "crm-db: $PWD/a.crm: no store there"
	CRM_COLOR=always runs crm-db stat -o json \
		-F config.currency,config.currency.from,config.color,config.color.from,config.db.from,config.tz
	gives 0 "{\"config.currency\":\"EUR\",\"config.currency.from\":\"$XDG_CONFIG_HOME/crm/config.yaml\",\"config.color\":\"always\",\"config.color.from\":\"CRM_COLOR\",\"config.db.from\":\"built in\"}"
}

@test "stat knows its own fields" {
	runs crm-db stat -F count.contcat
	gives 2 '' "crm-db: -F: unknown field 'count.contcat'; did you mean 'count.contact'?"
}

@test "stat before the first write describes what there will be" {
	runs crm-db stat --verbose -o value -F path,count.contact,size,format
	gives 0 "$HOME/$STORE
0
0" "crm-db: no store yet at ~/$STORE; crm-add or crm-import makes it"
}

@test "stat on a terminal is a label a row" {
	crm-add -q name:Ona
	runs crm-db stat -o table
	status_is 0
	[[ ${lines[0]} =~ ^path\ +$HOME/$STORE$ ]]
	grep -qx 'count.contact  *1' "$OUT"
}

# ---- check ----

@test "a sound store has no fault" {
	crm-add -q name:Ona company:Acme email:ona@acme.es tag:vip
	crm-log -q call ona@acme.es 'hello there'
	runs crm-db check
	gives 0
	runs crm-db check --full
	gives 0
	runs crm-db check --full --verbose
	gives 0 '' 'crm-db: no fault'
}

@test "a fault is a record with tree, id and what" {
	local ona
	crm-add -q name:Onadamaged
	ona=$(crm-find -o id)
	damage "$HOME/$STORE/data.mdb" Onadamaged
	runs crm-db check --full
	status_is 74
	[ "${lines[0]%%$'\twhat:'*}" = "tree:contact	id:$ona" ]
	[[ $stderr == "crm-db: "*" faults; crm-db check --repair mends"* ]]
	runs crm-db check --full -q
	status_is 74
	out_empty
	runs crm-db check --full -o json -F id
	status_is 74
	[ "${lines[0]}" = "{\"id\":\"$ona\"}" ]
}

@test "--repair makes what can be made, and the store is sound again" {
	crm-add -q name:Onadamaged
	crm-add -q name:Bo
	damage "$HOME/$STORE/data.mdb" Onadamaged
	runs crm-db check --full --repair
	status_is 0
	[[ ${lines[0]} == *$'\tmended:true' ]]
	err_empty
	runs crm-db check --full
	gives 0
	runs crm-find -F name
	gives 0 name:Bo
}

@test "check wants a store, and makes none" {
	runs crm-db check
	gives 66 '' "crm-db: ~/$STORE: no store there"
	runs crm-db check --repair
	gives 66 '' "crm-db: ~/$STORE: no store there"
	[ ! -e "$HOME/$STORE" ]
	runs crm-db check -F foo
	gives 2 '' "crm-db: -F: unknown field 'foo'"
}

@test "a store that is no directory of ours is refused" {
	crm-db init -D a.crm
	ln -s a.crm b.crm
	runs crm-db check -D b.crm
	gives 77 '' 'crm-db: b.crm: a symbolic link: refused'
	echo no store >c.crm
	runs crm-db check -D c.crm
	gives 77 '' 'crm-db: c.crm: no directory: refused'
}

@test "a truncated store is 74, for every verb that opens it" {
	crm-add -q name:Ona
	truncate -s 9000 "$HOME/$STORE/data.mdb"
	for verb in stat check schema; do
		runs crm-db $verb
		status_is 74
		out_empty
		[ "${stderr_lines[0]}" = "crm-db: ~/$STORE/data.mdb: damaged: the file is cut short" ]
	done
}

@test "check --full counts records that newer rules do not fit" {
	crm-add -q name:Ona
	schema x.yaml <<<'kinds: {contact: {fields: {vat: {type: text, required: true}}}}'
	crm-db schema -q --apply x.yaml
	runs crm-db check --full --verbose
	gives 0 '' "crm-db: 1 contact lacks 'vat', which is required
crm-db: no fault"
}

# ---- schema ----

@test "the schema of a new store is the built-in one" {
	crm-db schema --built-in >want
	crm-db schema >got
	same want got
	crm-add -q name:Ona
	crm-db schema >got
	same want got
	head -n 1 got >first
	[ "$(cat first)" = 'crm-schema: 1' ]
}

@test "a store's own schema, applied to it, changes nothing" {
	schema x.yaml <<-'EOT'
		kinds:
		  contact: {fields: {vat: {type: text, unique: true}}}
		  barrel: {display: cask, fields: {cask: text, litres: decimal}}
		pipelines:
		  renewal: {stages: {due: 60, kept: 100, gone: 0}, won: [kept], lost: [gone]}
		cadence: [{when: 'tag:gold', every: 30d}]
	EOT
	crm-db schema -q --apply x.yaml
	crm-db schema >own.yaml
	cp "$HOME/$STORE/data.mdb" before
	runs crm-db schema --apply own.yaml --verbose
	gives 0 '' 'crm-db: nothing to change'
	cmp before "$HOME/$STORE/data.mdb"
	crm-db schema | crm-db schema --apply - >got
	[ ! -s got ]
	crm-db init -D b.crm --schema own.yaml -q
	crm-db schema -D b.crm >got
	same own.yaml got
}

@test "an apply prints a line a change; -n changes nothing" {
	schema x.yaml <<-'EOT'
		kinds:
		  contact: {fields: {vat: {type: text, index: true}}}
	EOT
	crm-add -q name:Ona
	cp "$HOME/$STORE/data.mdb" before
	runs crm-db schema --apply x.yaml -n --verbose
	gives 0 'add field contact.vat text index' \
		'crm-db: would make 1 change; nothing stored'
	cmp before "$HOME/$STORE/data.mdb"
	runs crm-db schema --apply x.yaml --verbose
	gives 0 'add field contact.vat text index' \
		'crm-db: made 1 change to the schema'
	runs crm-find vat:ES1 -c
	gives 0 0
	runs crm-db schema --apply x.yaml -q
	gives 0
}

@test "-n makes no store" {
	schema x.yaml <<<'kinds: {contact: {fields: {vat: text}}}'
	runs crm-db schema --apply x.yaml -n
	gives 0 'add field contact.vat text'
	[ ! -e "$HOME/$STORE" ]
}

@test "every fault of a file is told, with its place" {
	schema x.yaml <<-'EOT'
		kinds:
		  contact:
		    fields:
		      vat: {type: text, serach: true}
		  call:
		    fields: {a: text}
		consent:
		  caps: [2/7]
	EOT
	runs crm-db schema --apply x.yaml
	gives 65 '' "crm-db: x.yaml:5:25: unknown key 'serach'; did you mean 'search'?
crm-db: x.yaml:6:3: kind 'call': an activity type has this name
crm-db: x.yaml:9:10: caps: got '2/7', wanted COUNT/SPAN, for example 2/7d"
	[ ! -e "$HOME/$STORE" ]
}

@test "what records use is not removed; the pipe that the message gives finds it" {
	schema x.yaml <<<'kinds: {contact: {fields: {vat: text}}}'
	crm-db schema -q --apply x.yaml
	crm-add -q name:Ona vat:ES1
	crm-add -q name:Bo
	schema y.yaml <<<'remove: [contact.vat]'
	runs crm-db schema --apply y.yaml
	gives 65 '' "crm-db: y.yaml:2:10: remove: 'vat' is set in 1 contact; crm-find has:vat -o id | crm-edit vat:"
	runs crm-find has:vat -o value -F name
	gives 0 Ona
}

@test "values that occur twice are not made unique, and two owners are named" {
	local ona bo
	schema x.yaml <<<'kinds: {contact: {fields: {vat: text}}}'
	crm-db schema -q --apply x.yaml
	crm-add -q name:Ona vat:ES1
	crm-add -q name:Bo vat:ES1
	ona=$(crm-find -o id name:ona)
	bo=$(crm-find -o id name:bo)
	schema y.yaml <<<'kinds: {contact: {fields: {vat: {unique: true}}}}'
	runs crm-db schema --apply y.yaml
	gives 65 '' "crm-db: y.yaml:2:42: unique: a value of 'vat' occurs twice, in ${ona: -4} and ${bo: -4}"
}

@test "a YAML bomb, an anchor, a file that is too large are refused" {
	printf 'crm-schema: 1\na: &a [x]\nb: [*a,*a]\n' >x.yaml
	runs crm-db schema --apply x.yaml
	status_is 65
	out_empty
	[[ $stderr == 'crm-db: x.yaml:2:'* ]]
	{ echo 'crm-schema: 1'; yes '# filler' | head -c 300000; } >x.yaml
	runs crm-db schema --apply x.yaml
	status_is 65
	out_empty
}

@test "a missing file is 66" {
	runs crm-db schema --apply none.yaml
	gives 66 '' 'crm-db: none.yaml: No such file or directory'
	[ ! -e "$HOME/$STORE" ]
}

@test "while another writes, an apply waits and then is 75" {
	needs flock
	crm-add -q name:Ona
	schema x.yaml <<<'kinds: {contact: {fields: {vat: text}}}'
	runs flock "$HOME/$STORE" crm-db schema --apply x.yaml \
		--lock-timeout 1s
	status_is 75
	out_empty
}

@test "a bad configuration is 78" {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: never' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-db stat
	gives 78 '' "crm-db: ~/.config/crm/config.yaml:1:1: unknown key 'colour'; did you mean 'color'?"
}

@test "a full stdout is 74" {
	[ -w /dev/full ] || skip "there is no /dev/full"
	runs sh -c 'crm-db schema >/dev/full'
	gives 74 '' 'crm-db: standard output: No space left on device'
	runs sh -c 'crm-db path >/dev/full'
	gives 74 '' 'crm-db: standard output: No space left on device'
}

@test "schema: an enum value renamed is found and shown by either name" {
	crm-add -q contact name:Zed
	printf 'crm-schema: 1\nenums:\n  contact-stage:\n    values: [partner]\n' >a.yaml
	printf 'crm-schema: 1\nenums:\n  contact-stage:\n    values: {friend: {was: partner}}\n' >b.yaml
	printf 'crm-schema: 1\nremove: [enums.contact-stage.friend]\n' >c.yaml
	crm-db schema --apply a.yaml >/dev/null
	crm-add -q contact name:Pat stage:partner
	crm-db schema --apply b.yaml >/dev/null
	for q in stage:partner stage:friend stage:lead,friend; do
		runs crm-find "$q" -F name,stage
		gives 0 'name:Pat	stage:friend'
	done
	runs crm-find -c 'stage!=friend'
	gives 0 0
	runs crm-db schema --apply c.yaml
	status_is 65
	runs crm-db check --full
	gives 0
}

# ---- compact ----

# days N: contacts of N days in the log, the first on March 2nd.
days() {
	local i
	for ((i = 0; i < $1; i++)); do
		CRM_NOW=2026-03-$(printf %02d $((2 + i)))T09:00:00Z \
			crm-add -q name:"Person $i" email:"p$i@x.es"
	done
}

@test "compact gives unused space back, and nothing else changes" {
	days 5
	crm-find >before
	runs crm-db compact --verbose
	status_is 0
	out_empty
	[[ $stderr =~ ^crm-db:\ compacted\ [0-9]+\.[0-9]\ kB\ to\ [0-9]+\.[0-9]\ kB$'\n'$ ]]
	crm-find >after
	same before after
	runs crm-db stat -o value -F free,ops,log_from
	gives 0 $'0\n5\n1'
	runs crm-db check --full
	gives 0
	runs crm-db compact
	gives 0
	[ "$(ls "$HOME/.local/share")" = crm ]
	[ "$(stat -c %a "$HOME/$STORE")" = 700 ]
	[ "$(stat -c %a "$HOME/$STORE/data.mdb")" = 600 ]
}

@test "compact --keep-log cuts older operations, whole, and check verifies the rest" {
	days 6
	crm-find >before
	export CRM_NOW=2026-03-08T09:00:00Z
	runs crm-db compact --keep-log 3d --verbose
	status_is 0
	[[ $stderr == *' kB; 3 operations cut from the log'$'\n' ]]
	runs crm-db stat -o value -F ops,log_from
	gives 0 $'6\n4'
	runs crm-db check --full --verbose
	gives 0 '' 'crm-db: no fault'
	crm-find >after
	same before after
	grep -qaF 'p5@x.es' "$HOME/$STORE/data.mdb"
	crm-add -q name:More
	runs crm-db check --full
	gives 0
	runs crm-db compact --keep-log 1mo
	gives 0
	CRM_NOW=2026-03-09T09:00:00Z runs crm-db compact --keep-log 0s --verbose
	status_is 0
	[[ $stderr == *' kB; 4 operations cut from the log'$'\n' ]]
	runs crm-db check --full
	gives 0
	crm-add -q name:Last
	runs crm-db check --full
	gives 0
}

@test "an operation that was cut is in no byte of the store" {
	crm-add -q name:Canarybird email:tweet@x.es
	crm-add -q contact --key email name:Ona email:tweet@x.es
	[ "$(crm-find -o value -F name)" = Ona ]
	CRM_NOW=2026-04-02T09:00:00Z crm-db compact --keep-log 1d
	run grep -qaF Canarybird "$HOME/$STORE/data.mdb"
	[ "$status" -eq 1 ]
}

@test "compact refuses a span that is none, and wants a store" {
	runs crm-db compact
	gives 66 '' "crm-db: ~/$STORE: no store there"
	crm-add -q name:Ona
	runs crm-db compact --keep-log soon
	gives 2 '' "crm-db: --keep-log: got 'soon', wanted a span, for example 90d or 2y"
	runs crm-db compact --keep-log 99999y
	gives 2 '' "crm-db: --keep-log: got '99999y', wanted a span, for example 90d or 2y"
}

@test "compact takes no file with it that is not the store's" {
	crm-add -q name:Ona
	echo mine >"$HOME/$STORE/notes"
	runs crm-db compact
	gives 73 '' "crm-db: ~/$STORE: the folder holds other files than the store's, for example 'notes'
Move them out of it first."
	[ "$(cat "$HOME/$STORE/notes")" = mine ]
	[ "$(ls "$HOME/.local/share")" = crm ]
}

@test "compact waits for a writer, and then is 75" {
	needs flock
	crm-add -q name:Ona
	runs flock "$HOME/$STORE" crm-db compact --lock-timeout 1s
	gives 75 '' "crm-db: ~/$STORE: another program is writing to it; try again"
	[ "$(ls "$HOME/.local/share")" = crm ]
}

@test "compact sweeps what a killed one left, and nobody else's" {
	crm-add -q name:Ona
	mkdir "$HOME/$STORE.new-0123abcd" "$HOME/$STORE.new-mine"
	touch "$HOME/$STORE.new-0123abcd/data.mdb"
	runs crm-db compact
	gives 0
	[ "$(ls "$HOME/.local/share")" = $'crm\ncrm.new-mine' ]
}

# Where the system cannot exchange two names in one step.
two_steps() {
	# The leak check cannot run below strace.
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 \
		strace -f -qq -o /dev/null -e trace=renameat2,rename \
		-e inject=renameat2:error=ENOSYS "$@"
}

@test "an exchange in two steps leaves the old store or the new one" {
	local n verb
	strace -o /dev/null -e inject=rename:error=EIO true 2>/dev/null ||
		skip "there is no strace, or none that may inject"
	crm-add -q name:Ona
	crm-db backup x.backup
	crm-find >want
	for verb in compact 'restore --yes x.backup'; do
		# shellcheck disable=SC2086 # words
		two_steps crm-db $verb
		crm-find >got
		same want got
		for n in 1 2; do
			# Killed before each, and failed.
			# shellcheck disable=SC2086 # words
			run two_steps -e inject=rename:signal=KILL:when=$n crm-db $verb
			[ "$status" -eq 137 ]
			crm-find >got
			same want got
			crm-db compact
			# shellcheck disable=SC2086 # words
			runs two_steps -e inject=rename:error=EIO:when=$n crm-db $verb
			gives 73 '' "crm-db: ~/$STORE: Input/output error"
			crm-find >got
			same want got
			[ "$(ls "$HOME/.local/share")" = $'crm\ncrm.backups' ]
		done
	done
	runs crm-db check --full
	gives 0
}

@test "stat advises a compaction where much is unused" {
	seq 3000 | sed 's/.*/name:Person &\temail:p&@x.es/' | crm-add -q -
	crm-db stat --verbose -F free >got 2>&1
	[ "$(wc -l <got)" -eq 1 ]
	# Removed by hand: no program that removes is needed here.
	truncate -s 20M "$HOME/$STORE/data.mdb"
	runs crm-db stat --verbose -o value -F ops
	status_is 0
	[[ $stderr =~ ^crm-db:\ [0-9]+\ %\ of\ the\ file\ is\ unused\;\ crm-db\ compact\ gives\ it\ back$'\n'$ ]]
}

# ---- backup and restore ----

@test "a backup restored gives the same bytes out" {
	crm-db init --schema <(echo 'crm-schema: 1'; echo 'kinds: {contact: {fields: {vat: text}}}') -q
	crm-add -q name:Ona email:ona@x.es vat:ES1 company:Acme
	crm-log -q call ona@x.es 'hello there'
	all=kind:contact,company,activity
	crm-find $all >want
	crm-db schema >want.yaml
	runs crm-db backup x.backup
	gives 0
	[ "$(stat -c %a x.backup)" = 600 ]
	runs crm-db restore x.backup -D new.crm --verbose
	status_is 0
	[[ $stderr =~ ^crm-db:\ restored\ new.crm:\ [0-9.]+\ kB$'\n'$ ]]
	crm-find -D new.crm $all >got
	same want got
	crm-db schema -D new.crm >got.yaml
	same want.yaml got.yaml
	runs crm-db check --full -D new.crm
	gives 0
	[ "$(stat -c %a new.crm)" = 700 ]
	[ "$(crm-db stat -o value -F chain)" = "$(crm-db stat -D new.crm -o value -F chain)" ]
	CRM_SEED=2 crm-db restore --yes x.backup
	[ "$(crm-db stat -o value -F node)" != "$(crm-db stat -D new.crm -o value -F node)" ]
	[ "$(ls)" = "$(printf '%s\n' got got.yaml new.crm want want.yaml x.backup)" ]
}

@test "restore over a store needs --yes where nobody can be asked" {
	crm-add -q name:Ona
	crm-db backup x.backup
	crm-add -q name:Bo
	runs crm-db restore x.backup
	gives 2 '' "crm-db: restore over ~/$STORE cannot be undone; without a terminal it needs --yes"
	runs crm-find -c
	gives 0 2
	runs crm-db restore x.backup --yes
	gives 0
	runs crm-find -o value -F name
	gives 0 Ona
	[ "$(ls "$HOME/.local/share")" = $'crm\ncrm.backups' ]
}

@test "on a terminal restore asks, and no is the default" {
	crm-add -q name:Ona
	crm-db backup x.backup
	crm-add -q name:Bo
	for answer in '' n x; do
		{ sleep 0.2; echo "$answer"; } |
			script -qec 'crm-db restore x.backup; echo "=$?"' /dev/null >seen
		grep -qF "replace ~/$STORE and its 2 records? [y/N]" seen
		grep -q '^crm-db: nothing restored' seen
		grep -q '^=1' seen
		[ "$(crm-find -c)" = 2 ]
	done
	{ sleep 0.2; echo y; } |
		script -qec 'crm-db restore x.backup; echo "=$?"' /dev/null >seen
	grep -q '^=0' seen
	[ "$(crm-find -c)" = 1 ]
}

@test "backup to a pipe and restore from one" {
	crm-add -q name:Ona
	crm-find >want
	crm-db backup x.backup
	runs crm-db backup -
	status_is 0
	err_empty
	same x.backup "$OUT"
	crm-db backup - | cat | crm-db restore - -D new.crm
	crm-find -D new.crm >got
	same want got
	runs crm-db restore - -D c.crm <<<'not this'
	gives 65 '' 'crm-db: stdin: no backup of a store'
	runs crm-db restore - -D c.crm
	gives 65 '' 'crm-db: stdin: empty, no backup of a store'
	[ ! -e c.crm ]
}

@test "no backup goes to a terminal, none comes from one" {
	crm-add -q name:Ona
	on_terminal 80 crm-db backup - >seen
	[ "$(cat seen)" = 'crm-db: backup: standard output is a terminal; name a file or send it down a pipe' ]
	on_terminal 80 crm-db restore - -y >seen
	[ "$(cat seen)" = 'crm-db: restore: standard input is a terminal; name a file or send one down a pipe' ]
	[ "$(crm-find -c)" = 1 ]
}

@test "a backup takes the place of the one before, never of anything else" {
	crm-add -q name:Ona
	echo old >x.backup
	runs crm-db backup x.backup --verbose
	status_is 0
	[[ $stderr =~ ^crm-db:\ backed\ up\ to\ x.backup:\ [0-9.]+\ kB$'\n'$ ]]
	runs crm-db restore x.backup -D new.crm
	gives 0
	mkdir folder
	mkfifo pipe
	for name in folder pipe /dev/null; do
		runs crm-db backup $name
		gives 73 '' "crm-db: $name: no regular file; \`-\` is for a pipe"
	done
	runs crm-db backup none/x.backup
	gives 73 '' 'crm-db: none/x.backup: cannot create a copy beside it: No such file or directory'
	runs crm-db backup "$HOME/$STORE/x.backup"
	gives 73 '' "crm-db: ~/$STORE/x.backup: a store holds nothing but its own files"
	[ "$(ls)" = "$(printf '%s\n' folder new.crm pipe x.backup)" ]
	runs crm-db backup x.backup -D none.crm
	gives 66 '' 'crm-db: none.crm: no store there'
}

@test "where backups went is noted beside the store" {
	crm-add -q name:Ona
	crm-db backup x.backup
	crm-add -q name:Bo
	crm-db backup "$PWD/y.backup"
	crm-db backup - >z
	crm-db backup --text $'tab\there'
	printf '2026-03-02T09:00:00Z\t%s\n' "1	$PWD/x.backup" \
		"2	$PWD/y.backup" '2	-' "2	$PWD/tab\\\\there" |
		sed 's/\\\\/\\/' >want
	same want "$HOME/$STORE.backups"
	[ "$(stat -c %a "$HOME/$STORE.backups")" = 600 ]
}

@test "what is no whole backup is refused, and the store stays" {
	crm-add -q name:Ona
	crm-db backup x.backup
	crm-find >want
	for size in 1 100 5000 20000; do
		head -c $size x.backup >y.backup
		runs crm-db restore -y y.backup
		status_is 65
		out_empty
		[[ $stderr == 'crm-db: y.backup: '* ]]
	done
	runs crm-db restore -y y.backup
	gives 65 '' 'crm-db: y.backup: damaged: the file is cut short'
	for at in 0 5000 17000 40000; do
		cp x.backup y.backup
		printf '~' | dd of=y.backup bs=1 seek=$at conv=notrunc status=none
		runs crm-db restore -y y.backup
		gives 65 '' 'crm-db: y.backup: damaged: its bytes are not those that were backed up'
	done
	head -c 100000 /dev/urandom >y.backup
	runs crm-db restore -y y.backup
	gives 65 '' 'crm-db: y.backup: no backup of a store'
	runs crm-db restore -y none
	gives 66 '' 'crm-db: none: No such file or directory'
	crm-find >got
	same want got
	[ "$(ls "$HOME/.local/share")" = $'crm\ncrm.backups' ]
}

@test "a data.mdb by itself is a backup too" {
	crm-add -q name:Ona
	crm-db backup x.backup
	cp "$HOME/$STORE/data.mdb" y.backup
	runs crm-db restore y.backup -D new.crm
	gives 0
	[ "$(crm-find -D new.crm -o value -F name)" = Ona ]
	damage y.backup Ona
	runs crm-db restore y.backup -D c.crm
	status_is 65
	[[ $stderr == 'crm-db: y.backup: damaged: '*'contact '*': '* ]]
	[ ! -e c.crm ]
}

@test "restore over a damaged store cures it" {
	crm-add -q name:Ona
	crm-db backup x.backup
	truncate -s 9000 "$HOME/$STORE/data.mdb"
	runs crm-find
	status_is 74
	err_is "crm-find: ~/$STORE/data.mdb: damaged: the file is cut short" \
		'Restore it from a backup: crm-db restore FILE.'
	runs crm-db restore --yes x.backup
	gives 0
	[ "$(crm-find -o value -F name)" = Ona ]
	runs crm-db check --full
	gives 0
}

@test "a damaged store makes no backup" {
	crm-add -q name:Onadamaged
	crm-db backup x.backup
	cp x.backup want
	damage "$HOME/$STORE/data.mdb" Onadamaged
	for to in x.backup -; do
		runs crm-db backup $to
		status_is 74
		out_empty
		[[ ${stderr_lines[0]} == "crm-db: ~/$STORE: damaged: "*' faults, the first: contact '* ]]
	done
	same want x.backup
}

@test "restore does not take the folder of other files" {
	crm-add -q name:Ona
	crm-db backup x.backup
	mkdir other
	echo mine >other/notes
	runs crm-db restore -y x.backup -D other
	gives 73 '' "crm-db: other: the folder holds other files than the store's, for example 'notes'
Move them out of it first."
	[ "$(ls other)" = notes ]
	ln -s other link
	runs crm-db restore -y x.backup -D link
	gives 77 '' 'crm-db: link: a symbolic link: refused'
}

@test "backup --text is every record as lines, and loads again" {
	"$EXAMPLES/load" >/dev/null
	all=kind:contact,company,deal,activity,order,product,task,case
	crm-find --stored $all >want
	crm-db backup --text x.txt
	[ "$(stat -c %a x.txt)" = 600 ]
	grep -Ev "$(printf '(^|\t)_do:')" x.txt >records
	same want records
	crm-add -q -D new.crm - <records
	crm-find --stored -D new.crm $all >got
	same want got
	crm-db backup --text - -o json | cat >y.txt
	same x.txt y.txt
	# One line a change behind them, the newest last.
	tail -n 1 x.txt | grep -q "$(printf '\t_seq:%s\\.' "$(crm-db stat -o value -F ops)")"
}

@test "a backup while others write holds a moment that was" {
	crm-add -q name:first
	{
		for ((i = 1; i <= 400; i++)); do
			echo "name:n$i	email:n$i@x.es"
			((i % 7)) || sleep 0.01
		done
	} | crm-add --follow -o id - >ids &
	writer=$!
	until [ -s ids ]; do sleep 0.01; done
	for ((i = 0; i < 5; i++)); do
		crm-db backup b$i.backup
		crm-db backup - >p$i.backup
	done
	wait $writer
	for f in b?.backup p?.backup; do
		crm-db restore "$f" -D new.crm --yes
		crm-db check --full -D new.crm
		# What it holds is the first of what was acknowledged, without a gap.
		crm-find -D new.crm -o id | tail -n +2 >got
		head -n "$(wc -l <got)" ids >want
		same want got
	done
}

@test "compact while others write and read loses nothing" {
	crm-add -q name:first
	{
		for ((i = 1; i <= 300; i++)); do
			echo "name:n$i	email:n$i@x.es"
			((i % 5)) || sleep 0.01
		done
	} | crm-add --follow -o id - >ids &
	writer=$!
	until [ -s ids ]; do sleep 0.01; done
	for ((i = 0; i < 8; i++)); do
		crm-db compact
		crm-find -c >/dev/null
	done
	wait $writer
	[ "$(wc -l <ids)" -eq 300 ]
	crm-find -o id | tail -n +2 >got
	same ids got
	runs crm-db check --full
	gives 0
	[ "$(ls "$HOME/.local/share")" = crm ]
}

@test "where nothing may be written there is no backup, and no compaction" {
	[ "$(id -u)" -ne 0 ] || skip "root may write anywhere"
	crm-add -q name:Ona
	mkdir shut
	chmod 500 shut "$HOME/.local/share"
	runs crm-db backup shut/x.backup
	gives 77 '' 'crm-db: shut/x.backup: cannot create a copy beside it: Permission denied'
	runs crm-db compact
	gives 77 '' "crm-db: ~/$STORE: cannot create a copy beside it: Permission denied"
	# To a pipe it goes by way of another folder, and is noted nowhere.
	crm-db backup - >x.backup
	chmod 700 shut "$HOME/.local/share"
	[ ! -e "$HOME/$STORE.backups" ]
	crm-db restore -D new.crm - <x.backup
	[ "$(crm-find -D new.crm -c)" = 1 ]
	[ -z "$(ls "$TMPDIR")" ]
}

@test "a full disk leaves no copy behind, and the store as it was" {
	crm-add -q name:Ona
	crm-find >want
	crm-db backup x.backup
	# One file may have 20 kB: no copy of the store has room.
	for verb in compact 'backup y.backup' 'restore -y x.backup'; do
		# shellcheck disable=SC2086 # words
		runs bash -c "ulimit -f 20; crm-db $verb"
		status_is 74
		out_empty
		[ "${#stderr_lines[@]}" -eq 1 ]
		[ "$(ls)" = $'want\nx.backup' ]
		[ "$(ls "$HOME/.local/share")" = $'crm\ncrm.backups' ]
		crm-find >"$TMPDIR/got"
		same want "$TMPDIR/got"
	done
}

@test "who was erased since does not come back with a backup" {
	crm-add -q name:Ona email:ona@x.es
	crm-add -q name:Canarybird email:tweet@x.es
	crm-log -q call tweet@x.es 'about the canary'
	crm-db backup x.backup
	grep -qaF Canarybird x.backup
	crm-rm -q --erase --yes tweet@x.es
	runs crm-db restore --yes x.backup
	gives 0
	runs crm-find -o value -F name
	gives 0 Ona
	runs crm-db check --full
	gives 0
	run grep -rqaiE 'canary|tweet' "$HOME/.local/share"
	[ "$status" -eq 1 ]
	# A backup with their fingerprints wants the key of these.
	crm-db backup y.backup
	mv "$HOME/$STORE.key" key
	runs crm-db restore --yes y.backup
	status_is 78
	[[ ${stderr_lines[0]} == "crm-db: ~/$STORE.key: the backup holds "*' suppressed address'* ]]
	[ "${stderr_lines[1]}" = 'Put the key there from where it is kept, and restore again.' ]
	mv key "$HOME/$STORE.key"
	runs crm-db restore --yes y.backup
	gives 0
	# No backup holds the key.
	run grep -qaFf "$HOME/$STORE.key" y.backup
	[ "$status" -eq 1 ]
}

@test "a restore that waits for its pipe can be ended" {
	crm-add -q name:Ona
	mkfifo pipe
	crm-db restore - --yes <pipe 2>said &
	victim=$!
	exec 4>pipe
	head -c 5000 "$HOME/$STORE/data.mdb" >&4
	until ls -d "$HOME/$STORE.new-"* >/dev/null 2>&1; do :; done
	kill -TERM $victim
	status=0
	wait $victim || status=$?
	exec 4>&-
	[ "$status" -eq 143 ]
	[ "$(ls "$HOME/.local/share")" = crm ]
	[ "$(crm-find -c)" = 1 ]
}

@test "a full stdout is 74 for a backup too" {
	[ -w /dev/full ] || skip "there is no /dev/full"
	crm-add -q name:Ona
	runs sh -c 'crm-db backup - >/dev/full'
	gives 74 '' 'crm-db: standard output: No space left on device'
	runs sh -c 'crm-db backup --text - >/dev/full'
	gives 74 '' 'crm-db: standard output: No space left on device'
}

# ---- upgrade ----

@test "a store of this release is up to date" {
	crm-add -q name:Ona
	cp "$HOME/$STORE/data.mdb" before
	runs crm-db upgrade -n --verbose
	gives 0 '' 'crm-db: up to date'
	runs crm-db upgrade --verbose
	gives 0 '' 'crm-db: up to date'
	cmp before "$HOME/$STORE/data.mdb"
	runs crm-db upgrade -D none.crm
	gives 66 '' 'crm-db: none.crm: no store there'
}

# Pages that one commit takes and gives back are never written: the file of
# this store may end before them.
@test "a file may end before pages that are free, and no earlier" {
	local data=$XDG_DATA_HOME/crm/data.mdb n
	crm-add -q contact -i csv <"$CRM_TOP/examples/contacts.csv"
	crm-find tag:vip | crm-edit -q tag+:expo
	crm-undo -q
	crm-undo -q
	[ "$(crm-find -c)" = 0 ]
	n=$(stat -c %s "$data")
	truncate -s $((n - 4096)) "$data"
	[ "$(crm-find -c)" = 0 ]
	runs crm-db check --full
	gives 0
	# Whoever writes makes it whole.
	crm-undo -q --redo
	[ "$(crm-find -c)" = 200 ]
	[ "$(stat -c %s "$data")" -ge "$n" ]
	truncate -s $((n / 2)) "$data"
	runs crm-find -c
	status_is 74
	[[ ${stderr_lines[0]} == *"data.mdb: damaged: the file is cut short" ]]
}

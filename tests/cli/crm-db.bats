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
Verbs: init, path, stat, check, schema."
	runs crm-db
	gives 2 '' "crm-db: wanted a verb: init, path, stat, check, schema
Try 'crm-db --help'."
}

@test "an option of one verb is refused with another" {
	runs crm-db stat --full
	gives 2 '' "crm-db: --full goes with 'crm-db check', not with 'stat'"
	runs crm-db check --apply x.yaml
	gives 2 '' "crm-db: --apply goes with 'crm-db schema', not with 'check'"
	runs crm-db schema -n
	gives 2 '' "crm-db: -n goes with --apply FILE"
	runs crm-db schema --built-in --apply x.yaml
	gives 2 '' "crm-db: --built-in prints, --apply changes: one of them"
}

@test "an operand too many is refused" {
	runs crm-db path x
	gives 2 '' "crm-db: path takes no operand, got 'x'"
	runs crm-db schema x.yaml
	gives 2 '' "crm-db: schema takes no operand, got 'x.yaml'; --apply x.yaml?"
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
0" "crm-db: no store yet at ~/$STORE; crm-add makes it"
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
	command -v flock >/dev/null || skip "there is no flock"
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

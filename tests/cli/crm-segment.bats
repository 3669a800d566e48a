# SPDX-License-Identifier: MIT
# crm-segment: named queries and frozen sets, and what one does with them.
load helper

setup() {
	crm_setup
	ME=$(id -un)
	crm-add -q <<-EOT
		kind:contact	name:Ana	email:ana@a.es	stage:customer	tag:vip	city:madrid
		kind:contact	name:Bo	email:bo@a.es	stage:customer	city:madrid
		kind:contact	name:Cris	email:cris@a.es	stage:lead	tag:vip
		kind:contact	name:Dan	email:dan@a.es	stage:lead
		kind:company	name:Acme	domain:acme.es
	EOT
	crm-add -q order contact:ana@a.es amount:100 currency:EUR
	crm-add -q order contact:cris@a.es amount:20.50 currency:EUR
	crm-segment save -q vip tag:vip
	crm-segment save -q madrid city:madrid
}

# names ARG ...: of the members, with commas between.
names() {
	crm-segment "$@" -o value -F name | paste -sd, -
}

# id_of NAME: of the contact or segment of that name.
id_of() {
	crm-find "kind:contact,company,segment" "name=$1" -o id
}

# ---- save ----

@test "save prints the segment, and the name stands in every query" {
	runs crm-segment save customers stage:customer --verbose
	status_is 0
	out_is "id:$(id_of customers)	kind:segment	rev:1	name:customers	query:stage:customer	created:2026-03-02T09:00:00Z	updated:2026-03-02T09:00:00Z"
	err_is 'crm-segment: saved customers; @customers stands in any query'
	runs crm-find @customers @vip -o value -F name
	gives 0 Ana
	runs crm-find -e 'not @vip or @madrid' -c
	gives 0 3
	crm-edit -q --where @customers tag+:paid
	runs crm-find tag:paid -c
	gives 0 2
	runs sh -c 'crm-find | crm-find - @vip -o value -F name'
	gives 0 $'Ana\nCris'
}

@test "words are kept as they were typed, or as one expression" {
	crm-segment save -q a tag:vip or city:madrid
	crm-segment save -q b 'name:Ana Maria' tag:vip
	crm-segment save -q c -e 'tag:vip or city:madrid'
	crm-segment save -q d stage:lead -e 'tag:vip or tag:x'
	runs crm-segment show a b c d -o value -F query
	gives 0 'tag:vip or city:madrid
name:"Ana Maria" and tag:vip
tag:vip or city:madrid
(tag:vip or tag:x) and stage:lead'
}

@test "a second save replaces and says so; undo brings the first back" {
	runs crm-segment save vip tag:vip city:madrid -o value -F rev,query --verbose
	gives 0 $'2\ntag:vip city:madrid' \
		'crm-segment: replaced the query of vip; crm-undo brings the old one back'
	[ "$(names vip)" = Ana ]
	runs crm-segment save vip tag:vip city:madrid -o id --verbose
	gives 0 "$(id_of vip)" 'crm-segment: vip is that query already'
	crm-undo -q
	[ "$(names vip)" = Ana,Cris ]
}

@test "-n prints the change lines and stores nothing" {
	runs crm-segment save -n new tag:x
	gives 0 "kind:segment	name:new	query:tag:x	_do:add	_at:2026-03-02T09:00:00Z	_by:$ME	_prog:crm-segment"
	runs crm-segment save -n vip tag:x -F name,_field,_old,_new
	gives 0 'name:vip	_field:query	_old:tag:vip	_new:tag:x'
	runs crm-segment freeze -n vip -F name,query,_do
	gives 0 'name:vip@2026-03-02	query:tag:vip	_do:add'
	runs crm-segment rm -n vip -F name,_do
	gives 0 'name:vip	_do:rm'
	runs crm-segment list -o value -F name
	gives 0 $'madrid\nvip'
}

@test "what does not bind is not stored" {
	runs crm-segment save bad stgae:lead
	gives 2 '' "crm-segment: query: unknown field 'stgae' in 'stgae:lead'; did you mean 'stage'?"
	runs crm-segment save bad @vpi
	gives 2 '' "crm-segment: query: unknown segment '@vpi'; did you mean '@vip'?"
	runs crm-segment save bad
	gives 2 '' 'crm-segment: save: no query; kind:contact is every contact'
	runs crm-segment save Bad tag:x
	gives 2 '' "crm-segment: 'Bad' is no name of a segment; wanted a letter a to z, then a to z, digits, _ . -, at most 48, and none of the verbs"
	runs crm-segment save list tag:x
	status_is 2
	runs crm-segment list -o value -F name
	gives 0 $'madrid\nvip'
}

@test "a circle is refused and printed" {
	crm-segment save -q a @vip
	runs crm-segment save vip @a
	gives 2 '' 'crm-segment: @vip: query: segments in a circle: @a in @vip in @a'
	runs crm-segment save self @self
	gives 2 '' "crm-segment: query: unknown segment '@self'"
	[ "$(names vip)" = Ana,Cris ]
}

@test "the first save makes the store, a refused one does not" {
	runs env CRM_DB="$HOME/new" crm-segment save bad stgae:x
	status_is 2
	runs env CRM_DB="$HOME/new" crm-segment save all kind:contact -o value -F name
	gives 0 all
	runs env CRM_DB="$HOME/none" crm-segment list
	gives 66 '' "crm-segment: ~/none: no store there"
}

# ---- members ----

@test "a name alone gives the members, as crm-find gives them" {
	crm-find tag:vip >want
	crm-segment vip >got
	same want got
	runs crm-segment vip -o id
	gives 0 "$(id_of Ana)
$(id_of Cris)"
	runs crm-segment vip -s -name -l 1 -o value -F name
	gives 0 Cris
	crm-segment save -q firms kind:company
	runs crm-segment firms -o value -F name
	gives 0 Acme
	runs crm-find @firms -c
	gives 0 1
}

@test "handles and lines: which of them are members" {
	runs crm-segment vip ana@a.es bo@a.es -o value -F name
	gives 0 Ana
	runs sh -c 'crm-find city:madrid | crm-segment vip - -o value -F name'
	gives 0 Ana
	runs crm-segment vip zed@a.es
	gives 66 '' "crm-segment: no contact 'zed@a.es'"
}

@test "-q answers whether there is a member" {
	runs crm-segment -q vip
	gives 0
	runs crm-segment -q vip bo@a.es
	gives 1
	runs crm-segment -q minus vip vip
	gives 1
	runs crm-segment -q diff vip vip
	gives 1
}

@test "an unknown name is an error, with the nearest" {
	runs crm-segment vpi
	gives 2 '' "crm-segment: unknown segment 'vpi'; did you mean 'vip'?"
	runs crm-segment unoin vip madrid
	gives 2 '' "crm-segment: unknown segment 'unoin'; did you mean 'union'?"
	runs crm-segment union vip madrd
	gives 2 '' "crm-segment: unknown segment 'madrd'; did you mean 'madrid'?"
	runs crm-segment
	gives 2 '' 'crm-segment: say a segment, or a verb: save, list, show, rm, freeze, diff, union, intersect, minus, overlap, split or sample'
	runs crm-find @vpi
	gives 2 '' "crm-find: query: unknown segment '@vpi'; did you mean '@vip'?"
	runs sh -c 'crm-find | crm-find - @vpi'
	gives 2 '' "crm-find: query: unknown segment '@vpi'; did you mean '@vip'?"
}

@test "restricted people are in no list and no count" {
	crm-segment freeze -q vip
	crm-edit -q ana@a.es restricted:true
	[ "$(names vip)" = Cris ]
	[ "$(names vip@2026-03-02)" = Cris ]
	[ "$(names union vip madrid)" = Bo,Cris ]
	runs sh -c 'crm-find city:madrid | crm-segment union - vip -o value -F name'
	gives 0 $'Bo\nCris'
	runs crm-segment show vip -o value -F _size,_share,_value
	gives 0 $'1\n0.3333\n20.50'
	runs crm-segment overlap vip madrid -o value -F _both,_only_a
	gives 0 $'0\n1'
	runs crm-find @vip -c
	gives 0 2
	crm-segment freeze -q vip@now
	crm-edit -q ana@a.es restricted:
	[ "$(names vip@now)" = Cris ]
}

# ---- list, show, rm ----

@test "list and show give size, share, value and age" {
	CRM_NOW=2026-03-12T10:00:00Z runs crm-segment list
	status_is 0
	err_empty
	out_is <<-EOT
		id:$(id_of madrid)	kind:segment	rev:1	name:madrid	query:city:madrid	created:2026-03-02T09:00:00Z	updated:2026-03-02T09:00:00Z	_size:2	_share:0.5	_value:100.00	_age:10
		id:$(id_of vip)	kind:segment	rev:1	name:vip	query:tag:vip	created:2026-03-02T09:00:00Z	updated:2026-03-02T09:00:00Z	_size:2	_share:0.5	_value:120.50	_age:10
	EOT
	runs crm-segment show vip -o json -F name,_size
	status_is 0
	runs crm-segment list -l 1 -o value -F name
	gives 0 madrid
	runs crm-segment list -s name
	gives 2 '' 'crm-segment: --sort: these lines are no records; crm-find -s KEY - sorts them'
	runs crm-segment show vip god
	gives 2 '' "crm-segment: unknown segment 'god'"
}

@test "a query that no longer binds is warned of in list" {
	crm-add -q segment name:old query:gone:1
	runs crm-segment list -F name,_size
	status_is 0
	out_is 'name:madrid	_size:2' 'name:old' 'name:vip	_size:2'
	[[ $stderr == "crm-segment: old: warning: @old: query: unknown field 'gone'"* ||
		$stderr == *"unknown field 'gone'"* ]]
	runs crm-segment show old
	status_is 2
	out_empty
}

@test "rm removes, unless another names it" {
	crm-segment save -q both @vip @madrid
	runs crm-segment rm vip
	gives 65 '' "crm-segment: 'vip' is named by segment 'both'; change or remove that first"
	runs crm-segment rm vip both vip --verbose
	gives 0 '' 'crm-segment: removed 2 segments; crm-undo brings them back'
	runs crm-segment vip
	gives 2 '' "crm-segment: unknown segment 'vip'"
	crm-undo -q
	[ "$(names both)" = Ana ]
	runs crm-segment rm vpi
	gives 2 '' "crm-segment: unknown segment 'vpi'; did you mean 'vip'?"
}

# ---- frozen sets ----

@test "a frozen set keeps its members, whatever becomes of them" {
	runs crm-segment freeze vip --verbose -F name,query,frozen
	gives 0 'name:vip@2026-03-02	query:tag:vip	frozen:2026-03-02T09:00:00Z' \
		'crm-segment: vip@2026-03-02: 2 members'
	crm-edit -q ana@a.es tag:
	crm-edit -q bo@a.es tag:vip
	[ "$(names vip)" = Bo,Cris ]
	[ "$(names vip@2026-03-02)" = Ana,Cris ]
	runs crm-find @vip@2026-03-02 city:madrid -o value -F name
	gives 0 Ana
	crm-rm -q cris@a.es --cascade
	[ "$(names vip@2026-03-02)" = Ana ]
	runs crm-segment show vip@2026-03-02 -o value -F _size
	gives 0 1
}

@test "a label that is taken is refused, and one may be named" {
	crm-segment freeze -q vip
	runs crm-segment freeze vip
	gives 65 '' "crm-segment: 'vip@2026-03-02' is there already; name another label: vip@LABEL"
	runs crm-segment freeze vip@q1 -o value -F name
	gives 0 vip@q1
	runs crm-segment freeze vip@Q1
	gives 2 '' "crm-segment: 'vip@Q1' is no name of a frozen set; wanted NAME@LABEL: letters a to z, digits, _ . -, at most 48 in all"
	runs crm-segment freeze god
	gives 2 '' "crm-segment: unknown segment 'god'"
}

@test "members are in no line, but in backups, checks and undo" {
	seq -f 'name:P%g	tag:many' 300 | crm-add -q contact -
	crm-segment save -q many tag:many
	crm-segment freeze -q many
	runs crm-find kind:segment name:many --stored
	status_is 0
	[[ $output != *member* ]]
	runs crm-changes --op "$(crm-undo --list -l 1 -o value -F _seq)"
	status_is 0
	[[ $output != *member* ]]
	runs crm-db check --full
	gives 0
	crm-segment many@2026-03-02 -o id >want
	[ "$(wc -l <want)" -eq 300 ]
	crm-undo -q
	runs crm-segment many@2026-03-02
	status_is 2
	crm-undo -q --redo
	crm-segment many@2026-03-02 -o id >got
	same want got
	crm-segment rm -q many@2026-03-02
	crm-undo -q
	crm-segment many@2026-03-02 -o id >got
	same want got
	crm-edit -q "$(id_of many@2026-03-02)" note:kept
	crm-undo -q
	crm-segment many@2026-03-02 -o id >got
	same want got
	crm-db backup copy
	crm-db restore --yes copy -D "$HOME/other"
	crm-segment -D "$HOME/other" many@2026-03-02 -o id >got
	same want got
	runs crm-db check --full
	gives 0
}

@test "an empty set is a set" {
	crm-segment save -q none tag:nobody
	runs crm-segment freeze none -o value -F name
	gives 0 none@2026-03-02
	runs crm-segment none@2026-03-02
	gives 0
	runs crm-find @none@2026-03-02 -c
	gives 0 0
}

# ---- two sets ----

@test "union, intersect and minus" {
	[ "$(names union vip madrid)" = Ana,Bo,Cris ]
	[ "$(names intersect vip madrid)" = Ana ]
	[ "$(names minus vip madrid)" = Cris ]
	[ "$(names minus madrid vip)" = Bo ]
	crm-segment save -q leads stage:lead
	[ "$(names minus vip madrid leads)" = '' ]
	runs crm-segment union vip
	gives 2 '' 'crm-segment: union: it takes A B ...'
}

@test "operands are files and standard input, too" {
	crm-find city:madrid >madrid.ltsv
	crm-find city:madrid -o json >madrid.json
	crm-find city:madrid -o id >madrid.id
	[ "$(names minus ./madrid.ltsv vip)" = Bo ]
	[ "$(names minus ./madrid.json vip)" = Bo ]
	[ "$(names minus ./madrid.id vip)" = Bo ]
	[ "$(names minus vip - <madrid.ltsv)" = Cris ]
	runs crm-segment union - - <madrid.ltsv
	gives 2 '' "crm-segment: standard input is read once; '-' came twice"
	runs crm-segment union ./none vip
	gives 66 '' 'crm-segment: ./none: No such file or directory'
	echo 'name:nobody' >x
	runs crm-segment union ./x vip
	gives 65 '' 'crm-segment: ./x:1: the line has no id; lines count by their id here'
	echo 'nobody@a.es' >x
	runs crm-segment union - vip <x
	gives 65 '' "crm-segment: stdin:1: no contact 'nobody@a.es'"
	printf 'id:01HF7YAT00JXHQEH5M3VYDK7BV\n' >x
	[ "$(names union ./x vip)" = Ana,Cris ]
}

@test "diff gives who left and who entered" {
	runs crm-segment diff vip madrid
	gives 0 "id:$(id_of Bo)	kind:contact	rev:1	name:Bo	_do:enter
id:$(id_of Cris)	kind:contact	rev:1	name:Cris	_do:leave"
	runs crm-segment diff vip vip
	gives 0
	runs crm-segment diff vip
	gives 2 '' 'crm-segment: diff: one segment is compared with what it was: say --as-of DATE, or name two'
}

@test "--as-of: members as they were, and what changed since" {
	local later=2026-04-02T09:00:00Z
	CRM_NOW=$later crm-edit -q ana@a.es tag:
	CRM_NOW=$later crm-edit -q bo@a.es tag:vip
	CRM_NOW=$later crm-rm -q cris@a.es --cascade
	CRM_NOW=$later runs crm-segment vip --as-of 2026-03-15 -o value -F name
	gives 0 $'Ana\nCris'
	CRM_NOW=$later runs crm-segment diff vip --as-of 2026-03-15 -F name,_do
	gives 0 'name:Ana	_do:leave
name:Bo	_do:enter
name:Cris	_do:leave'
	CRM_NOW=$later runs crm-segment list --as-of 2026-03-15 -F name,_size,_age
	gives 0 'name:madrid	_size:2	_age:12
name:vip	_size:2	_age:12'
	CRM_NOW=$later crm-edit -q ana@a.es restricted:true
	CRM_NOW=$later runs crm-segment vip --as-of 2026-03-15 -o value -F name
	gives 0 Cris
	runs crm-segment freeze vip --as-of 2026-03-01
	gives 2 '' 'crm-segment: --as-of: the past is not written; it does not go with freeze'
}

@test "overlap gives a line a pair" {
	crm-segment save -q all kind:contact
	runs crm-segment overlap vip madrid all
	gives 0 '_a:vip	_b:madrid	_both:1	_only_a:1	_only_b:1	_jaccard:0.3333
_a:vip	_b:all	_both:2	_only_a:0	_only_b:2	_jaccard:0.5
_a:madrid	_b:all	_both:2	_only_a:0	_only_b:2	_jaccard:0.5'
	runs crm-segment overlap vip madrid -q
	gives 0
}

# ---- split and sample ----

@test "split gives each member a variant, the same one in any order" {
	seq -f 'name:P%g	tag:many' 200 | crm-add -q contact -
	crm-segment save -q many tag:many
	crm-segment split many --arms A=45,B=45,hold=10 >want
	[ "$(wc -l <want)" -eq 200 ]
	[ "$(grep -c 'variant:[AB]$\|variant:hold$' want)" -eq 200 ]
	crm-find tag:many | shuf --random-source=<(yes) |
		crm-segment split - --arms A=45,B=45,hold=10 --seed many >got
	same want got
	crm-segment split many --arms A=45 >part
	[ "$(grep -c variant: part)" -lt 200 ]
	grep variant:A want | cut -f1 >a
	grep variant:A part | cut -f1 >b
	same a b
	crm-segment split many --arms A=45,B=45,hold=10 --seed other >other
	! cmp -s want other
	crm-segment freeze -q many
	crm-segment split many@2026-03-02 --arms A=45,B=45,hold=10 >got
	same want got
}

@test "sample gives the same few members each time, by id" {
	seq -f 'name:P%g	tag:many' 200 | crm-add -q contact -
	crm-segment save -q many tag:many
	crm-segment sample many 20 -o id >want
	[ "$(wc -l <want)" -eq 20 ]
	sort -c want
	crm-find tag:many | tac | crm-segment sample - 20 --seed many -o id >got
	same want got
	crm-segment sample many 10 -o id >less
	[ "$(comm -12 less want | wc -l)" -eq 10 ]
	runs crm-segment sample vip 5 -o value -F name
	gives 0 $'Ana\nCris'
	runs crm-segment sample vip 0
	gives 0
	runs crm-segment sample vip x
	gives 2 '' "crm-segment: sample: got 'x', wanted a whole number from 0 up"
}

@test "split and sample say what they need" {
	runs crm-segment split vip
	gives 2 '' 'crm-segment: split: --arms is needed, for example --arms A=45,B=45,hold=10'
	runs crm-segment split - --arms A=50 </dev/null
	gives 2 '' 'crm-segment: --seed: lines have no name to begin with; say --seed NAME'
	runs crm-segment split vip --arms A=90,B=20
	status_is 2
	runs crm-segment union vip madrid --arms A=50
	gives 2 '' 'crm-segment: --arms goes with split alone'
	runs crm-segment union vip madrid --seed x
	gives 2 '' 'crm-segment: --seed goes with split and sample alone'
	runs crm-segment union vip madrid -n
	gives 2 '' 'crm-segment: --dry-run goes with save, freeze and rm: the rest changes nothing'
	runs crm-segment vip -e tag:x
	gives 2 '' 'crm-segment: --expr goes with save alone; @NAME stands in any query of crm-find'
}

# ---- looks, failures ----

@test "on a terminal lists are tables" {
	runs crm-segment overlap vip madrid -o table
	gives 0 '_A   _B      _BOTH  _ONLY_A  _ONLY_B  _JACCARD
vip  madrid      1        1        1    0.3333'
	runs crm-segment diff vip madrid -o table
	status_is 0
	[[ ${lines[0]} =~ ^ID\ +NAME\ +_DO$ ]]
}

@test "completions know verbs, segments and what stands behind @" {
	runs crm-segment --crm-complete -- v
	gives 0 'vip	tag:vip'
	runs crm-segment --crm-complete -- un
	gives 0 'union	members of any'
	runs crm-segment --crm-complete -- union vip ma
	gives 0 'madrid	city:madrid'
	runs crm-find --crm-complete -- @v
	gives 0 '@vip	tag:vip'
	runs crm-segment --crm-complete -- save x @ma
	gives 0 '@madrid	city:madrid'
}

@test "a full disk, a bad configuration" {
	runs sh -c 'crm-segment vip >/dev/full'
	gives 74 '' 'crm-segment: standard output: No space left on device'
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'colour: no' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-segment list
	gives 78 '' "crm-segment: ~/.config/crm/config.yaml:1:1: unknown key 'colour'; did you mean 'color'?"
}

@test "another writer is waited for, and no longer than was said" {
	needs flock
	runs flock "$XDG_DATA_HOME/crm" crm-segment save x tag:x --lock-timeout 1s
	status_is 75
	out_empty
}

@test "--gate says who would be held back, and leaves nobody out" {
	crm-add -q consent contact:ana@a.es purpose:marketing channel:email \
		state:granted
	crm-log -q call bo@a.es 'hello there'
	crm-log -q email ana@a.es 'hello there' at:-1d
	crm-log -q email ana@a.es 'hello again' at:-2d
	runs crm-segment madrid --gate email -F name,_reason,_until
	gives 0 'name:Ana	_reason:cap	_until:2026-03-07T00:00:00Z
name:Bo	_reason:no-consent'
	runs crm-segment union vip madrid --gate call -F name,_reason
	gives 0 'name:Ana	_reason:no-address
name:Bo	_reason:no-address
name:Cris	_reason:no-address'
	runs crm-segment split vip --arms A=100 --gate email \
		-F name,variant,_reason
	gives 0 'name:Ana	variant:A	_reason:cap
name:Cris	variant:A	_reason:no-consent'
	runs crm-segment madrid --gate email -q
	gives 0
	# The moment of --as-of is now.
	CRM_NOW=2026-03-08T09:00:00Z runs crm-segment madrid --gate email \
		-F name,_reason
	gives 0 'name:Ana
name:Bo	_reason:no-consent'
	CRM_NOW=2026-03-08T09:00:00Z runs crm-segment madrid --gate email \
		--as-of 2026-03-03 -F name,_reason
	gives 0 'name:Ana	_reason:cap
name:Bo	_reason:no-consent'
	# A deal is its contact's.
	crm-add -q deal name:Oil contact:bo@a.es amount:5 currency:EUR
	crm-segment save -q deals kind:deal
	runs crm-segment deals --gate email -F name,_reason
	gives 0 'name:Oil	_reason:no-consent'
	runs crm-segment madrid --gate emial
	status_is 2
	[[ $stderr == "crm-segment: --gate: channel: got 'emial'; did you mean 'email'?"* ]]
	runs crm-segment list --gate email
	gives 2 '' 'crm-segment: --gate goes with what prints members, not with list'
	runs crm-segment madrid --gate email -o table -l 1
	gives 0 "ID    NAME  COMPANY  STAGE     _REASON  _UNTIL
$(id_of Ana | tail -c 5)  Ana            customer  cap      in 5 days"
}

@test "crm-rm too leaves a segment that another one names" {
	crm-segment save -q both @vip @madrid
	crm-segment freeze -q vip@one
	runs crm-rm kind:segment vip
	status_is 65
	out_empty
	[[ $stderr == *"'vip' is named by segment 'both'; change or remove that first"* ]]
	runs crm-rm kind:segment vip@one
	status_is 0
	runs crm-rm kind:segment vip both
	status_is 0
	runs crm-segment list -F name
	gives 0 name:madrid
	crm-undo -q
	runs crm-segment both -q
	status_is 0
}

@test "a backup holds the members of a frozen set, one as text too" {
	crm-segment freeze -q vip@one
	crm-segment save -q vip stage:lead
	crm-db backup -q day.backup
	crm-db backup -q --text day.txt
	grep _segment: day.txt >got
	crm-segment vip@one -o id |
		sed 's/.*/id:&\t_do:enter\t_segment:vip@one/' >want
	same want got
	[ "$(wc -l <got)" = 2 ]
	crm-segment rm -q vip@one
	crm-db restore -q --yes day.backup
	runs crm-segment vip@one -o value -F name
	gives 0 $'Ana\nCris'
}

@test "a rule of the schema names no segment" {
	printf 'crm-schema: 1\ncadence:\n  - {when: "@vip", every: 30d}\n' >s.yaml
	runs crm-db schema --apply s.yaml
	gives 65 '' "crm-db: s.yaml:3:12: when: '@vip' cannot stand in a schema; write its query"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the programs answer to --crm-complete, and what the shells make of it.
load helper

COMP=$CRM_TOP/completions

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
	crm-add -q contact - <<-'EOT'
	name:Ana Núñez	email:ana@acme.es	tag:vip	stage:customer	city:Málaga
	name:Peña Gil	email:pena@x.example	tag:press	stage:lead
	name:$(touch pwned)`touch pwned`	email:evil@x.example	tag:vip
	EOT
}

# shown TEXT: waits until the terminal shows it
shown() {
	local i
	for ((i = 0; i < 100; i++)); do
		tmux -L "$TERMINAL" capture-pane -p | grep -qF -- "$1" && return
		read -rt 0.1 <> <(:) || :
	done
	tmux -L "$TERMINAL" capture-pane -p
	return 1
}

teardown() {
	[ -z "${TERMINAL-}" ] || tmux -L "$TERMINAL" kill-server || :
}

# asks PROGRAM WORD ...: the answers of the program to these words
asks() {
	local program=$1
	shift
	runs "$program" --crm-complete -- "$@"
	status_is 0
	err_empty
}

@test "labels come with their colon, values behind it" {
	asks crm-find na
	out_is $'name:\tfull name'
	asks crm-find stage:cu
	out_is $'stage:customer\t'
	asks crm-find stage:
	out_is $'stage:lead\t' $'stage:qualified\t' $'stage:customer\t' $'stage:former\t'
	asks crm-find kind:cont
	out_is $'kind:contact\t'
	asks crm-find kind:deal stage:pro
	out_is $'stage:prospecting\t' $'stage:proposal\t'
	asks crm-find has:ph
	out_is $'has:phone\tphone numbers'
}

@test "tags come with their number" {
	asks crm-find tag:
	out_is $'tag:press\t1 contact' $'tag:vip\t2 contacts'
	asks crm-find stage:customer tag:v
	out_is $'tag:vip\t2 contacts'
	asks crm-find tag:vip,p
	out_is $'tag:vip,press\t1 contact'
}

@test "people are found by address and by folded name" {
	asks crm-log call nun
	out_is $'ana@acme.es\tAna Núñez'
	asks crm-show ana@
	grep -q $'^ana@acme.es\tAna Núñez$' "$OUT"
	asks crm-find email:pen
	out_is $'email:pena@x.example\tPeña Gil'
}

@test "a person with two addresses that fit is offered once" {
	crm-add -q name:'Two Ways' email:two@x.example email:two@y.example
	asks crm-find two
	out_is $'two@x.example\tTwo Ways'
}

@test "-F and -s take fields, after a comma too" {
	asks crm-find -F name,ci
	out_is $'name,city\tcity'
	asks crm-find --fields=name,ci
	out_is $'--fields=name,city\tcity'
	asks crm-find -s -na
	out_is $'-name\tfull name'
	asks crm-find -o json
	out_is $'json\t' $'json-array\t'
	asks crm-find --color=
	out_is $'--color=auto\t' $'--color=always\t' $'--color=never\t'
}

@test "options, kinds, types and verbs are offered" {
	asks crm-find --que
	out_is $'--query-file=\ta query from a file'
	asks crm-add compa
	[ "${lines[0]}" = $'company\t' ]
	asks crm-log mee
	out_is $'meeting\tactivity'
	asks crm-db che
	status_is 0
	[[ $output == $'check\t'* ]]
	asks crm fin
	[[ $output == $'find\t'* ]]
}

@test "at most 200 answers" {
	crm-add -q contact - < <(seq 300 | sed 's/.*/name:N&\ttag:t&/')
	asks crm-find tag:t
	[ "$(wc -l <"$OUT")" -eq 200 ]
}

@test "a missing or damaged store gives nothing, and 0" {
	CRM_DB=$HOME/none asks crm-find tag:v
	out_empty
	unset CRM_DB
	asks crm-find tag:v
	out_empty
	mkdir broken
	head -c 8192 /dev/zero | tr '\0' x >broken/data.mdb
	CRM_DB=$PWD/broken asks crm-find tag:v
	out_empty
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'no: [such' >"$XDG_CONFIG_HOME/crm/config.yaml"
	asks crm-find tag:v
	out_empty
}

@test "the committed files are those that the tables give" {
	"$CRM_TOP/tools/completions.sh" "$CRM_BIN" made
	diff -r made "$COMP"
}

# ---- bash ----

# bash_tab LINE: what bash offers at the end of this line
bash_tab() {
	bash --norc -c '
		. "$1"
		compopt() { :; }
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=()
		shift 2
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_crm_find
		printf "%s\n" "${COMPREPLY[@]}"' bash "$COMP/bash/crm-find" "$@"
}

@test "bash: words with a colon are joined, answers quoted" {
	run bash_tab 'crm-find tag:v' crm-find tag : v
	[ "$output" = vip ]
	run bash_tab 'crm-find tag:vip email:pen' crm-find tag : vip email : pen
	[ "$output" = pena@x.example ]
	run bash_tab 'crm-find --fields=name,ci' crm-find --fields = name,ci
	[ "$output" = 'name\,city' ]
	run bash_tab 'crm-find --exp' crm-find --exp
	[[ $output == *--explain* && $output == *--expr=* ]]
	run bash_tab 'crm-find evil' crm-find evil
	[ ! -e pwned ]
}

@test "bash itself completes at a TAB" {
	needs tmux
	printf '%s\n' "PS1='ready> '" "bind 'set bell-style none'" \
		". '$COMP/bash/crm-find'" >rc
	TERMINAL=crm-$$
	tmux -L "$TERMINAL" -f /dev/null new-session -d -x 80 -y 20 \
		bash --rcfile "$PWD/rc" -i
	shown 'ready>'
	tmux -L "$TERMINAL" send-keys 'crm-find tag:v' Tab
	shown 'crm-find tag:vip'
	tmux -L "$TERMINAL" send-keys 'stage:cu' Tab
	shown 'tag:vip stage:customer'
	tmux -L "$TERMINAL" send-keys 'evil' Tab
	shown 'evil@x.example'
	[ ! -e pwned ]
}

# ---- fish ----

@test "fish: live answers with their gloss" {
	needs fish
	cp "$COMP/fish/crm-find.fish" .
	run fish --no-config -c 'source crm-find.fish; complete -C "crm-find tag:v"'
	[ "$status" -eq 0 ]
	[[ $output == *$'tag:vip\t2 contacts'* ]]
	run fish --no-config -c 'source crm-find.fish; complete -C "crm-find --expl"'
	[[ $output == *--explain* ]]
	run fish --no-config -c 'source crm-find.fish; complete -C "crm-find evil"'
	[ ! -e pwned ]
}

# ---- zsh ----

@test "zsh completes live values at a TAB" {
	needs zsh tmux
	cat >"$HOME/.zshrc" <<-EOT
	PS1='ready> '
	fpath=('$COMP/zsh' \$fpath)
	autoload -U compinit; compinit -u -D
	EOT
	TERMINAL=crm-$$
	ZDOTDIR=$HOME tmux -L "$TERMINAL" -f /dev/null new-session -d -x 80 -y 20 zsh -i
	shown 'ready>'
	tmux -L "$TERMINAL" send-keys 'crm-find tag:v' Tab
	shown 'crm-find tag:vip'
	tmux -L "$TERMINAL" send-keys ' --snap' Tab
	shown 'tag:vip --snapshot'
	tmux -L "$TERMINAL" send-keys ' nun' Tab
	shown 'ana@acme.es'
	tmux -L "$TERMINAL" send-keys ' evil' Tab
	shown 'evil@x.example'
	[ ! -e pwned ]
}

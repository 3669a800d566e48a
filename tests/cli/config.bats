#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Places, environment and config file: crm(7).
load helper

# config TEXT: the user's config file
config() {
	mkdir -p "$XDG_CONFIG_HOME/crm"
	printf '%s\n' "$@" >"$XDG_CONFIG_HOME/crm/config.yaml"
}

F='crm-find: ~/.config/crm/config.yaml'

@test "no config is needed, an empty one is none" {
	runs crm-find
	gives 0
	config
	runs crm-find
	gives 0
	config '# nothing'
	runs crm-find
	gives 0
}

@test "a bad config is 78, with file, line and column" {
	config 'db: ~/store' '' '# looks' '  ' 'colour: never'
	runs crm-find
	gives 78 '' "$F:5:1: unknown key 'colour'; did you mean 'color'?"
	config 'color: pink'
	runs crm-find
	gives 78 '' "$F:1:8: color: got 'pink', wanted auto, always or never"
	config 'currency: EURO'
	runs crm-find
	gives 78 '' "$F:1:11: currency: got 'EURO', wanted a code of ISO 4217, for example EUR"
	config 'country: Spain'
	runs crm-find
	gives 78 '' "$F:1:10: country: got 'Spain', wanted a code of ISO 3166, for example ES"
	config 'tz: Mars/Base'
	runs crm-find
	gives 78 '' "$F:1:5: tz: got 'Mars/Base', wanted an IANA zone, for example Europe/Madrid"
	config 'db: [a, b]'
	runs crm-find
	gives 78 '' "$F:1:5: 'db' wants one value"
	config 'color: never' 'color: always'
	runs crm-find
	gives 78 '' "$F:2:1: key 'color' stands twice"
	config '- a list'
	runs crm-find
	gives 78 '' "$F:1:1: wanted a map of settings"
	config 'db: [never closed'
	runs crm-find
	status_is 78
	[[ $stderr == "$F:"* ]]
}

@test "a config that others may write, or that is no file, is refused" {
	config 'color: never'
	chmod 0666 "$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-find
	gives 78 '' "$F: others may write it; chmod go-w ~/.config/crm/config.yaml"
	rm "$XDG_CONFIG_HOME/crm/config.yaml"
	mkdir "$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-find
	gives 78 '' "$F: no regular file"
}

@test "CRM_CONFIG names another file, /dev/null none" {
	config 'colour: x'
	CRM_CONFIG=/dev/null runs crm-find
	gives 0
	CRM_CONFIG=$HOME/none runs crm-find
	gives 78 '' 'crm-find: ~/none: No such file or directory'
	printf 'db: ~/elsewhere\n' >"$HOME/other.yaml"
	CRM_CONFIG=$HOME/other.yaml runs crm-db path
	gives 0 "$HOME/elsewhere"
}

@test "option, environment, user's config, system's config: in this order" {
	mkdir -p "$XDG_CONFIG_DIRS/crm"
	printf 'db: /from/system\n' >"$XDG_CONFIG_DIRS/crm/config.yaml"
	runs crm-db path
	gives 0 /from/system
	config 'db: ~/user'
	runs crm-db path
	gives 0 "$HOME/user"
	CRM_DB=/from/env runs crm-db path
	gives 0 /from/env
	CRM_DB=/from/env runs crm-db path -D /from/option
	gives 0 /from/option
}

@test "without any of them the store is below XDG_DATA_HOME, private" {
	runs crm-db path
	gives 0 "$XDG_DATA_HOME/crm"
	umask 022
	crm-add -q contact name:Ana
	[ "$(stat -c %a "$XDG_DATA_HOME/crm")" = 700 ]
	[ -z "$(find "$XDG_DATA_HOME/crm" -type f ! -perm 600)" ]
}

@test "relative XDG values are ignored" {
	XDG_DATA_HOME=data runs crm-db path
	gives 0 "$HOME/.local/share/crm"
	XDG_CONFIG_HOME=conf runs crm-find
	gives 0
	[ ! -e data ] && [ ! -e conf ]
}

@test "CRM_NOW stops the clock, a bad one is 78" {
	crm-add -q contact name:Ana
	runs crm-find -F created
	gives 0 created:2026-03-02T09:00:00Z
	CRM_NOW=2027-01-01T00:00:00Z runs crm-find -c created:..-300d
	gives 0 1
	CRM_NOW=soonish runs crm-find
	status_is 78
	[[ $stderr == "crm-find: CRM_NOW: got 'soonish'"* ]]
	CRM_SEED=x runs crm-find
	gives 78 '' "crm-find: CRM_SEED: got 'x', wanted a number"
	CRM_LOCK_TIMEOUT=soon runs crm-find
	status_is 78
	[[ $stderr == 'crm-find: CRM_LOCK_TIMEOUT: '* ]]
	CRM_COLOR=pink runs crm-find
	gives 78 '' "crm-find: CRM_COLOR: color: got 'pink', wanted auto, always or never"
}

@test "a password is refused in -D" {
	runs crm-find -D postgresql://ana:secret@db.example/crm
	gives 2 '' 'crm-find: -D: a password does not belong into an argument; use CRM_DB or a service file'
	CRM_DB=postgresql://ana:secret@db.example/crm runs crm-find
	[ "$status" -ne 0 ]
	[[ $stderr != *secret* ]]
}

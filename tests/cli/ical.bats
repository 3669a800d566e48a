#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# iCalendar in and out (INTEGRATIONS.md 4), and what reads it beside us.
# shellcheck disable=SC2154
load helper

# sample: a contact, two tasks and a meeting.
sample() {
	crm-add contact name:'Ana Núñez' email:ana@acme.es \
		birthday:1980-03-02 -q
	crm-add task title:'Call, then write' due:2026-11-25 \
		contact:ana@acme.es priority:high tag:vip repeat:14d -q
	crm-add task title:At due:2026-11-25T10:00:00 -q
	crm-log meeting ana@acme.es subject:Kick-off duration:90min \
		at:2026-03-02T10:00:00 -q
}

# lf: text without the CR of its lines.
lf() {
	tr -d '\r'
}

@test "tasks come out as VTODO, and come in unchanged" {
	sample
	crm-find kind:task -o ical >tasks.ics
	lf <tasks.ics >text
	grep -qx 'SUMMARY:Call\\, then write' text
	grep -qx 'DUE;VALUE=DATE:20261125' text
	grep -qx 'DUE:20261125T100000Z' text
	grep -qx 'RRULE:FREQ=WEEKLY;INTERVAL=2' text
	crm-find kind:task >before
	runs crm-add --key id <tasks.ics
	status_is 0
	crm-find kind:task >after
	same before after
}

@test "a stream of calendars has one around it, an empty one too" {
	sample
	runs crm-find kind:task -o ical
	status_is 0
	[ "$(grep -c BEGIN:VCALENDAR "$OUT")" = 1 ]
	[ "$(tail -n 1 "$OUT" | lf)" = END:VCALENDAR ]
	runs crm-find kind:task title:nobody -o ical
	status_is 0
	lf <"$OUT" >text
	printf '%s\n' BEGIN:VCALENDAR VERSION:2.0 \
		PRODID:-//crm-utils//crm-utils//EN END:VCALENDAR >want
	same want text
}

@test "-F and kinds without a form are refused" {
	sample
	runs crm-find kind:task -o ical -F title
	gives 2 '' 'crm-find: -o ical has the fields that a calendar has; not with -F'
	crm-add deal name:d -q
	runs crm-find kind:deal -o ical
	status_is 65
	err_is "crm-find: kind: got 'deal', but a calendar holds tasks, activities and birthdays of contacts"
}

@test "import, export, import is a fixed point" {
	cat >in.ics <<'EOT'
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTODO
UID:u1@example.com
SUMMARY;LANGUAGE=en:Taxes
DUE;TZID=Europe/Madrid:20260415T090000
PRIORITY:3
STATUS:IN-PROCESS
CATEGORIES:money,R&D
RRULE:FREQ=YEARLY
SEQUENCE:2
BEGIN:VALARM
ACTION:AUDIO
TRIGGER:-PT1H
END:VALARM
END:VTODO
BEGIN:VEVENT
UID:u2@example.com
DTSTART;VALUE=DATE:20260401
DTEND;VALUE=DATE:20260403
SUMMARY:Fair
LOCATION:Madrid
ATTENDEE;CN=Bo:mailto:bo@example.com
END:VEVENT
END:VCALENDAR
EOT
	runs crm-add -q --key ext <in.ics
	status_is 0
	err_is "crm-add: attendee 'bo@example.com' is no contact; left out"
	crm-find kind:task,activity >first
	crm-find kind:task,activity -o ical >out.ics
	runs crm-add -q --key ext <out.ics
	status_is 0
	crm-find kind:task,activity >second
	same first second
	lf <out.ics >text
	for line in 'SUMMARY;LANGUAGE=en:Taxes' PRIORITY:3 STATUS:IN-PROCESS \
		CATEGORIES:money 'CATEGORIES:R&D' SEQUENCE:2 TRIGGER:-PT1H \
		DUE:20260415T070000Z 'DTSTART;VALUE=DATE:20260401' \
		DURATION:P2D LOCATION:Madrid UID:u1@example.com \
		'ATTENDEE;CN=Bo:mailto:bo@example.com'; do
		grep -qxF "$line" text || { echo "missing: $line"; return 1; }
	done
}

@test "a bad line refuses its object with its place; others go on" {
	cat >in.ics <<'EOT'
BEGIN:VCALENDAR
BEGIN:VTODO
SUMMARY:good
END:VTODO
BEGIN:VTODO
SUMMARY:bad
DUE:soon
END:VTODO
END:VCALENDAR
EOT
	runs crm-add <in.ics
	status_is 65
	err_is "crm-add: stdin:7: DUE: got 'soon', wanted a date or a time such as 20260302 or 20260302T090000Z" \
		'crm-add: nothing stored, 1 of 2 lines refused; --keep-going stores the other 1'
	runs crm-add -q --keep-going --reject rejected.ics <in.ics
	status_is 1
	sed -i 's/DUE:soon/DUE:20260302T090000Z/' rejected.ics
	grep -q X-CRM-LINE:7 rejected.ics
	runs crm-add -F title,due <rejected.ics
	gives 0 "title:bad	due:2026-03-02T09:00:00Z"
}

@test "a TZID that nobody knows wants a configured zone" {
	printf '%s\n' BEGIN:VCALENDAR BEGIN:VTODO SUMMARY:t \
		'DUE;TZID=Nowhere:20260302T090000' END:VTODO END:VCALENDAR \
		>in.ics
	runs crm-add <in.ics
	status_is 65
	mkdir -p "$XDG_CONFIG_HOME/crm"
	echo 'tz: Asia/Tokyo' >"$XDG_CONFIG_HOME/crm/config.yaml"
	runs crm-add -F due <in.ics
	gives 0 due:2026-03-02T00:00:00Z
}

@test "the shared calendars end with 0 or 65 and a place, never a signal" {
	needs_corpus ical
	n=0
	while IFS= read -r file; do
		runs timeout 10 crm-add -n -i ical --key ext <"$file"
		n=$((n + 1))
		case $status in
		0) ;;
		65) grep -q '^crm-add: stdin:[0-9]*: ' "$ERR" ;;
		*) echo "$file: $status"; both_outputs; return 1 ;;
		esac || { echo "$file: no place"; both_outputs; return 1; }
	done < <(find "$CORPORA/ical" -name '*.ics')
	[ "$n" -gt 10 ]
}

# bomb: crm-find reads stdin as calendars within 2 s and 64 MiB; the seconds are
# its own, so that a loaded machine does not fail it.
bomb() {
	runs /usr/bin/time -o used -f '%U %S %M' crm-find - -i ical -o value -F title
	tail -n 1 used >figures
	awk '{ exit !($1 + $2 < 2 && $3 < 65536) }' figures && return
	echo "user, system, KiB: $(cat figures)"
	return 1
}

# task: a calendar with a task that has the lines on stdin.
task() {
	printf 'BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:x\n'
	cat
	printf 'END:VTODO\nEND:VCALENDAR\n'
}

@test "bombs end within 2 s and 64 MiB" {
	[ -x /usr/bin/time ] || skip 'not found: /usr/bin/time'
	[ -z "${SAN-}" ] || skip 'sanitizers take their own memory'
	{
		printf 'DESCRIPTION:x\n'
		yes ' aaaaaaaaaaaaaaaaaaaaaaaaaaaaa' | head -n 300000
	} | task >folded
	bomb <folded
	status_is 65
	{
		printf 'DESCRIPTION:'
		head -c 50000000 /dev/zero | tr '\0' a
		echo
	} | task >long
	bomb <long
	status_is 65
	{
		printf 'X-A'
		yes ';A=b' | tr -d '\n' | head -c 1000000
		printf ':\n'
	} | task >params
	bomb <params
	status_is 65
	yes BEGIN:VALARM | head -n 600000 | task >deep
	bomb <deep
	status_is 65
	yes 'A;B=c:d' | head -n 1000000 | task >many
	bomb <many
	gives 0 x 'crm-find: stdin:131076: from A;B=c:d on: more than 1 MiB that no field holds, left out'
	yes CATEGORIES:a,b,c | head -n 50000 | task >tags
	bomb <tags
	status_is 65
	yes ATTENDEE:mailto:a@b.es | head -n 40000 | task >guests
	bomb <guests
	status_is 65
	{
		echo BEGIN:VCALENDAR
		yes 'BEGIN:VTIMEZONE
TZID:a
X-LIC-LOCATION:Europe/Madrid
END:VTIMEZONE
BEGIN:VTODO
SUMMARY:x
DUE;TZID=a:20260302T090000
END:VTODO' | head -n 400000
		echo END:VCALENDAR
	} >zones
	bomb <zones
	status_is 0
}

# --- peers -------------------------------------------------------------------

todoman_config() {
	mkdir -p cal/tasks
	cat >todo.py <<EOT
path = "$PWD/cal/*"
date_format = "%Y-%m-%d"
time_format = "%H:%M"
default_list = "tasks"
cache_path = "$PWD/cache.sqlite3"
EOT
}

@test "todoman lists our tasks; one done there is done here" {
	needs todoman
	sample
	todoman_config
	crm-find kind:task title:At -o ical >cal/tasks/one.ics
	todoman --config todo.py --porcelain list >todos
	[ "$(jq -r '.[] | "\(.summary) \(.due)"' todos)" = 'At 1795600800' ]
	todoman --config todo.py 'done' 1
	runs crm-add -F title,status --key id <cal/tasks/one.ics
	gives 0 'title:At	status:done'
	[ -n "$(crm-find kind:task title:At -o value -F 'done')" ]
}

@test "a task of a folder that is done in todoman is done here" {
	needs todoman
	sample
	todoman_config
	crm-find kind:task | crm-export ical --dir cal/tasks
	id=$(todoman --config todo.py --porcelain list |
		jq '.[] | select(.summary == "At") | .id')
	todoman --config todo.py 'done' "$id"
	runs crm-import cal/tasks
	status_is 0
	runs crm-find kind:task -s title -F title,status
	gives 0 'title:At	status:done
title:Call, then write	status:open'
	crm-find kind:task >before
	runs crm-import --verbose cal/tasks
	status_is 0
	crm-find kind:task >after
	same before after
	runs todoman --config todo.py --porcelain list
	status_is 0
	[ "$(jq -r '.[].summary' "$OUT")" = 'Call, then write' ]
	crm-find kind:task >before
	crm-find kind:task | crm-export ical --dir cal/tasks
	crm-import -q cal/tasks
	crm-find kind:task >after
	same before after
}

khal_config() {
	cat >khal.conf <<EOT
[calendars]
[[events]]
path = $PWD/cal/events
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = UTC
default_timezone = UTC
[sqlite]
path = $PWD/khal.db
EOT
}

@test "khal lists the meetings of a folder" {
	needs khal
	sample
	mkdir cal
	crm-find kind:activity | crm-export ical --dir cal/events
	khal_config
	khal -c khal.conf list --format '{start} {title} {uid}' 2026-03-02 1d >shown
	grep -qx "2026-03-02 10:00 Kick-off $(crm-find -o id kind:activity)@crm-utils" shown
}

@test "khal lists our meetings and birthdays" {
	needs khal
	sample
	mkdir -p cal/events
	crm-find kind:activity -o ical >cal/events/a.ics
	crm-find kind:contact -o ical >cal/events/b.ics
	khal_config
	khal -c khal.conf list --format '{start} {title}' 2026-03-02 1d >shown
	grep -qx '2026-03-02 Birthday: Ana Núñez' shown
	grep -qx '2026-03-02 10:00 Kick-off' shown
}

@test "calcurse takes our tasks and meetings" {
	needs calcurse
	sample
	mkdir cc
	crm-find kind:task,activity -o ical >all.ics
	runs calcurse -q -D cc -i all.ics
	status_is 0
	grep -q 'Kick-off$' cc/apts
	grep -q 'Call, then write$' cc/todo
}

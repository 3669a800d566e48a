# SPDX-License-Identifier: MIT
# The clock may lie: ids and the change log stay in order when time goes back;
# 1970, 2038, 2100 and both edges of summer time are ordinary days.
load helper

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/work/s
}

# rising: the ids on stdin are unique, and each is above the one before.
rising() {
	LC_ALL=C sort -c -u
}

times=(2026-03-02T09:00:00Z 2100-03-01T00:00:00Z 1970-01-01T00:00:00Z
	2038-01-19T03:14:07Z 2038-01-19T03:14:08Z 2025-03-30T01:59:59+01:00
	2025-03-30T03:00:00+02:00 2025-10-26T02:30:00+02:00
	2025-10-26T02:30:00+01:00 2000-02-29T12:00:00Z 1999-12-31T23:59:59Z)

@test "ids rise whatever the clock does" {
	local time
	for time in "${times[@]}"; do
		CRM_NOW=$time crm-add contact "name:At $time" -o id
		CRM_NOW=$time people 5 | sed 's/\temail:[^\t]*//' |
			CRM_NOW=$time crm-add - -o id
	done >ids
	rising <ids
	[ "$(wc -l <ids)" -eq $((${#times[@]} * 6)) ]
	sound
}

@test "an entry keeps its time on each of these days" {
	local time zone
	crm-add -q contact name:Ana email:ana@x.es
	for zone in UTC Europe/Madrid America/New_York Pacific/Apia; do
		for time in "${times[@]}"; do
			TZ=$zone CRM_NOW=$time crm-log -q call ana@x.es "at $time"
		done
	done
	[ "$(crm-find kind:activity -c)" -eq $((${#times[@]} * 4)) ]
	[ "$(crm-find kind:activity at:2038-01-19 -c)" -eq 8 ]
	[ "$(crm-find kind:activity at:1970-01-01 -c)" -eq 4 ]
	sound
}

@test "the system's clock goes backwards" {
	[ -z "${SAN-}" ] || skip "faketime and a sanitizer both want to be first"
	command -v faketime >/dev/null || skip "there is no faketime"
	local time
	unset CRM_NOW CRM_SEED
	for time in '2038-01-19 03:14:06' '2100-02-28 23:59:59' \
		'2026-03-02 09:00:00' '1999-12-31 23:59:58' '1971-01-01 00:00:00'; do
		faketime "$time" crm-add contact "name:At $time" -o id
		faketime -f "@$time x-10" crm-add contact name:Back -o id
	done >ids
	rising <ids
	[ "$(wc -l <ids)" -eq 10 ]
	sound
}

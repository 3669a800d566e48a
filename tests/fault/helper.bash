# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What every file of tests/fault loads:  load helper
#
# CRM_SOAK, where set, says how many minutes the long forms of all tests may
# take together; each takes its share of them.

load ../cli/helper

FAULT=$CRM_BIN/../fault

# tries PROGRAM ARG ...: one of the programs beside this file. Its seed and its
# figures are shown whatever comes of it, what it found where it fails.
tries() {
	local program=$1 log=$BATS_TEST_TMPDIR/tried code=0
	shift
	CRM_BIN=$CRM_BIN "$FAULT/$program" "$@" >"$log" 2>&1 || code=$?
	grep -v '^BAD' "$log" | sed "s/^/# $program: /" >&3
	[ $code -eq 0 ] && return
	echo "$program $*: status $code"
	cat "$log"
	return $code
}

# soaking: whether the long forms are wanted.
soaking() {
	[ -n "${CRM_SOAK-}" ]
}

# share PERCENT SHORT: seconds for one test: its part of the soak, or SHORT.
share() {
	if soaking; then
		echo $((CRM_SOAK * 60 * $1 / 100))
	else
		echo "$2"
	fi
}

# sound: the store in use passes every check.
sound() {
	crm-db check --full >"$BATS_TEST_TMPDIR/check" 2>&1 && return
	cat "$BATS_TEST_TMPDIR/check"
	return 1
}

# everything: all records of the store, as of one moment.
everything() {
	crm-find 'kind:*' --snapshot
}

# needs PROGRAM ...: skip where one of them is not built.
needs() {
	local program
	for program; do
		[ -x "$CRM_BIN/$program" ] || skip "there is no $program"
	done
}

# people N: N contacts p0@x.es .. as lines.
people() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf 'kind:contact\tname:Person %d\temail:p%d@x.es\tcity:Madrid\n' \
			"$i" "$i"
	done
}

# stands: a command ended as a shortage may end: done, or one message and 74,
# 73, 75 or 77.
stands() {
	case $status in
	0) return ;;
	73 | 74 | 75 | 77)
		[ "${#stderr_lines[@]}" -ge 1 ] && [ "${#stderr_lines[@]}" -le 3 ] &&
			return
		;;
	esac
	both_outputs
	return 1
}

data_size() {
	stat -c %s "$CRM_DB/data.mdb"
}

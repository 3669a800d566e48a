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

# New ground is for the soak; a plain run draws the same numbers each time.
soaking || RANDOM=1

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

# everything [OPTION ...]: all records of the store, as of one moment.
everything() {
	crm-find 'kind:*' --snapshot "$@"
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
	# shellcheck disable=SC2154 # bats sets them
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

# some_history N: N invocations of any kind, drawn at random; `after` is called
# behind each with its number. The clock moves on by an hour each time.
some_history() {
	local i who
	RANDOM=$HISTORY_SEED
	for ((i = 1; i <= $1; i++)); do
		printf -v CRM_NOW '2026-03-%02dT%02d:00:00Z' $((2 + i / 12)) \
			$((8 + i % 12))
		who=p$((RANDOM % 6))@x.es
		echo "# $i $who" >>history
		one_change "$i" "$who" >>history 2>&1 || return
		after "$i" || return
	done
}

# one_change N WHO: by the programs that are there. WHO may be gone.
one_change() {
	local what=$((RANDOM % 9)) n=$1 who=$2
	crm-find "email:$who" -q || what=0
	case $what in
	0) crm-add contact "name:New $n" "email:n$n@x.es" tag:new ;;
	1) crm-log call "$who" "rang about $n" dir:out ;;
	2) crm-log order "contact:$who" "item:A-1*$((n % 5 + 1))@10.00" \
		currency:EUR "status:paid" ;;
	3) crm-edit "$who" "city:Town $n" tag+:t$((n % 3)) ;;
	4) crm-edit "$who" note:"Line $n" tag-:t$((n % 2)) ;;
	5) crm-add deal "name:Deal $n" "contact:$who" amount:10.00 currency:EUR ;;
	6) crm-find city:madrid -o id | crm-edit "title:Chief $n" ;;
	7) crm-add task "title:Ring $n" "contact:$who" due:2026-04-01 ;;
	8)
		if [ -x "$CRM_BIN/crm-rm" ]; then
			crm-rm "$who" --cascade
		else
			crm-add contact "name:Other $n"
		fi
		;;
	esac
}

# begin_history SEED: what each of them begins with. A seed that failed is tried
# again as CRM_FAULT_SEED.
begin_history() {
	HISTORY_SEED=${CRM_FAULT_SEED:-$1}
	echo "# seed $HISTORY_SEED" >&3
	export CRM_DB=$BATS_TEST_TMPDIR/work/s CRM_NOW=2026-03-02T08:00:00Z
	people 6 | crm-add -q -
	crm-log -q order contact:p1@x.es 'item:A-1*2@10.00' currency:EUR status:paid
}

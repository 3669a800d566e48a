# SPDX-License-Identifier: MIT
# Random histories: what was done is undone step by step, and done again, and
# each state is the one that stood there, byte for byte but for rev and updated.
load helper

# state: all records, without what an undo makes new.
state() {
	CRM_NOW=2026-06-01T00:00:00Z everything |
		sed -E 's/\trev:[0-9]+//; s/\tupdated:[^\t]*//'
}

after() {
	state >"state.$1"
}

# and_back SEED N
and_back() {
	local i n=$2
	rm -rf s state.*
	begin_history "$1"
	after 0
	some_history "$n"
	# A history that changes nothing would prove nothing.
	if cmp -s state.0 "state.$n"; then false; fi
	for ((i = n - 1; i >= 0; i--)); do
		crm-undo -q
		state >now
		same "state.$i" now || { echo "undone to $i" && return 1; }
	done
	sound
	for ((i = 1; i <= n; i++)); do
		crm-undo -q --redo
		state >now
		same "state.$i" now || { echo "redone to $i" && return 1; }
	done
	sound
}

@test "whatever was done is undone and done again" {
	needs crm-edit crm-undo
	local rounds=0 until
	if soaking; then
		until=$((SECONDS + $(share 5 0)))
		while [ $SECONDS -lt $until ]; do
			and_back $RANDOM 20
			rounds=$((rounds + 1))
		done
		echo "# $rounds histories of 20" >&3
		return
	fi
	and_back $RANDOM 12
	and_back $RANDOM 12
}

# SPDX-License-Identifier: MIT
# Writers and readers at once, and killed at random moments (storm.c).
load helper

# storms PERCENT SHORT ARG ...: so many operations, or that share of the soak.
storms() {
	local percent=$1 short=$2
	shift 2
	if soaking; then
		tries storm -t "$(share "$percent" 0)" "$@"
	else
		tries storm -n "$short" "$@"
	fi
}

@test "a writer that is killed again and again loses nothing it had said" {
	storms 5 400 -w 1 -k 80
}

@test "several writers that are killed lose nothing they had said" {
	storms 5 300 -w 4 -k 60
}

# LMDB leaves its lock file half made then, and who came next began again at
# the first transaction.
@test "who is killed while opening the store takes nothing along" {
	storms 5 800 -w 2 -k 85 -m 2000
}

@test "the same on a disk" {
	FAULT_TMP=$BATS_TEST_TMPDIR storms 3 100 -w 2 -k 60
}

@test "8 writers and 8 readers, some killed: every snapshot is consistent" {
	storms 10 300 -w 8 -r 8 -k 15
}

@test "sixty programs at once all get what they ask for" {
	storms 2 120 -w 4 -r 56 -k 0
}

@test "the storm sees a write that is only said to be done" {
	local log=$BATS_TEST_TMPDIR/tried
	! CRM_BIN=$CRM_BIN "$FAULT/storm" -l -w 2 -k 0 -n 120 >"$log" || {
		cat "$log"
		return 1
	}
	grep -q '^BAD' "$log"
}

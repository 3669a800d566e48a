# SPDX-License-Identifier: MIT
# Every call of a writing program on the files of the store fails once, or from
# there on, or is the last thing that the program does (sweep.c).
load helper

@test "an add survives the failure of each of its calls" {
	tries sweep -k 1 -m 9 add-one add-first
}

@test "a batch is stored whole or not at all, whichever call fails" {
	tries sweep -k 1 -m 60 add-batch
}

@test "every writing program survives the failure of its calls" {
	if soaking; then
		tries sweep -k 1 -t "$(share 35 0)"
	else
		tries sweep -k 4 -m 150 upsert log schema init repair edit rm \
			merge merge-in erase consent suppress undo compact \
			backup restore upgrade
	fi
}

# The handler that reported it wanted memory itself, and called itself until
# the stack ran out.
@test "no memory from some point on is one line and 74" {
	tries sweep -k 1000 -m 1 -x ENOMEM add-one
}

# LMDB gives the page whose write failed its old numbers back, beside roots
# that never came: that page is not in use, and must not refuse the file.
# And what the first write leaves half made must not either.
@test "a first write that fails leaves a place where the next one works" {
	tries sweep -k 1 -m 100000 -x EIO add-first init
	tries sweep -k 1 -m 100000 -x short add-first init
}

@test "the sweep sees a write that is only said to be done" {
	local log=$BATS_TEST_TMPDIR/tried
	! CRM_BIN=$CRM_BIN "$FAULT/sweep" -l add-one add-batch >"$log" || {
		cat "$log"
		return 1
	}
	grep -q 'acknowledged, but not there' "$log"
}

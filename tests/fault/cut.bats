# SPDX-License-Identifier: MIT
# The power goes: what the disk may hold at any moment of a few commands is
# opened and asked (cut.c).
load helper

@test "a power cut at any moment loses nothing that was acknowledged" {
	local images=150
	! soaking || images=$(($(share 8 0) * 70))
	tries cut -n "$images"
}

@test "the power cut sees flushes that are only said to be done" {
	local log=$BATS_TEST_TMPDIR/tried
	! CRM_BIN=$CRM_BIN "$FAULT/cut" -l -n 60 >"$log" || {
		cat "$log"
		return 1
	}
	grep -q '^BAD: cut at' "$log"
}

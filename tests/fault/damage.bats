# SPDX-License-Identifier: MIT
# Data files that were changed behind the back of the programs (damage.c).
load helper

@test "no damage ends a program by a signal, or passes for a record" {
	if soaking; then
		tries damage -n 1000000 -t "$(share 12 0)"
	else
		tries damage -n 200
	fi
}

@test "the test of damages sees a check that says nothing" {
	local log=$BATS_TEST_TMPDIR/tried
	! CRM_BIN=$CRM_BIN "$FAULT/damage" -l -n 30 >"$log" || {
		cat "$log"
		return 1
	}
	grep -q 'too many damages' "$log"
}

# A page that stood in the place of another had sound checksums, and what is in
# meta beside the records was not looked at.
@test "damages that were missed once are found" {
	tries damage -n 200 -s 1
}

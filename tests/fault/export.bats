#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A folder of cards whose export is killed, or a call of it fails: each file is
# whole, old or new, and a second run ends it.
load helper

setup() {
	crm_setup
	needs crm-export
	PLACE=$BATS_TEST_TMPDIR/place
	PROTO=$BATS_TEST_TMPDIR/proto
	mkdir "$PROTO"
	export CRM_DB=$BATS_TEST_TMPDIR/store
	people 3 | crm-add -q -
	crm-find | crm-export vcard --dir "$PROTO"
	# One goes, one changes, one is new, one stays.
	crm-rm -q p0@x.es
	crm-edit -q p1@x.es title:Boss
	crm-add -q contact name:New email:new@x.es
	crm-find >now
	cp -rp "$PROTO" after
	crm-export vcard --dir after <now
}

CALLS=open,write,fsync,rename,unlink

# export_struck N ACTION: the export into a fresh copy, its N-th call struck.
export_struck() {
	rm -rf "$PLACE"
	cp -rp "$PROTO" "$PLACE"
	code=0
	env LD_PRELOAD="$FAULT/shim.so" FAULT_DIR="$PLACE" FAULT_CALLS=$CALLS \
		FAULT_DO="$2" FAULT_AT="$1" \
		crm-export vcard --dir "$PLACE" <now 2>said || code=$?
}

# whole: each card in the folder is that of before or that of after.
whole() {
	local f
	for f in "$PLACE"/*.vcf; do
		cmp -s "$f" "$PROTO/${f##*/}" || cmp -s "$f" "after/${f##*/}" || {
			echo "call $1: ${f##*/} is neither old nor new"
			return 1
		}
	done
}

# ends: a second run makes of it what one would have made, and no more.
ends() {
	crm-export vcard --dir "$PLACE" <now
	diff -r after "$PLACE"
	[ "$(find "$PLACE" -name '.*' -type f)" = '' ]
}

@test "killed at any call each card is whole, and a second run ends it" {
	local n=0 code
	while :; do
		n=$((n + 1))
		export_struck $n kill
		[ $code -ne 0 ] || break
		[ $code -eq 137 ]
		whole $n
		ends
	done
	echo "# export: $((n - 1)) calls" >&3
	[ $n -gt 5 ]
}

@test "where a call fails it is said, and each card is whole" {
	local n what code
	for what in ENOSPC EIO; do
		n=0
		while :; do
			n=$((n + 1))
			export_struck $n $what
			[ $code -ne 0 ] || break
			[ $code -eq 74 ] || [ $code -eq 73 ]
			[ "$(wc -l <said)" -ge 1 ]
			whole "$n, $what"
			ends
			[ $n -lt 100 ]
		done
		[ $n -gt 5 ]
	done
}

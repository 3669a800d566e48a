#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An erasure that is killed, or that a call fails: it is done, or it is owed
# and said, or nothing happened; and a second run ends it.
load helper

setup() {
	crm_setup
	PLACE=$BATS_TEST_TMPDIR/place
	PROTO=$BATS_TEST_TMPDIR/proto
	mkdir "$PROTO"
	export CRM_DB=$PROTO/store
	crm-add -q - <<-'EOT'
	kind:contact	name:Canary	email:canary@canary.es	phone:+34600987654	note:canary
	kind:contact	name:Bo	email:bo@lind.es
	kind:activity	type:call	body:canary sang	contact:canary@canary.es
	kind:order	amount:5	currency:EUR	note:canary seed	contact:canary@canary.es
	kind:task	title:canary food	contact:canary@canary.es
	EOT
	crm-find kind:task -o id | crm-rm -q -
	export CRM_DB=$PLACE/store
}

CALLS=write,pwrite,writev,pwritev,fsync,fdatasync,msync,ftruncate,fcntl,mkdir,rename,link,unlink,rmdir

# erase_struck N ACTION: an erasure in a fresh copy, its N-th call struck.
erase_struck() {
	rm -rf "$PLACE"
	cp -r "$PROTO" "$PLACE"
	code=0
	env LD_PRELOAD="$FAULT/shim.so" FAULT_DIR="$PLACE" FAULT_CALLS=$CALLS \
		FAULT_DO="$2" FAULT_AT="$1" \
		crm-rm -q --erase --texts --yes canary@canary.es 2>said ||
		code=$?
}

# is_live: whether the person is still in the store.
is_live() {
	[ -n "$(crm-find canary@canary.es -o id)" ]
}

# gone: no byte of the person is in any file there.
gone() {
	if grep -rlaF -e canary -e Canary -e 600987654 "$PLACE"; then
		echo "after call $1"
		return 1
	fi
}

@test "killed at any call it is done, or owed, and a second run ends it" {
	local n=0 owed=0 code
	while :; do
		n=$((n + 1))
		erase_struck $n kill
		[ $code -ne 0 ] || break
		[ $code -eq 137 ]
		if is_live; then
			# Clean, or owed: nothing else.
			crm-db check >faults 2>/dev/null || owed=$((owed + 1))
			if grep -v 'its erasure was begun and not ended' faults
			then
				echo "call $n"
				return 1
			fi
			crm-rm -q --erase --texts --yes canary@canary.es
		fi
		crm-db compact
		gone $n
		sound
		[ "$(crm-find -o value -F name)" = Bo ]
	done
	echo "# erase: $((n - 1)) calls, $owed times owed" >&3
	# There is something between the ledger and the commit.
	[ $n -gt 10 ]
	[ $owed -gt 0 ]
}

@test "where a call fails nothing happened, or it is done" {
	local n what code
	for what in ENOSPC EIO; do
		n=0
		while :; do
			n=$((n + 1))
			erase_struck $n $what
			sound
			if is_live; then
				[ $code -ne 0 ]
				[ $code -lt 126 ]
				[ "$(grep -c '^crm-rm: ' said)" -ge 1 ]
				crm-rm -q --erase --texts --yes canary@canary.es
			elif [ $code -ne 0 ]; then
				# Not compacted, and said so.
				grep -q 'crm-rm: ' said
				crm-db compact
			fi
			gone "$n, $what"
			[ $n -lt 200 ]
			# As many as a run without a fault makes.
			[ $code -ne 0 ] || [ $n -lt 60 ] || break
		done
	done
}

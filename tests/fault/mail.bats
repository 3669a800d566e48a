# SPDX-License-Identifier: MIT
# crm-log --mail as a delivery agent: no fault of the machine loses a mail, or
# has it logged twice.
load helper

@test "a mail survives the failure of each call on the store" {
	tries sweep -k 1 mail
}

mail() {
	printf 'From: p1@x.es\nMessage-ID: <%s@x.es>\nSubject: =?utf-8?Q?=%s?=\n\nhello\n' \
		"$1" C3=B1
}

# GLib ends by itself where it gets no memory, in words of its own.  So does the
# loader, with 127, where it gets none for the thread-local data of a library
# that was opened late (glibc, elf/dl-tls.c); no handler sees that.
@test "no memory while mail is read is 75, and no signal" {
	local n from said code step=31 place=$BATS_TEST_TMPDIR
	! soaking || step=3
	mail 1 >"$place/m"
	crm-log --mail <"$place/m"
	for ((n = 1 + RANDOM % step; n < 1300; n += step)); do
		for from in '' 1; do
			code=0
			said=$(env LD_PRELOAD="$FAULT/shim.so" FAULT_DIR="$place" \
				FAULT_CALLS=malloc FAULT_DO=ENOMEM FAULT_AT=$n \
				FAULT_FROM=$from crm-log --mail <"$place/m" 2>&1) || code=$?
			case $code-$said in
			0-* | 75-* | 127-*'for thread-local data'*) ;;
			*)
				echo "malloc $n${from:+ from there on}: status $code: $said"
				return 1
				;;
			esac
		done
	done
	[ "$(crm-find -c kind:activity)" = 1 ]
}

@test "killed at any time and delivered again, each mail is logged once" {
	local n rounds=15
	! soaking || rounds=300
	for ((n = 1; n <= rounds; n++)); do
		mail "$n" >m
		crm-log --mail <m &
		# Anywhere from its start to its end.
		sleep "0.0$((RANDOM % 3))$((RANDOM % 10))"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
		crm-log --mail <m
	done
	[ "$(crm-find -c kind:activity)" = $((n - 1)) ]
	crm-db check --full
}

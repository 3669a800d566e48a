# SPDX-License-Identifier: MIT
# Shortages: descriptors, memory, disk, file size, map. One message, the store
# as it was, reads go on, and the next command works once there is room.
load helper

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/work/s
	people 40 >people.ltsv
	crm-add -q - <people.ltsv
}

# works: the store passes its check and takes the next record.
works() {
	sound && crm-add -q contact name:Next && sound
}

# limited LIMIT CMD ...: run with a ulimit; the shell's own failure to start a
# program with so little is none of ours.
limited() {
	local limit=$1
	shift
	# shellcheck disable=SC2016 # the inner shell's
	runs bash -c 'ulimit '"$limit"' || exit 125
		"$@" 3>&- 4>&- 5>&- 6>&-
		status=$?
		[ $status -lt 126 ] || [ $status -gt 127 ] || status=125
		exit $status' bash "$@"
	if [ "$status" -eq 125 ] || [[ $stderr == *'shared libraries'* ]]; then
		status=0
	fi
}

@test "no descriptor that was closed at the start becomes a store file" {
	local how
	for how in '<&-' '>&-' '2>&-' '<&- >&-' '>&- 2>&-' '<&- 2>&-' \
		'<&- >&- 2>&-'; do
		runs bash -c "crm-add contact name:Closed $how"
		[ "$status" -eq 0 ] || [ "$status" -eq 74 ] || both_outputs
		[ "$status" -eq 0 ] || [ "$status" -eq 74 ]
		runs bash -c "crm-find kind:contact $how"
		[ "$status" -eq 0 ] || [ "$status" -eq 74 ]
		runs bash -c "crm-log call p1@x.es 'no place to say it' $how"
		[ "$status" -eq 0 ] || [ "$status" -eq 74 ]
		sound
	done
	# What was committed is there, though nobody could be told.
	[ "$(crm-find name:closed -c)" -eq 7 ]
	works
}

@test "few descriptors are an error in one line" {
	local n
	for n in 3 4 5 6 7 8 9 10 12; do
		limited "-n $n" crm-find kind:contact -c
		stands
		limited "-n $n" crm-add contact name:Few
		stands
		limited "-n $n" crm-log call p1@x.es 'with few descriptors'
		stands
		limited "-n $n" crm-db check --full
		stands
	done
	works
}

@test "little memory is an error in one line" {
	[ -z "${SAN-}" ] || skip "a sanitizer wants terabytes"
	local kib
	for kib in 3000 5000 6000 7000 8000 9000 10000 12000 16000 24000 48000; do
		limited "-v $kib" crm-find kind:contact -c
		stands
		limited "-v $kib" crm-add -q - <people.ltsv --key email
		stands
		limited "-v $kib" crm-db check --full
		stands
	done
	works
}

@test "a limit of the size of files is an error, not a signal" {
	local kib size
	sed "s/Madrid/Lugo/" people.ltsv >moved.ltsv
	size=$(($(data_size) / 1024))
	for kib in 1 8 64 $((size)) $((size + 4)) $((size + 16)) $((size + 64)); do
		limited "-f $kib" crm-add -q contact name:Large
		stands
		limited "-f $kib" crm-add -q - --key email <moved.ltsv
		stands
		sound
	done
	works
}

@test "a full stdout is 74, and what was committed is there" {
	runs bash -c 'crm-find kind:contact >/dev/full'
	status_is 74
	err_is 'crm-find: standard output: No space left on device'
	runs bash -c 'crm-add contact name:Unheard >/dev/full'
	status_is 74
	[ "$(crm-find name:unheard -c)" -eq 1 ]
	works
}

@test "a map that is full grows by itself, or the limit is named" {
	people 3000 >many.ltsv
	export CRM_TEST_MAPSIZE=256k
	runs crm-add -q - --key email <many.ltsv
	gives 0
	[ "$(crm-find kind:contact -c)" -eq 3000 ]
	export CRM_DB=$PWD/small CRM_TEST_MAPSIZE=512k,1m
	people 40 | crm-add -q -
	runs crm-add -q - --key email <many.ltsv
	status_is 74
	[[ $stderr == *'1 MiB is the limit'* ]]
	[ "${#stderr_lines[@]}" -le 3 ]
	[ "$(crm-find kind:contact -c)" -eq 40 ]
	sound
	unset CRM_TEST_MAPSIZE
	runs crm-add -q - --key email <many.ltsv
	gives 0
	works
}

# on_tmpfs SIZE SCRIPT: run in a mount namespace of its own.
on_tmpfs() {
	unshare -m true 2>/dev/null || skip "mounting is not allowed here"
	mkdir -p mnt
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m bash -c 'mount -t tmpfs -o size='"$1"' none mnt || exit 99
		export CRM_DB=$PWD/mnt/s
		'"$2"
}

@test "a full disk: no space left, reads go on, writes after freeing" {
	local size
	for size in 1m 2m; do
		runs on_tmpfs "$size" '
			dd if=/dev/zero of=mnt/filler bs=64k count=5 2>/dev/null
			people() { awk -v n="$1" "BEGIN {
				for (i = 0; i < n; i++)
					printf \"kind:contact\tname:Full %d\temail:f%s.%d@x.es\n\",
					    i, n, i }"; }
			n=0
			while people $((100 + n)) | crm-add -q - 2>err; do
				n=$((n + 1))
				[ $n -lt 200 ] || exit 98
			done
			status=${PIPESTATUS[1]}
			echo "lines $(wc -l <err)"
			grep -c "[Nn]o space left" err
			had=$(crm-find kind:contact -c) || exit 97
			want=0
			for ((i = 0; i < n; i++)); do want=$((want + 100 + i)); done
			echo "kept $((had - want))"
			crm-db check --full >check || { cat check; exit 96; }
			rm mnt/filler
			crm-add -q contact name:After || exit 95
			crm-db check --full >check || { cat check; exit 94; }
		'
		gives 0 "$(printf '%s\n' 'lines 1' 1 'kept 0')"
	done
}

@test "a store on a read-only mount is read, and says why it is not written" {
	unshare -m true 2>/dev/null || skip "mounting is not allowed here"
	runs unshare -m bash -c '
		mount --bind s s && mount -o remount,ro,bind s || exit 99
		crm-find kind:contact -c || exit 98
		crm-db check --full >/dev/null || exit 97
		crm-add -q contact name:Never 2>err
		echo "$? $(wc -l <err)"'
	[ "$output" = $'40\n77 1\n' ] || [ "$output" = $'40\n74 1\n' ] ||
		{ both_outputs && false; }
	works
}

# SPDX-License-Identifier: MIT
# Pipes of store commands, stalled producers and consumers, readers that were
# killed: nobody waits for ever, and the file stays in proportion.
load helper

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/work/s
	people 1500 | crm-add -q -
}

# What a test left running would hold the descriptors of the runner open.
teardown() {
	local left
	left=$(jobs -p)
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$left" ] || kill -9 $left 2>/dev/null || true
}

# in_time SECONDS SCRIPT: a hang is a failure.
in_time() {
	runs timeout -k 1 "$1" bash -o pipefail -c "$2"
}

# small_commits N: N commits, one program each.
small_commits() {
	local i
	for ((i = 0; i < $1; i++)); do
		crm-log -q call p$((i % 50))@x.es 'said something' || return
	done
}

commits() {
	if soaking; then echo 1000; else echo 100; fi
}

# alone: the size of the file after these commits with nobody beside them.
alone() {
	local size=$BATS_FILE_TMPDIR/alone
	if [ ! -e "$size" ]; then
		cp -r s alone
		CRM_DB=$PWD/alone small_commits "$(commits)" || return
		CRM_DB=$PWD/alone data_size >"$size"
	fi
	cat "$size"
}

# stays_small WHAT: the commits, beside what was started, and the file stays
# below twice of what it is alone.
stays_small() {
	local beside alone
	alone=$(alone)
	small_commits "$(commits)"
	beside=$(data_size)
	echo "# $(commits) commits: $alone bytes alone, $beside beside $1" >&3
	[ "$beside" -lt $((2 * alone)) ]
}

@test "two store commands in one pipe" {
	in_time 60 "crm-find kind:contact -o id | crm-log -q call 'rang them all'"
	gives 0
	[ "$(crm-find kind:activity -c)" -eq 1500 ]
	in_time 60 "crm-find kind:contact | crm-add - --key email -o id |
		crm-log -q meeting 'at the fair'"
	gives 0
	in_time 60 "awk 'BEGIN { for (i = 0; i < 3000; i++)
			printf \"kind:contact\tname:Pipe %d\n\", i }' |
		crm-add - -o id | crm-log -q note 'came by pipe'"
	gives 0
	[ "$(crm-find name:pipe -c)" -eq 3000 ]
	sound
}

@test "what is found is changed in the same pipe" {
	needs crm-edit
	in_time 60 "crm-find city:madrid | sed 's/city:Madrid/city:Lugo/' |
		crm-edit -q -"
	gives 0
	[ "$(crm-find city:lugo -c)" -eq 1500 ]
	in_time 60 "crm-find city:lugo -o id | crm-edit city:Madrid -o id |
		crm-log -q note 'moved back'"
	gives 0
	sound
}

@test "three store commands in one pipe, many at once" {
	local i pids=()
	for i in 1 2 3 4 5 6; do
		timeout -k 1 90 bash -o pipefail -c "crm-find email:p$i@x.es -o id |
			crm-log call 'number $i' -o ltsv | crm-find - kind:activity -o id |
			grep -c ." >"out.$i" 2>"err.$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || { cat err.*; return 1; }
	done
	[ "$(cat out.* | sort -u)" = 1 ]
	sound
}

@test "others write while a consumer is stalled, and the file stays small" {
	mkfifo pipe
	sleep 300 3<>pipe &
	crm-find kind:contact >pipe &
	stays_small 'a stalled reader'
	kill -0 $! # it stands there still
	kill -9 $! %1
	sound
}

@test "the file stays small beside readers that were killed" {
	local i
	mkfifo pipe
	sleep 300 3<>pipe &
	for i in 1 2 3 4 5; do
		crm-find kind:contact --snapshot >pipe &
		sleep 0.05
		kill -9 $!
		crm-find kind:contact >pipe &
		sleep 0.05
		kill -9 $!
	done
	stays_small 'killed readers'
	kill -9 %1
	sound
}

@test "the growth of the file is seen beside a reader that holds a snapshot" {
	"$FAULT/hold" s >held &
	local holder=$!
	until grep -q held held; do sleep 0.01; done
	if stays_small 'one that holds a snapshot'; then false; fi
	kill -9 $holder
	sound
}

@test "others write while a producer is stalled" {
	mkfifo pipe
	exec 4<>pipe
	crm-add -q - <pipe 4>&- &
	local adder=$!
	printf 'kind:contact\tname:Early\n' >&4
	crm-log -q call p1@x.es 'said meanwhile'
	crm-add -q contact name:Meanwhile
	kill -0 $adder
	printf 'kind:contact\tname:Late\n' >pipe &
	wait $!
	kill -9 $adder
	exec 4>&-
	wait $adder || true
	[ "$(crm-find name:meanwhile -c)" -eq 1 ]
	[ "$(crm-find name:early,late -c)" -eq 0 ]
	sound
}

# 1,022 readers have a place; each of these dies in its own. The short form does
# not fill them all.
@test "readers that were killed in every place leave room for the next" {
	local i k rounds=2
	! soaking || rounds=11
	mkfifo pipe
	sleep 300 3<>pipe &
	head -c 60000 /dev/zero >pipe & # the pipe is full: readers stay in it
	wait $!
	crm-find kind:contact >pipe & # the lock file stays in use
	for ((i = 0; i < rounds; i++)); do
		for ((k = 0; k < 100; k++)); do
			crm-find kind:contact >pipe &
		done
		sleep 0.3
		# shellcheck disable=SC2046 # a list of numbers
		kill -9 $(jobs -p | tail -n 100)
	done 2>/dev/null
	runs timeout 20 crm-find kind:contact -c
	gives 0 1500
	crm-add -q contact name:Next
	# shellcheck disable=SC2046
	kill -9 $(jobs -p)
	sound
}

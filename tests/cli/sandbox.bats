#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a program has given up while it waits for its input. That files, programs
# and sockets are refused in each mode is tried in tests/unit/sandbox.c.

load helper

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
	crm-add -q contact name:Ana email:ana@acme.es
	mkfifo in
}

teardown() {
	exec 9>&- 8<&- || :
	[ -z "${pid-}" ] || wait "$pid" || :
}

# confined: the process has a filter of calls and can gain no right
confined() {
	for _ in {1..200}; do
		[ "$(sed -n 's/^Seccomp:\t//p' "/proc/$pid/status")" != 2 ] || break
		read -rt 0.05 <>in.never || :
	done
	grep -qx $'NoNewPrivs:\t1' "/proc/$pid/status"
	grep -qx $'Seccomp:\t2' "/proc/$pid/status"
}

# waits CMD ...: it runs as $pid, its stdin is descriptor 9
waits() {
	mkfifo in.never
	"$@" <in >out 2>err &
	pid=$!
	exec 9>in
}

need_seccomp() {
	grep -q '^Seccomp:' /proc/self/status || skip "no /proc or no seccomp"
}

@test "a reader that waits for its input is confined, and answers" {
	need_seccomp
	waits crm-find - name:ana
	confined
	printf 'name:Ana\nname:Bo\n' >&9
	exec 9>&-
	wait "$pid"
	[ "$(cat out)" = name:Ana ]
	[ ! -s err ]
}

@test "a writer that waits for its input is confined, and stores" {
	need_seccomp
	waits crm-add -
	confined
	printf 'name:Bo\n' >&9
	exec 9>&-
	wait "$pid"
	[ "$(crm-find -c name:bo)" = 1 ]
	[ ! -s err ]
}

@test "crm-log is confined too" {
	need_seccomp
	waits crm-log call - -q
	confined
	printf 'contact:ana@acme.es\n' >&9
	exec 9>&-
	wait "$pid"
	[ ! -s err ]
}

@test "the gate is confined, and writes the file that it was given" {
	need_seccomp
	mkdir elsewhere
	waits crm-consent gate call --blocked elsewhere/held
	confined
	printf 'kind:company\n' >&9
	exec 9>&-
	wait "$pid"
	[ "$(cat elsewhere/held)" = $'kind:company\t_reason:unknown' ]
	[ ! -s out ]
	[ ! -s err ]
}

@test "nothing is noted where all is in force" {
	runs crm-find -c --verbose name:ana
	status_is 0
	out_is 1
	if [ "$(cat "$ERR")" = "crm-find: this kernel has no Landlock (or it is switched off); running without a sandbox" ]; then
		skip "no Landlock"
	fi
	err_empty
}

@test "a bulk load builds its store aside within the sandbox" {
	seq 60000 | sed 's/.*/name:n&/' >many
	CRM_DB=$BATS_TEST_TMPDIR/many runs crm-add -q - <many
	gives 0
	CRM_DB=$BATS_TEST_TMPDIR/many runs crm-find -c kind:contact
	gives 0 60000
	run -1 compgen -G "$BATS_TEST_TMPDIR/many.new-*"
}

@test "a large input is spooled within the sandbox" {
	# Beyond 64 MiB the spool is a file in the store.
	head -c 60000 /dev/zero | tr '\0' x >long
	awk '{ for (i = 0; i < 1300; i++) print "name:n" i "\tnote:" $0 }' long >large
	runs crm-add -q - <large
	gives 0
	runs crm-find -c kind:contact
	gives 0 1301
	# Into a store that is not there yet, with lines kept for --reject.
	mkdir sub
	export CRM_DB=$PWD/sub/other
	runs crm-add -q - --keep-going --reject bad <large
	gives 0
	runs crm-find -c kind:contact
	gives 0 1300
}

@test "a file of refused lines is written though the folder is closed" {
	mkdir elsewhere
	runs crm-add -q - --keep-going --reject elsewhere/bad <<<$'name:A\temail:x@\nname:B'
	status_is 1
	[ "$(wc -l <elsewhere/bad)" = 1 ]
	# What it held before goes.
	runs crm-add -q - --keep-going --reject elsewhere/bad <<<name:C
	gives 0
	[ ! -s elsewhere/bad ]
}

@test "a store by a relative name, from below a link" {
	mkdir real
	ln -s real link
	CRM_DB=link/crm/ runs crm-add -q contact name:Bo
	gives 0
	cd real
	CRM_DB=crm runs crm-add -q contact name:Cy
	gives 0
	CRM_DB=../link/crm runs crm-find -c kind:contact
	gives 0 2
}

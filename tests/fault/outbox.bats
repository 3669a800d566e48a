#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# crm-mail struck, killed and run again: no recipient gets two, what is in
# doubt is told, and a later run ends what is left.
load helper

setup() {
	crm_setup
	SHM=${FAULT_TMP:-/dev/shm}
	[ -w "$SHM" ] || SHM=$BATS_TEST_TMPDIR
	SHM=$(mktemp -d "$SHM/outbox.XXXXXX")
	PLACE=$SHM/place
	LOG=$BATS_TEST_TMPDIR/log
	export PLACE LOG CRM_DB=$PLACE/store
	mkdir -p "$PLACE" "$XDG_CONFIG_HOME/crm/templates"
	cat >"$XDG_CONFIG_HOME/crm/config.yaml" <<-'EOT'
		from: Ana <ana@example.com>
		bounce: bounces@example.com
		unsubscribe: ['mailto:unsub@example.com']
	EOT
	chmod 600 "$XDG_CONFIG_HOME/crm/config.yaml"
	printf '%s\n' 'Subject: {{given}}, an offer' '' 'Hello {{given}}.' \
		>"$XDG_CONFIG_HOME/crm/templates/offer.txt"
	export CRM_SENDMAIL=$BATS_TEST_TMPDIR/sendmail
	cat >"$CRM_SENDMAIL" <<-'EOT'
		#!/bin/sh
		# The recipient says what becomes of it. What it took is a line of
		# $LOG: recipient, sender, Message-ID.
		for rcpt; do :; done
		while read -r label value; do
			case $label in
			[Mm]essage-[Ii][Dd]:) break ;;
			esac
		done
		case $rcpt in
		reject*) exit 65 ;;
		temp*) exit 75 ;;
		esac
		printf '%s\t%s\t%s\n' "$rcpt" "$3" "$value" >>"$LOG"
		case $rcpt in
		drop*) exit 76 ;;
		esac
		exit 0
	EOT
	chmod +x "$CRM_SENDMAIL"
}

teardown() {
	[ -n "${FAULT_KEEP-}" ] || rm -rf "$SHM"
}

# invited NAME ...: contacts with consent, and their lines in the file all.
invited() {
	local name
	for name; do
		printf 'kind:contact\tgiven:%s\temail:%s@x.es\n' "$name" "$name"
	done | crm-add -q -
	for name; do
		printf 'kind:consent\tcontact:%s@x.es\tpurpose:marketing\tchannel:email\tstate:granted\tat:2026-01-01T00:00:00Z\n' "$name"
	done | crm-add -q -
	crm-find kind:contact >all
	: >"$LOG"
}

# keep, anew: what the tests of one store begin with each time.
keep() {
	rm -rf "$PLACE.first"
	cp -r "$PLACE" "$PLACE.first"
}

anew() {
	rm -rf "$PLACE"
	cp -r "$PLACE.first" "$PLACE"
	: >"$LOG"
}

# mails: one run that nobody stops, as far as we know.
mails() {
	crm-mail -q -t offer --send --sendmail "$CRM_SENDMAIL" <all 2>said
}

# quiet: waits for what a killed run had begun: it goes on without it.
quiet() {
	while pgrep -f -- "$CRM_SENDMAIL" >/dev/null; do
		sleep 0.01
	done
}

# messages [TERM ...]: address, status and Message-ID of each.
messages() {
	crm-find kind:message "$@" -s address -o tsv --no-header \
		-F address,status,msgid
}

# once: nobody stands in the log twice, under two senders or Message-IDs.
once() {
	[ -z "$(cut -f 1 "$LOG" | sort | uniq -d)" ] && return
	echo "$1: mail went out twice:"
	cat "$LOG"
	return 1
}

# ledger_agrees: each line of input has its message; what it says is what the
# log says, or it is in doubt. Nothing is sending, nothing waits but temp*.
ledger_agrees() {
	messages >ledger
	awk -F '\t' -v what="$1" -v wanted="$(wc -l <all)" '
	function bad(text) { print what ": " $1 " is " $2 ": " text; code = 1 }
	FILENAME == ARGV[1] { id[$1] = $3; sender[$1] = $2; next }
	{ n++ }
	$2 == "in-doubt" { next }
	$1 ~ /^temp/ { if ($2 != "queued") bad("wanted queued"); next }
	$1 ~ /^reject/ { if ($2 != "failed") bad("wanted failed"); next }
	$2 != "sent" { bad("wanted sent"); next }
	!($1 in id) { bad("nothing was sent"); next }
	index(id[$1], $3) == 0 { bad("sent as " id[$1]) }
	sender[$1] !~ /^bounces\+[0-9a-z]*@example.com$/ {
		bad("sent by " sender[$1])
	}
	END {
		if (n != wanted) { print what ": " n " messages"; code = 1 }
		exit code
	}' "$LOG" ledger
}

# files_agree: the outbox holds the mails that were not sent, and no others.
files_agree() {
	find "$CRM_DB.outbox" -type f ! -name lock -printf '%f\n' | sort >files
	crm-find kind:message status:queued,failed,in-doubt -o id |
		sed 's/$/.eml/' | sort >wanted
	cmp -s files wanted && return
	echo "$1: files of the outbox:"
	diff wanted files
	return 1
}

# ended WHAT: the state after a run that nothing stopped.
ended() {
	once "$1" && ledger_agrees "$1" && files_agree "$1" && sound
}

# settled WHAT: one more run ends it, tells each doubt, and sends none twice.
# Then the doubts are sent, each once and as the mail it was.
settled() {
	local code=0
	quiet
	mails || code=$?
	case $code in
	0 | 1 | 75) ;;
	*)
		echo "$1: the second run ended with $code"
		cat said
		return 1
		;;
	esac
	ended "$1" || return
	crm-mail status offer -o tsv --no-header -F address,status,msgid |
		sort >told
	cmp -s ledger told || {
		echo "$1: told otherwise"
		diff ledger told
		return 1
	}
	doubts_sent "$1" && cancelled "$1"
}

doubts_sent() {
	local code=0 doubts
	doubts=$(grep -c in-doubt ledger || :)
	cp "$LOG" before
	awk -F '\t' '$2 == "in-doubt" && $1 !~ /^(reject|temp)/ { print $1 "\t<" $3 ">" }' \
		ledger >wanted
	crm-mail -q retry --in-doubt --sendmail "$CRM_SENDMAIL" offer 2>said ||
		code=$?
	# A claim may have been all that there was of an attempt.
	tail -n +$(($(wc -l <before) + 1)) "$LOG" | cut -f 1,3 | sort >got
	if [ $code -gt 1 ] && [ $code -ne 75 ] || ! cmp -s wanted got; then
		echo "$1: retry ended with $code; sent of $doubts in doubt:"
		diff wanted got
		cat said
		return 1
	fi
	DOUBTS=$((${DOUBTS-0} + doubts))
}

cancelled() {
	crm-mail -q cancel offer || return
	[ -z "$(messages status:queued)" ] && files_agree "$1"
}

CALLS=open,write,pwrite,writev,pwritev,fsync,fdatasync,msync,ftruncate,fcntl,mkdir,rename,link,unlink,rmdir

# struck N ACTION: a run in a fresh copy, its N-th call struck. CALLED: how many
# calls it made.
struck() {
	anew
	code=0
	head -c 4096 /dev/zero >"$SHM/seen"
	(
		export LD_PRELOAD="$FAULT/shim.so" FAULT_DIR="$PLACE"
		export FAULT_CALLS=$CALLS FAULT_DO="$2" FAULT_AT="$1"
		export FAULT_SEEN=$SHM/seen
		mails
	) || code=$?
	CALLED=$(od -An -tu8 -N8 "$SHM/seen" | tr -d ' ')
	once "call $1, $2"
}

# stride N: every call in a soak.
stride() {
	if soaking; then echo 1; else echo "$1"; fi
}

# at_each ACTION STRIDE: at every STRIDE-th call from a random one on.
at_each() {
	local n struck=0 dead=0 code last CALLED
	DOUBTS=0
	struck 0 EIO
	last=$CALLED
	settled "no call"
	for ((n = RANDOM % $2 + 1; n <= last; n += $2)); do
		struck $n "$1"
		struck=$((struck + 1))
		if [ "$code" -eq 137 ] && [ "$1" = kill ]; then
			dead=$((dead + 1))
		elif [ "$code" -ge 126 ]; then
			echo "call $n, $1: status $code"
			cat said
			return 1
		fi
		settled "call $n, $1"
	done
	echo "# outbox: $1 at $struck of $last calls, $DOUBTS in doubt" >&3
	[ "$last" -gt 60 ]
	[ "$1" = kill ] || return 0
	# One is in doubt each time, by the recipient; others by the kill. A run
	# may differ by a call or two from the one that was counted.
	[ "$DOUBTS" -gt $((struck + 1)) ] && [ "$dead" -ge $((struck - 2)) ]
}

SEVEN=(ok1 reject1 ok2 temp1 ok3 drop1 ok4)

@test "killed at any call: no recipient twice, what is in doubt is told" {
	invited "${SEVEN[@]}"
	keep
	at_each kill "$(stride 5)"
}

@test "where a call fails: no recipient twice, what is in doubt is told" {
	local what
	invited "${SEVEN[@]}"
	keep
	for what in EIO ENOSPC; do
		at_each $what "$(stride 11)"
	done
}

# ---- at any moment ----

# many N: N people of all kinds, in a mixed order; of those that are dropped
# fewer than the five equal failures that end a run.
many() {
	local i kinds=(ok ok reject ok temp ok ok drop ok ok reject ok ok temp ok ok)
	for ((i = 0; i < $1; i++)); do
		echo "${kinds[i % 16]}$i"
	done
}

# moment: anywhere from the start of a run to well within it.
moment() {
	sleep "0.0$((RANDOM % 9))$((RANDOM % 10))"
}

# begun [OPTION ...]: a run in the background, its number in pid.
begun() {
	env --default-signal=INT,TERM,HUP crm-mail -q -t offer --send --jobs 3 \
		--sendmail "$CRM_SENDMAIL" "$@" <all >>lines 2>>said &
	pid=$!
}

# stopped PID SIGNAL: its status in code.
stopped() {
	code=0
	kill -"$2" "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || code=$?
}

# done_all: every message has been tried.
done_all() {
	[ "$(crm-find -c kind:message)" -eq "$(wc -l <all)" ] || return
	! crm-find kind:message status:queued,sending -F address -o value |
		grep -qv ^temp
}

# crowd N: N people, and a sendmail that takes its time; ids as in life.
crowd() {
	unset CRM_SEED
	sed -i '2i sleep 0.02' "$CRM_SENDMAIL"
	# shellcheck disable=SC2046 # words on purpose
	invited $(many "$1")
	keep
	kills=0 rounds=0 DOUBTS=0
}

# storm PERCENT ROUND: ROUND again and again, until all is done; in a soak
# anew for PERCENT of it.
storm() {
	local end=$((SECONDS + $(share "$1" 0))) code pid
	while :; do
		anew
		until done_all; do
			rounds=$((rounds + 1))
			"$2" || return
			once "round $rounds" || return
			[ $rounds -lt 100 ] || soaking || break
		done
		settled "after $rounds rounds" || return
		[ $SECONDS -lt $end ] || break
	done
	echo "# outbox: $kills kills in $rounds rounds, $DOUBTS in doubt" >&3
	[ $kills -gt 0 ]
}

killed_run() {
	local signals=(KILL KILL TERM INT)
	begun
	moment
	stopped "$pid" "${signals[RANDOM % 4]}"
	[ "$code" -le 128 ] || kills=$((kills + 1))
}

@test "killed at random moments until all is done: no recipient twice" {
	crowd 48
	storm 3 killed_run
}

two_runs() {
	local one
	begun
	one=$pid
	begun
	moment
	stopped "$one" KILL
	[ "$code" -ne 137 ] || kills=$((kills + 1))
	if [ $((rounds % 3)) -gt 0 ]; then
		moment
		stopped "$pid" KILL
		[ "$code" -ne 137 ] || kills=$((kills + 1))
	fi
	wait
}

@test "two at once, one killed or both, again and again: no recipient twice" {
	crowd 48
	storm 2 two_runs
}

asked_run() {
	local signals=(TERM INT HUP)
	begun
	moment
	stopped "$pid" "${signals[rounds % 3]}"
	[ "$code" -le 128 ] || kills=$((kills + 1))
	messages status:sending,in-doubt | grep -v ^drop >left || :
	[ ! -s left ] || { cat left said && return 1; }
}

@test "asked to end, it awaits and records first: nothing is in doubt of it" {
	crowd 48
	storm 1 asked_run
}

@test "what runs sendmail is killed: the run ends, and it is in doubt" {
	local pid code
	mkfifo "$SHM/in" "$SHM/go"
	export SHM
	sed -i "2i case \$* in *ok1@*) echo >\$SHM/in; read x <\$SHM/go ;; esac" \
		"$CRM_SENDMAIL"
	invited ok1 ok2 reject1
	begun --jobs 1
	read -r _ <"$SHM/in"
	kill -KILL "$(pgrep -P "$pid")"
	code=0
	wait "$pid" || code=$?
	[ $code -eq 74 ]
	grep -q 'crm-mail: the process that runs sendmail has ended' said
	echo >"$SHM/go"
	quiet
	[ "$(cut -f 1 "$LOG")" = ok1@x.es ]
	(while :; do read -r _ <"$SHM/in" && echo >"$SHM/go"; done) 3>&- &
	pid=$!
	settled "the deliverer killed"
	kill "$pid"
	[ "$DOUBTS" -eq 1 ]
}

# ---- through a real client, to a real server ----

# serves: a sink on a port of its own; msmtp that knows it is sendmail.
serves() {
	mkfifo "$SHM/stop"
	: >"$SHM/port"
	/usr/bin/python3 "$BATS_TEST_DIRNAME/sink.py" "$LOG" <"$SHM/stop" \
		>"$SHM/port" 3>&- &
	exec 7>"$SHM/stop"
	while [ ! -s "$SHM/port" ]; do sleep 0.01; done
	printf 'account default\nhost 127.0.0.1\nport %s\ntls off\nauth off\n' \
		"$(cat "$SHM/port")" >"$SHM/msmtprc"
	chmod 600 "$SHM/msmtprc"
	CRM_SENDMAIL="msmtp -C $SHM/msmtprc"
}

killed_client() {
	begun
	moment
	moment
	stopped "$pid" KILL
	[ "$code" -ne 137 ] || kills=$((kills + 1))
}

@test "msmtp and a server that rejects, defers and cuts: no recipient twice" {
	command -v msmtp >/dev/null || skip "there is no msmtp"
	/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null ||
		skip "there is no aiosmtpd for /usr/bin/python3"
	crowd 24
	serves
	storm 3 killed_client
	exec 7>&-
}

# ---- on disk first ----

# traced: what was written and flushed by a run, and when sendmail was told.
traced() {
	strace -f -y -o trace -e trace=mkdir,openat,write,writev,pwrite64,pwritev,fsync,fdatasync,syncfs,sendmsg \
		crm-mail -q -t offer --send <all
}

# flushed_first: at each word to the child that runs sendmail the store has a
# commit since the last one, whose pages were flushed before its head; and at
# the first one the mails and their folder, before that commit began.
flushed_first() {
	awk -v db="$CRM_DB/data.mdb" -v box="$CRM_DB.outbox" '
	function bad(text) { print NR ": " text; code = 1 }
	$2 ~ /^openat/ && /O_DSYNC/ && index($0, db) {
		fd = $0
		sub(/.* = /, "", fd)
		sub(/<.*/, "", fd)
		head = fd
	}
	{
		fd = $2
		sub(/^[a-z0-9]*\(/, "", fd)
		sub(/<.*/, "", fd)
	}
	$2 ~ /^(write|writev|pwrite64|pwritev)\(/ && index($2, db) {
		if (mails || folder || above)
			bad("the store is written before the outbox is flushed")
		if (fd != head)
			pages = 1
		else if (pages)
			bad("the head is written before the pages are flushed")
		else
			commits++
	}
	$2 ~ /^f(data)?sync\(/ && index($2, db) { pages = 0 }
	$2 ~ /^mkdir\(/ && index($2, box) { above = 1 }
	$2 ~ /^write\(/ && index($2, box "/") { mails++; folder = 1 }
	$2 ~ /^fsync\(/ && index($2, box "/") { mails-- }
	$2 ~ /^fsync\(/ && index($2, box ">") { folder = 0 }
	$2 ~ /^fsync\(/ && above && !index($2, box) { above = 0 }
	$2 ~ /^sendmsg/ {
		told++
		if (!commits || pages)
			bad("sendmail is told before the claim is on disk")
		commits = 0
	}
	END { exit code || told != 3 }' trace
}

@test "a claim is on disk before sendmail is told, the mails before the queue" {
	command -v strace >/dev/null || skip "there is no strace"
	invited ok1 reject1 ok2
	traced || [ $? -eq 1 ]
	flushed_first
	# And it would see one that is not.
	cp trace sound
	grep -v 'fdatasync(' sound >trace
	run ! flushed_first
	grep -v 'fsync(' sound >trace
	run ! flushed_first
	awk '/sendmsg/ { n++ } n == 1 && /data.mdb/ { next } { print }' sound >trace
	run ! flushed_first
}

# ---- the test itself ----

@test "a broken promise is seen" {
	invited ok1 ok2 reject1
	keep
	mails || :
	ended "a sound run"
	# The log has one that nobody should have sent.
	cp "$LOG" sound
	head -n 1 sound >>"$LOG"
	run ! once x
	# One is called sent that was not; one is sent under another name.
	grep -v ok1 sound >"$LOG"
	run ! ledger_agrees x
	sed 's/<crm\./<crm.x/' sound >"$LOG"
	run ! ledger_agrees x
	cp sound "$LOG"
	# A file too many, one too few.
	touch "$CRM_DB.outbox/01KJPWD6M0R5E053QC5M592SZC.eml.x"
	run ! files_agree x
	rm "$CRM_DB.outbox"/*.eml*
	run ! files_agree x
	# A ledger that forgot.
	rm -r "$PLACE"
	cp -r "$PLACE.first" "$PLACE"
	mails || :
	run ! once x
}

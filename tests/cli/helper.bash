# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What every file of tests/cli loads:  load helper
#
# Each test runs in a home, an XDG tree and a current folder of its own, below
# $BATS_TEST_TMPDIR, with the clock at 2026-03-02T09:00:00Z and ids that follow
# from seed 1. A file with a setup() of its own calls crm_setup first.
#
#   runs crm-find tag:vip          run it; stdin is empty unless redirected
#   status_is 0
#   out_is 'one line'              one argument a line; none: nothing at all
#   out_is <<'EOT'                 or the text on stdin, byte for byte
#   err_is ...                     the same for stderr
#   gives 0 'out' 'err'            the three at once
#   needs khard                    skip the test where it is not installed
#
# After `runs`: $status $output $stderr as bats leaves them, and the bytes
# themselves (NULs too) in $OUT and $ERR, which are files.

bats_require_minimum_version 1.5.0

CRM_TOP=${CRM_TOP:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
CRM_BIN=${CRM_BIN:-$CRM_TOP/build/bin}
case $CRM_BIN in
/*) ;;
*) CRM_BIN=$PWD/$CRM_BIN ;;
esac

crm_setup() {
	export HOME=$BATS_TEST_TMPDIR/home
	export XDG_DATA_HOME=$HOME/.local/share
	export XDG_CONFIG_HOME=$HOME/.config
	export XDG_STATE_HOME=$HOME/.local/state
	export XDG_CACHE_HOME=$HOME/.cache
	export XDG_CONFIG_DIRS=$HOME/etc/xdg
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	export CRM_NOW=2026-03-02T09:00:00Z CRM_SEED=1
	export LC_ALL=C.UTF-8 TZ=UTC TERM=dumb
	export PATH=$CRM_BIN:$PATH
	export TEXTDOMAINDIR=${CRM_BIN%/bin}/locale
	unset CRM_DB CRM_CONFIG CRM_COLOR CRM_SENDMAIL CRM_LOCK_TIMEOUT
	unset NO_COLOR FORCE_COLOR CLICOLOR_FORCE COLUMNS LINES LANGUAGE LANG
	unset VISUAL EDITOR POSIXLY_CORRECT XDG_RUNTIME_DIR
	OUT=$BATS_TEST_TMPDIR/stdout
	ERR=$BATS_TEST_TMPDIR/stderr
	mkdir -p "$HOME" "$TMPDIR" "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return 1
}

setup() {
	crm_setup
}

# The data that tests share, and the sample data that users get.
DATA=$CRM_TOP/tests/data
EXAMPLES=$CRM_TOP/examples
export DATA EXAMPLES

# Data that the project shares; a checkout alone does not have it.
SHARED=$CRM_TOP/../shared/data
CORPORA=${CRM_CORPORA:-$SHARED/corpora}

# needs CMD ...: skips the test where one of them is not installed.
needs() {
	local cmd
	for cmd; do
		command -v "$cmd" >/dev/null || skip "there is no $cmd"
	done
}

# Debian's Python modules belong to its own Python.
needs_vobject() {
	/usr/bin/python3 -c 'import vobject' 2>/dev/null ||
		skip 'there is no python3-vobject'
}

# needs_corpus NAME: skips the test where there is no $CORPORA/NAME.
needs_corpus() {
	[ -d "$CORPORA/$1" ] ||
		skip "no ../shared/data/corpora/$1 (CRM_CORPORA names another folder)"
}

# visible: text with its tabs, line ends and control bytes made visible.
visible() {
	LC_ALL=C.UTF-8 sed -n 'l 0'
}

# both_outputs: what a failing test shows.
both_outputs() {
	echo "--- command: ${RAN-}"
	# shellcheck disable=SC2154 # bats sets it
	echo "--- status: $status"
	echo "--- stdout:"
	head -n 100 "$OUT" | visible
	echo "--- stderr:"
	head -n 100 "$ERR" | visible
}

# caught CMD ...: run by `run`, keeps the bytes that a variable cannot hold.
caught() {
	"$@" >"$OUT" 2>"$ERR"
}

runs() {
	RAN="$*"
	if [ -t 0 ]; then
		run caught "$@" </dev/null
	else
		run caught "$@"
	fi
	# As `run --separate-stderr --keep-empty-lines` would leave them.
	output=$(tr -d '\0' <"$OUT"; printf x)
	output=${output%x}
	stderr=$(tr -d '\0' <"$ERR"; printf x)
	stderr=${stderr%x}
	# shellcheck disable=SC2034 # for the tests
	mapfile -t lines <"$OUT"
	# shellcheck disable=SC2034
	mapfile -t stderr_lines <"$ERR"
}

status_is() {
	[ "$status" -eq "$1" ] && return
	echo "status: got $status, wanted $1"
	both_outputs
	return 1
}

# is FILE WHAT [LINE ...]: the bytes of FILE are these lines, or those on stdin.
is() {
	local file=$1 what=$2 want=$BATS_TEST_TMPDIR/want
	shift 2
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@" >"$want"
	else
		cat >"$want"
	fi
	cmp -s "$want" "$file" && return
	echo "$what differs (- wanted, + got):"
	diff -u --label wanted --label got "$want" "$file" | tail -n +3 | visible
	both_outputs
	return 1
}

out_is() {
	is "$OUT" stdout "$@"
}

err_is() {
	is "$ERR" stderr "$@"
}

out_empty() {
	is "$OUT" stdout </dev/null
}

err_empty() {
	is "$ERR" stderr </dev/null
}

# gives STATUS [OUT [ERR]]: all three; '' or absent is no output at all.
gives() {
	local out=${2-} err=${3-}
	status_is "$1" || return
	if [ -n "$out" ]; then out_is "$out"; else out_empty; fi || return
	if [ -n "$err" ]; then err_is "$err"; else err_empty; fi
}

# same FILE FILE: two files hold the same bytes.
same() {
	cmp -s "$1" "$2" && return
	echo "$1 and $2 differ:"
	diff -u "$1" "$2" | head -n 60 | visible
	return 1
}

# on_terminal COLUMNS CMD ...: run under a pseudo-terminal of that width; what
# the terminal saw goes to stdout, with its CR LF made LF again.
on_terminal() {
	local columns=$1 words
	shift
	printf -v words '%q ' "$@"
	TERM=xterm COLUMNS=$columns script -qec "stty cols $columns rows 40; $words" \
		/dev/null </dev/null | tr -d '\r'
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# lint.sh [STEP ...]: what can be checked without running the programs. Called
# by `make lint`, which says in the environment: BUILD, CC, JOBS, MAKE and
# LINT_CFLAGS. All steps are taken, even after one failed.
set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=${BUILD:-build}
CC=${CC:-cc}
JOBS=${JOBS:-2}
MAKE=${MAKE:-make}
LINT_CFLAGS=${LINT_CFLAGS:--std=c11 -D_POSIX_C_SOURCE=200809L -Ilib}
STEPS='floors headers format spdx sh man po options completions cppcheck tidy'

# sources [PATTERN ...]: those that git knows and those about to be added;
# without a repository, all there are.
sources() {
	if [ -e .git ]; then
		git ls-files -co --exclude-standard -- "$@" | while IFS= read -r f; do
			[ ! -e "$f" ] || printf '%s\n' "$f"
		done
	else
		for pattern; do
			find . -path './build*' -prune -o -type f -path "./$pattern" -print
		done | sed 's|^\./||'
	fi | sort -u
}

c_files() {
	sources 'lib/*.c' 'lib/*.h' 'cmd/*.c' 'tests/*.c' 'tests/*.h'
}

lint_floors() {
	sources 'lib/*.c' 'lib/*.h' 'cmd/*.c' |
		xargs awk -f tools/floors.awk lib/floors
}

# Each header stands alone and may come twice. banned.h stays out: it brings
# system headers that would hide a missing include.
lint_headers() {
	# shellcheck disable=SC2016 # $1 and $2 are the inner shell's
	sources 'lib/*.h' | sed 's|^lib/||' | xargs -P "$JOBS" -I '{}' sh -c '
		printf "#include \"%s\"\n#include \"%s\"\nextern int none;\n" "$1" "$1" |
		$2 -Werror -Wno-unused -fsyntax-only -x c - ||
			{ echo "lib/$1: does not stand alone"; exit 1; }
	' sh '{}' "$CC $LINT_CFLAGS"
}

lint_format() {
	format=clang-format-14
	command -v $format >/dev/null 2>&1 || format=clang-format
	case $($format --version) in
	*'version 14.'*) ;;
	*)
		echo "clang-format 14 decides; this is $($format --version)"
		return 1
		;;
	esac
	c_files | xargs $format --dry-run -Werror
}

# Every source opens with its licence; a script may have #! before it.
lint_spdx() {
	{
		c_files
		sources 'tools/*.sh' 'tools/*.awk' 'tests/*.sh' 'tests/*.bats' 'tests/*.bash' 'tests/run*' Makefile .ci/run
	} | while IFS= read -r f; do
		head -n 2 "$f" | grep -q 'SPDX-License-Identifier: MIT' ||
			echo "$f: no SPDX line"
	done | {
		! grep .
	}
}

lint_sh() {
	status=0
	sources '*' | while IFS= read -r f; do
		case $f in
		*.sh | *.bash | *.bats) printf '%s\n' "$f" ;;
		completions/* | tests/data/* | tests/fuzz/corpus/*) ;;
		*)
			# Scripts without a suffix.
			case $(head -c 64 "$f" 2>/dev/null | tr -d '\0' | head -n 1) in
			'#!'*sh | '#!'*'sh '*) printf '%s\n' "$f" ;;
			esac
			;;
		esac
	done | sort -u >"$BUILD/lint-sh.list"
	grep -v '\.bats$' "$BUILD/lint-sh.list" |
		xargs shellcheck --external-sources || status=1
	# In a bats file variables of the helper are used, a failing line in the
	# middle is a failure, each test is a subshell, and reached by name.
	if grep -q '\.bats$' "$BUILD/lint-sh.list"; then
		grep '\.bats$' "$BUILD/lint-sh.list" | xargs shellcheck --shell=bats --severity=warning \
			--exclude=SC1090,SC1091,SC2030,SC2031,SC2034,SC2154,SC2164,SC2314,SC2315,SC2317 ||
			status=1
	fi
	set -- completions/bash/*
	if [ -e "$1" ]; then
		shellcheck --shell=bash "$@" || status=1
	fi
	return $status
}

lint_man() {
	set -- man/*.[1-9]
	[ -e "$1" ] || return 0
	status=0
	# The date is what it is; other pages of ours are found in man/.
	mandoc -T lint -W warning "$@" || status=1
	# What a reader is sent to exists here, or is a page of the system.
	for page; do
		sed -n 's/^\.[ ]*Xr \(crm[a-z-]*\) \([1-9]\).*/\1.\2/p' "$page" |
			while IFS= read -r ref; do
				[ -e "man/$ref" ] || echo "$page: sends to $ref, which is not in man/"
			done
	done | {
		! grep .
	} || status=1
	return $status
}

# Each message has its translation, and none is in doubt.
lint_po() {
	set -- po/*.po
	[ -e "$1" ] || return 0
	"$MAKE" -s --no-print-directory BUILD="$BUILD" pot || return 1
	status=0
	for po; do
		msgcmp "$po" "$BUILD/crm.pot" || status=1
		msgfmt --check -o /dev/null "$po" || status=1
	done
	return $status
}

lint_options() {
	status=0
	for program in "$BUILD"/bin/*; do
		case $program in
		*.[0-9]*) continue ;;
		esac
		[ -x "$program" ] || continue
		tools/check-man.sh "$program" "man/$(basename "$program").1" || status=1
	done
	return $status
}

lint_completions() {
	rm -rf "$BUILD/completions"
	tools/completions.sh "$BUILD/bin" "$BUILD/completions" || return 1
	status=0
	if ! diff -ru completions "$BUILD/completions"; then
		echo "completions/ is not what the option tables give: make completions"
		status=1
	fi
	for f in completions/bash/*; do
		[ ! -e "$f" ] || bash -n "$f" || status=1
	done
	if command -v zsh >/dev/null 2>&1; then
		for f in completions/zsh/*; do
			[ ! -e "$f" ] || zsh -n "$f" || status=1
		done
	fi
	if command -v fish >/dev/null 2>&1; then
		for f in completions/fish/*; do
			[ ! -e "$f" ] || fish --no-execute "$f" || status=1
		done
	fi
	return $status
}

lint_cppcheck() {
	# Only what cppcheck is sure of: warnings, performance, portability.
	# missingInclude is the compiler's job; the rest is explained in
	# tools/cppcheck.supp.
	mkdir -p "$BUILD/cppcheck"
	set -- lib
	[ ! -d cmd ] || set -- lib cmd
	cppcheck --quiet --std=c11 --language=c --platform=unix64 -j "$JOBS" \
		--enable=warning,performance,portability --inline-suppr \
		--suppressions-list=tools/cppcheck.supp \
		--cppcheck-build-dir="$BUILD/cppcheck" \
		-D_POSIX_C_SOURCE=200809L -D__GNUC__=12 -DCRM_VERSION='""' -DLOCALEDIR='""' \
		-Ilib --error-exitcode=1 "$@"
}

lint_tidy() {
	# Warnings are shown, not the files in which there was none.
	"$MAKE" --no-print-directory -k -j "$JOBS" BUILD="$BUILD" CC="$CC" tidy \
		>"$BUILD/lint-tidy.log" 2>&1 && return
	grep -v '^  TIDY ' "$BUILD/lint-tidy.log"
	return 1
}

# shellcheck disable=SC2086 # words on purpose
[ $# -gt 0 ] || set -- $STEPS
mkdir -p "$BUILD" || exit 1
failed=
for step; do
	case " $STEPS " in
	*" $step "*) ;;
	*)
		echo "lint: unknown step '$step'; steps: $STEPS" >&2
		exit 2
		;;
	esac
	if "lint_$step"; then
		printf 'lint: %-12s ok\n' "$step"
	else
		printf 'lint: %-12s FAILED\n' "$step"
		failed="$failed $step"
	fi
done
[ -z "$failed" ] || {
	echo "lint: failed:$failed"
	exit 1
}

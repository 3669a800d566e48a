# SPDX-License-Identifier: MIT
# The scripts of the build: what they must notice, and what they make.
load helper

# fake NAME: a program in ./bin that answers as crm-find would.
fake() {
	mkdir -p bin
	cat >"bin/$1" <<'EOT'
#!/bin/bash
if [ "$1" = --crm-options ]; then
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
		'' q quiet bool '' all 'say nothing' \
		'' s sort commas KEYS show 'in this order' \
		'' l limit int N show 'at most N' \
		'' '' color enum 'auto|always|never' all 'when' \
		'' '' reject file FILE all "to FILE, as it's [refused]"
	exit
fi
[ "$1 $2" = '--crm-complete --' ] || exit 2
shift 2
printf '<%s>' "$@" >>asked
echo >>asked
case ${!#} in
tag:*)
	printf 'tag:vip\t41 contacts\n'
	printf 'tag:$(touch pwned)`touch pwned`\t1\n'
	;;
t*) printf 'tag:\ttags\n' ;;
rev*) printf 'revenue\tmoney\n' ;;
ib*) printf 'lucia@faro.es\tLucía Ibáñez\n' ;;
name:*) printf "name:Ana O'Hara\t\n" ;;
esac
EOT
	chmod +x "bin/$1"
}

# tab WORD ...: what bash would offer after these words; COMP_WORDS are as bash
# cuts them, so each piece is an argument, and a piece that stands against the
# one before it begins with +.
tab() {
	local word line='' words=()
	for word; do
		if [[ $word == +* ]]; then
			word=${word:1}
			line+=$word
		else
			line+="${line:+ }$word"
		fi
		words+=("$word")
	done
	env PATH="$PWD/bin:$PATH" bash -c '
		. "completions/bash/$1"
		compopt() { echo "compopt $*"; }
		COMP_LINE=$2 COMP_POINT=${#2}
		shift 2
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"_${1//-/_}"
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
	' bash "${words[0]}" "$line" "${words[@]}"
}

completions_of() {
	local name
	for name; do
		fake "$name"
	done
	"$CRM_TOP/tools/completions.sh" bin completions
}

@test "floors: each kind of breach is named with its line" {
	mkdir -p lib/query lib/app
	cat >lib/query/q.c <<'EOT'
#include "query/own.h"
#include "record/rec.h"
#include "store/db.h"
#include "format/x.h"
#include "../base/buf.h"
#include "nowhere/x.h"
#include <lmdb.h>
#include <yaml.h>
/* printf("in a comment"); */ s = "printf(in a string)";
/*
 * fputs(over lines)
 */ fprintf(f, "x");
snprintf(a, n, "x"), vsnprintf(a, n, "x", ap), my_printf(x);
write_to(stderr);
EOT
	echo 'printf("x");' >lib/app/a.c
	runs awk -f "$CRM_TOP/tools/floors.awk" "$CRM_TOP/lib/floors" \
		lib/query/q.c lib/app/a.c
	status_is 1
	out_is <<'EOT'
lib/query/q.c:3: include of 'store/db.h' climbs from floor 2 to 3
lib/query/q.c:4: include of 'format/x.h': a sibling on the same floor
lib/query/q.c:5: include of '../base/buf.h': write it from lib/
lib/query/q.c:6: include of 'nowhere/x.h': no folder 'lib/nowhere' in lib/floors
lib/query/q.c:7: <lmdb.h> belongs to lib/store
lib/query/q.c:8: <yaml.h> belongs to lib/record; read YAML through its reader
lib/query/q.c:12: fprintf(): only cmd and lib/app print
lib/query/q.c:14: a standard stream: only cmd and lib/app touch them
EOT
	err_empty
}

@test "check-man: an option without its item and an item without its option" {
	fake crm-toy
	cat >crm-toy.1 <<'EOT'
.It Fl q , Fl -quiet
.It Fl s Ar KEYS , Fl \-sort Ns = Ns Ar KEYS
.It Fl l Ar N
.It Fl -color Ns = Ns Ar WHEN
.It Fl -reject Ar FILE
.It Fl x
EOT
	runs "$CRM_TOP/tools/check-man.sh" bin/crm-toy crm-toy.1
	gives 1 $'crm-toy.1: no .It Fl for --limit\ncrm-toy.1: -x is no option of crm-toy'
}

@test "embed: the bytes come out as they went in" {
	printf 'a\n\0\377"\\\n' >text
	"$CRM_TOP/tools/embed.sh" blob text >blob.c
	cat >main.c <<'EOT'
#include <stddef.h>
#include <stdio.h>
extern const unsigned char blob[];
extern const size_t blob_len;
int main(void) { return fwrite(blob, 1, blob_len, stdout) != blob_len; }
EOT
	cc -o main main.c blob.c
	runs ./main
	status_is 0
	same text "$OUT"
}

@test "deps: a list that is not there is refused" {
	runs "$CRM_TOP/tools/deps.sh" -n biuld
	gives 2 '' "deps.sh: unknown list 'biuld'; lists: build test lint fuzz cover bench full all"
}

@test "bash completion: options and fixed values need no program" {
	completions_of crm-toy
	runs tab crm-toy --li
	gives 0 $'compopt -o nospace\n--limit='
	runs tab crm-toy --color += +a
	gives 0 $'auto\nalways'
	runs tab crm-toy --color al
	gives 0 always
	runs tab crm-toy -ql ''
	gives 0
	[ ! -e asked ]
}

@test "bash completion: words cut at : = @ are asked whole" {
	completions_of crm-toy
	runs tab crm-toy stage +: +lead tag +: +v
	status_is 0
	runs tab crm-toy --sort += +rev
	gives 0 revenue
	runs tab crm-toy -s rev
	gives 0 revenue
	runs tab crm-toy t
	gives 0 $'compopt -o nospace\ntag:'
	runs tab crm-toy ib
	gives 0 lucia@faro.es
	same - asked <<'EOT'
<stage:lead><tag:v>
<--sort><rev>
<-s><rev>
<t>
<ib>
EOT
}

@test "bash completion: a value is text, whatever stands in it" {
	completions_of crm-toy
	runs tab crm-toy tag +: +v
	gives 0 $'vip\n\\$\\(touch\\ pwned\\)\\`touch\\ pwned\\`'
	runs tab crm-toy name +: +An
	gives 0 "Ana\\ O\\'Hara"
	runs tab crm-toy name +: "+'An"
	gives 0 "Ana O'\\''Hara"
	runs tab crm-toy "'name:An"
	gives 0 "name:Ana O'\\''Hara"
	# shellcheck disable=SC2016 # a name may be that
	runs tab crm-toy 'ib$(touch' '+:' '+pwned)'
	status_is 0
	[ ! -e pwned ]
}

@test "bash completion: crm NAME is crm-NAME" {
	completions_of crm crm-toy
	runs tab crm toy tag +: +v
	gives 0 $'vip\n\\$\\(touch\\ pwned\\)\\`touch\\ pwned\\`'
	runs tab crm toy --lim
	gives 0 $'compopt -o nospace\n--limit='
	echo '<tag:v>' | same - asked
}

@test "zsh and fish take the files that are made for them" {
	completions_of crm crm-toy
	needs zsh fish
	for f in completions/zsh/*; do
		runs zsh -n "$f"
		gives 0
	done
	for f in completions/fish/*; do
		runs fish --no-execute "$f"
		gives 0
	done
}

@test "install, then uninstall: nothing of ours stays" {
	mkdir -p from/examples
	echo a >from/prog
	echo b >from/examples/load
	chmod +x from/examples/load
	for verb in install uninstall; do
		"$CRM_TOP/tools/install.sh" $verb "$PWD/dest" from/prog:/usr/bin/prog -- \
			from/examples/load:/usr/share/doc/crm-utils/examples/load
		(cd dest && find . ! -type d -perm -100) | sort >$verb
	done
	same - install <<'EOT'
./usr/bin/prog
./usr/share/doc/crm-utils/examples/load
EOT
	runs cat uninstall
	gives 0
	[ ! -e dest/usr/share/doc/crm-utils ]
}

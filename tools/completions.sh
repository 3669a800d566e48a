#!/bin/sh
# SPDX-License-Identifier: MIT
# completions.sh BIN FOLDER: FOLDER/{bash,zsh,fish} from the option tables of
# the programs in BIN, as they print them for --crm-options: verb, letter, long
# name, kind, argument, group, help, with tabs between. The parts that every
# file of a shell shares are tools/completion.SHELL.
set -eu

tools=$(cd "$(dirname "$0")" && pwd)
bin=$1
out=$2

programs=
for f in "$bin"/crm "$bin"/crm-*; do
	[ -x "$f" ] || continue
	case ${f##*/} in
	*[!a-z-]*) continue ;;
	esac
	programs="$programs ${f##*/}"
done
[ -n "$programs" ] || {
	echo "completions: there are no programs in $bin"
	exit 0
}

tables=$(mktemp -d)
trap 'rm -rf "$tables"' EXIT
for p in $programs; do
	# A sixth column before the rest: what the argument is.
	"$bin/$p" --crm-options </dev/null | awk '
	BEGIN { FS = OFS = "\t" }
	$2 == "" && $3 == "" { next }
	{
		arg = $5
		if ($4 == "bool" || $4 == "count" || arg == "")
			type = ""
		else if (arg ~ /^[a-z0-9.-]+(\|[a-z0-9.-]+)+$/)
			type = arg
		else if ($4 == "file" || arg ~ /^(FILE|PATH|DIR)/)
			type = "/"
		else if ($4 == "int" || $4 == "size" || $4 == "span")
			type = "#"
		else
			type = "="
		# The words of a letter and a name are bytes of our own tables,
		# and yet they end in scripts.
		if ($2 !~ /^[A-Za-z0-9]?$/ || $3 !~ /^[a-z0-9-]*$/ || $1 !~ /^[a-z-]*$/) {
			printf "completions: %s: bad row\n", $0 >"/dev/stderr"
			exit 1
		}
		print $1, $2, $3, type, $4, arg, $7
	}' >"$tables/$p"
done

rm -rf "$out/bash" "$out/zsh" "$out/fish"
mkdir -p "$out/bash" "$out/zsh" "$out/fish"

# bash_table PROGRAM: a shell function that prints its rows.
bash_table() {
	printf "_crm_table_%s() {\n\tcat <<'END'\n" "$(echo "$1" | tr - _)"
	awk 'BEGIN { FS = "\t" } {
		printf "%s|%s|%s|%s\n", $1, $2 == "" ? "" : "-" $2, \
		    $3 == "" ? "" : "--" $3, $4
	}' "$tables/$1"
	printf 'END\n}\n\n'
}

made="Made by \`make completions\`; changes here are lost."
for p in $programs; do
	{
		printf '# bash completion for %s(1). %s\n' "$p" "$made"
		printf '# SPDX-License-Identifier: MIT\n# shellcheck shell=bash\n\n'
		cat "$tools/completion.bash"
		echo
		f=_$(echo "$p" | tr - _)
		if [ "$p" = crm ]; then
			for q in $programs; do
				bash_table "$q"
			done
			cat <<'END'
_crm() {
	local name=${COMP_WORDS[1]-}
	if ((COMP_CWORD > 1)) && [[ $name =~ ^[a-z]+$ ]] &&
		declare -F "_crm_table_crm_$name" >/dev/null; then
		_crm_complete "crm-$name" "$("_crm_table_crm_$name")" 1
	else
		_crm_complete crm "$(_crm_table_crm)"
	fi
}

complete -F _crm crm
END
		else
			bash_table "$p"
			cat <<END
$f() {
	_crm_complete $p "\$(_crm_table$f)"
}

complete -F $f $p
END
		fi
	} >"$out/bash/$p"

	{
		printf '#compdef %s\n' "$p"
		printf '# zsh completion for %s(1). %s\n' "$p" "$made"
		printf '# SPDX-License-Identifier: MIT\n\n'
		cat "$tools/completion.zsh"
		printf '\n_%s() {\n' "$p"
		if [ "$p" = crm ]; then
			cat <<'END'
	if (( CURRENT > 2 )) && [[ $words[2] == [a-z]## ]]; then
		# crm find ... is crm-find ...
		words[2]=crm-$words[2]
		shift words
		(( CURRENT-- ))
		_normal
		return
	fi
END
		fi
		awk -v program="$p" '
		# For _arguments, inside single quotes.
		function spec(s) {
			gsub(/\\/, "\\\\", s)
			gsub(/\[/, "\\[", s)
			gsub(/\]/, "\\]", s)
			gsub(/:/, "\\:", s)
			return quoted(s)
		}
		function quoted(s) {
			gsub(/\047/, "\047\\\047\047", s)
			return s
		}
		BEGIN {
			FS = "\t"
			print "\t_arguments -s -S \\"
		}
		{
			help = spec($7)
			what = spec($6)
			if ($4 == "")
				tail = "[" help "]"
			else if ($4 == "/")
				tail = "[" help "]:" what ":_files"
			else if ($4 == "#")
				tail = "[" help "]:" what ": "
			else if ($4 == "=")
				tail = "[" help "]:" what ":_crm_live " program
			else {
				values = $4
				gsub(/\|/, " ", values)
				tail = "[" help "]:value:(" values ")"
			}
			short = $2 == "" ? "" : "-" $2
			long = $3 == "" ? "" : "--" $3
			many = $5 == "list" || $5 == "count"
			if ($4 == "") {
				short_spec = short
				long_spec = long
			} else {
				short_spec = short "+"
				long_spec = long "="
			}
			lead = many ? "*" : (short != "" && long != "" ? "(" short " " long ")" : "")
			if (short != "" && long != "")
				printf "\t\t\047%s\047{%s,%s}\047%s\047 \\\n", lead, short_spec, long_spec, tail
			else
				printf "\t\t\047%s%s%s\047 \\\n", lead, \
				    (short != "" ? short_spec : long_spec), tail
		}
		END {
			printf "\t\t\047*: :_crm_live %s\047\n", program
		}' "$tables/$p"
		# shellcheck disable=SC2016 # zsh expands them
		printf '}\n\n_%s "$@"\n' "$p"
	} >"$out/zsh/_$p"

	{
		printf '# fish completion for %s(1). %s\n' "$p" "$made"
		printf '# SPDX-License-Identifier: MIT\n\n'
		cat "$tools/completion.fish"
		printf '\ncomplete -c %s -f\n' "$p"
		own=
		if [ "$p" = crm ]; then
			# After `crm NAME` the rest is crm-NAME's.
			own="-n 'test (count (commandline -opc)) -lt 2' "
			cat <<'END'
complete -c crm -n 'test (count (commandline -opc)) -ge 2' \
    -a '(complete -C (commandline -pc | string replace -r "^\s*crm\s+" "crm-"))'
END
		fi
		printf "complete -c %s %s-k -a '(__crm_live %s)'\n" "$p" "$own" "$p"
		awk -v program="$p" -v own="$own" '
		function quoted(s) {
			gsub(/\\/, "\\\\", s)
			gsub(/\047/, "\\\047", s)
			return "\047" s "\047"
		}
		BEGIN { FS = "\t" }
		{
			line = "complete -c " program " " own
			if ($1 != "")
				line = line "-n \047__fish_seen_subcommand_from " $1 "\047 "
			if ($2 != "")
				line = line "-s " $2 " "
			if ($3 != "")
				line = line "-l " $3 " "
			if ($4 == "/")
				line = line "-r -F "
			else if ($4 == "=")
				line = line "-x -k -a \047(__crm_live " program ")\047 "
			else if ($4 == "#")
				line = line "-x "
			else if ($4 != "") {
				values = $4
				gsub(/\|/, " ", values)
				line = line "-x -a \047" values "\047 "
			}
			print line "-d " quoted($7)
		}' "$tables/$p"
	} >"$out/fish/$p.fish"
done

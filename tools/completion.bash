# Live values come from the program itself: PROGRAM --crm-complete -- WORD ...
# prints whole words, each with a tab and a gloss. They are data: nothing here
# evaluates them, and each is quoted before it reaches the line.

# _crm_unquote TEXT: what the shell would make of TEXT, variables and
# substitutions left alone, into `plain`.
_crm_unquote() {
	local text=$1 c quote='' i
	plain=
	for ((i = 0; i < ${#text}; i++)); do
		c=${text:i:1}
		case $quote$c in
		"'" | '"') quote=$c ;;
		"''" | '""') quote= ;;
		\\ | \"\\)
			i=$((i + 1))
			plain+=${text:i:1}
			;;
		*) plain+=$c ;;
		esac
	done
}

# _crm_join: the words up to the cursor, unquoted, into `words`. bash has cut
# them at the characters of COMP_WORDBREAKS, of which : = and @ are parts of
# our words. What of the last word stands before the piece that readline will
# replace goes into `before`, an open quote of that piece into `quote`.
_crm_join() {
	local line=${COMP_LINE:0:COMP_POINT} blank piece last='' plain i n=-1
	words=()
	before=
	quote=
	for ((i = 0; i <= COMP_CWORD; i++)); do
		blank=${line%%[![:space:]]*}
		line=${line#"$blank"}
		piece=${COMP_WORDS[i]}
		((i < COMP_CWORD)) || piece=$line
		line=${line#"$piece"}
		_crm_unquote "$piece"
		if [[ -z $blank && $n -ge 0 &&
			($piece =~ ^[:=@]+$ || $last =~ ^[:=@]+$) ]]; then
			before=${words[n]}
			words[n]+=$plain
		else
			before=
			n=$((n + 1))
			words[n]=$plain
		fi
		last=$piece
	done
	if [[ $last =~ ^[:=@]+$ ]]; then
		before=${words[n]}
	elif [[ $last == [\"\']* ]]; then
		quote=${last:0:1}
	fi
}

# _crm_type OPTION: the last column of the table's row for -l or --limit, into
# `type`: empty where it takes no argument, = the program knows, # a number,
# / a file, else the values with | between. 1 where there is no such option.
_crm_type() {
	local row_verb short long
	while IFS='|' read -r row_verb short long type; do
		if [[ $1 == "$short" || $1 == "$long" ]] &&
			[[ -z $row_verb || $row_verb == "$verb" ]]; then
			return 0
		fi
	done <<<"$table"
	type=
	return 1
}

# _crm_reply WORD: a whole word into COMPREPLY, as far as readline wants it.
_crm_reply() {
	local word=$1
	[[ $word == "$before"* ]] || return 0
	word=${word:${#before}}
	[[ $word != *[[:cntrl:]]* ]] || return 0
	[[ $word != *[:=] ]] || compopt -o nospace 2>/dev/null
	case $quote in
	"'") word=${word//\'/\'\\\'\'} ;;
	'"')
		word=${word//\\/\\\\}
		word=${word//\"/\\\"}
		word=${word//\$/\\\$}
		word=${word//\`/\\\`}
		;;
	*) printf -v word %q "$word" ;;
	esac
	COMPREPLY+=("$word")
}

# _crm_live LEAD WORD ...: the program's answers to WORD ..., each after LEAD.
_crm_live() {
	local lead=$1 answer
	shift
	while IFS= read -r answer; do
		_crm_reply "$lead${answer%%$'\t'*}"
	done < <(command "$program" --crm-complete -- "$@" 2>/dev/null </dev/null)
}

# _crm_argument LEAD TEXT WORD ...: the argument TEXT of the option whose type
# is in `type`; the words before it follow.
_crm_argument() {
	local lead=$1 text=$2 value
	local -a values
	shift 2
	case $type in
	'#') ;;
	=) _crm_live "$lead" "$@" "$text" ;;
	/)
		compopt -o filenames 2>/dev/null
		while IFS= read -r value; do
			value=$lead$value
			[[ $value != "$before"* ]] ||
				COMPREPLY+=("${value:${#before}}")
		done < <(compgen -f -- "$text")
		;;
	*)
		IFS='|' read -ra values <<<"$type"
		for value in "${values[@]}"; do
			[[ $value != "$text"* ]] || _crm_reply "$lead$value"
		done
		;;
	esac
}

# _crm_complete PROGRAM TABLE [SKIP]: fills COMPREPLY. The rows of TABLE are
# verb|-l|--limit|type. The first SKIP words are not PROGRAM's (crm find ...).
_crm_complete() {
	local program=$1 table=$2 skip=${3:-0}
	local verb='' waits='' ended='' before quote type word cur i n
	local row_verb short long
	local -a words
	COMPREPLY=()
	_crm_join
	words=("${words[@]:skip}")
	n=$((${#words[@]} - 1))
	((n > 0)) || return 0
	cur=${words[n]}
	for ((i = 1; i < n; i++)); do
		word=${words[i]}
		if [[ -n $waits ]]; then
			waits=
		elif [[ -n $ended || $word != -?* ]]; then
			verb=${verb:-$word}
		elif [[ $word == -- ]]; then
			ended=1
		elif [[ $word == --* ]]; then
			_crm_type "$word"
			[[ -z $type ]] || waits=$word
		else
			# Letters of one word: the first that takes an argument has
			# the rest of the word, or else the next word.
			word=${word:1}
			while [[ -n $word ]]; do
				_crm_type "-${word:0:1}"
				if [[ -n $type ]]; then
					[[ ${#word} -gt 1 ]] || waits=-$word
					break
				fi
				word=${word:1}
			done
		fi
	done
	if [[ -n $waits ]]; then
		_crm_type "$waits"
		_crm_argument '' "$cur" "${words[@]:1:n-1}"
	elif [[ -z $ended && $cur == --*=* ]]; then
		_crm_type "${cur%%=*}" && [[ -n $type ]] &&
			_crm_argument "${cur%%=*}=" "${cur#*=}" \
				"${words[@]:1:n-1}" "${cur%%=*}"
	elif [[ -z $ended && $cur == -?* || $cur == - ]]; then
		while IFS='|' read -r row_verb short long type; do
			[[ -z $row_verb || $row_verb == "$verb" ]] || continue
			word=${long:-$short}
			[[ -z $type || -z $long ]] || word="$word="
			[[ $word != "$cur"* ]] || _crm_reply "$word"
		done <<<"$table"
	else
		_crm_live '' "${words[@]:1}"
	fi
	return 0
}

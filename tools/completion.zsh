# Live values come from the program itself: PROGRAM --crm-complete -- WORD ...
# prints whole words, each with a tab and a gloss. They are data: compadd
# quotes them, nothing evaluates them.

# _crm_live [COMPADD OPTION ...] PROGRAM: its answers for the word at the
# cursor. _arguments puts the options there.
_crm_live() {
	local program=$@[-1] word gloss
	local -a asked whole whole_shown open open_shown
	asked=("${(@Q)words[2,CURRENT-1]}")
	# --sort=REV and -sREV are asked as two words.
	if [[ $IPREFIX == --*= ]]; then
		asked+=("${IPREFIX%=}")
	elif [[ $IPREFIX == -? ]]; then
		asked+=("$IPREFIX")
	fi
	while IFS=$'\t' read -r word gloss; do
		if [[ $word == *[:=] ]]; then
			open+=("$word")
			open_shown+=("$word${gloss:+ -- $gloss}")
		else
			whole+=("$word")
			whole_shown+=("$word${gloss:+ -- $gloss}")
		fi
	done < <(command $program --crm-complete -- "${asked[@]}" "${(Q)PREFIX}" \
		2>/dev/null </dev/null)
	# -U: the program has matched, by folded name for one; it would also drop
	# what stands before the argument in --sort=REV, hence -P.
	(( $#open )) && compadd "${@[1,-2]}" -U -P "$IPREFIX" -l -S '' -d open_shown -a -- open
	(( $#whole )) && compadd "${@[1,-2]}" -U -P "$IPREFIX" -l -d whole_shown -a -- whole
	(( $#open + $#whole ))
}

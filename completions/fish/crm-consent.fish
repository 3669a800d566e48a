# fish completion for crm-consent(1). Made by `make completions`; changes here are lost.
# SPDX-License-Identifier: MIT

# Live values come from the program itself: PROGRAM --crm-complete -- WORD ...
# prints whole words, each with a tab and a gloss, as fish wants them.
function __crm_live --argument-names program
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -e words[1]
    # crm find ... asks crm-find.
    if test "$program" = crm; and set -q words[1]
        set program crm-$words[1]
        set -e words[1]
    end
    # The word at the cursor comes as typed, perhaps with an open quote.
    set current (string replace -ra -- '[\'"\\\\]' '' $current)
    # --sort=REV is asked as two words.
    if string match -qr -- '^--[a-z-]+=' $current
        set -a words (string replace -r -- '=.*' '' $current)
        set current (string replace -r -- '^[^=]*=' '' $current)
    end
    command $program --crm-complete -- $words $current 2>/dev/null </dev/null
end

complete -c crm-consent -f
complete -c crm-consent -k -a '(__crm_live crm-consent)'
complete -c crm-consent -l purpose -x -k -a '(__crm_live crm-consent)' -d 'what for (marketing)'
complete -c crm-consent -l cap -x -k -a '(__crm_live crm-consent)' -d 'not above so many touches either: 2/7d, 1/24h:call'
complete -c crm-consent -l quiet-hours -x -k -a '(__crm_live crm-consent)' -d 'not at these hours of theirs either: 21-9'
complete -c crm-consent -l blocked -r -F -d 'lines of the others, each with its reason'
complete -c crm-consent -l state -d 'of show: what holds, by purpose and channel'
complete -c crm-consent -l token -x -k -a '(__crm_live crm-consent)' -d 'of withdraw: the token of a link in a mail'
complete -c crm-consent -s n -l dry-run -d 'say what would change, change nothing'
complete -c crm-consent -l keep-going -d 'leave refused lines out, go on with the others'
complete -c crm-consent -l reject -r -F -d 'write the refused records to FILE'
complete -c crm-consent -l follow -d 'endless input: commit whenever it pauses'
complete -c crm-consent -s y -l yes -d 'of unsuppress: do not ask'
complete -c crm-consent -s i -l input -x -k -a '(__crm_live crm-consent)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-consent -s z -l null-input -d 'input records end in NUL'
complete -c crm-consent -l strict -d 'refuse what is tolerated'
complete -c crm-consent -l max-line -x -d 'longest line (1m)'
complete -c crm-consent -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-consent -l last-wins -d 'of a field given twice the last counts'
complete -c crm-consent -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-consent -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-consent -s o -l output -x -k -a '(__crm_live crm-consent)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-consent -s 0 -l null -d 'records end in NUL'
complete -c crm-consent -s F -l fields -x -k -a '(__crm_live crm-consent)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-consent -s s -l sort -x -k -a '(__crm_live crm-consent)' -d 'sort by these fields; -KEY descends'
complete -c crm-consent -s l -l limit -x -d 'at most N records'
complete -c crm-consent -l no-header -d 'table, csv, tsv without header'
complete -c crm-consent -l wide -d 'table uncut, with every column'
complete -c crm-consent -l line-buffered -d 'flush after each record'
complete -c crm-consent -l stored -d 'without derived fields'
complete -c crm-consent -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-consent -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-consent -l bom -d 'csv: begin with a byte order mark'
complete -c crm-consent -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-consent -l delim -x -k -a '(__crm_live crm-consent)' -d 'csv: the separator, in and out'
complete -c crm-consent -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-consent -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-consent -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-consent -s h -l help -d 'this help; -h is the short one'
complete -c crm-consent -s V -l version -d 'the version'
complete -c crm-consent -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-consent -l debug -d 'codes of the engine after a message'
complete -c crm-consent -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-consent -l lock-timeout -x -d 'how long to wait for another writer (5s)'

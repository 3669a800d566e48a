# fish completion for crm-segment(1). Made by `make completions`; changes here are lost.
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

complete -c crm-segment -f
complete -c crm-segment -k -a '(__crm_live crm-segment)'
complete -c crm-segment -s e -l expr -x -k -a '(__crm_live crm-segment)' -d 'of save: a whole query as one argument'
complete -c crm-segment -l arms -x -k -a '(__crm_live crm-segment)' -d 'of split: variants and shares, A=45,B=45,hold=10'
complete -c crm-segment -l seed -x -k -a '(__crm_live crm-segment)' -d 'of split and sample: another name, other people'
complete -c crm-segment -l gate -x -k -a '(__crm_live crm-segment)' -d 'say who would be held back there now, and why'
complete -c crm-segment -l as-of -x -k -a '(__crm_live crm-segment)' -d 'the store as it stood then'
complete -c crm-segment -s n -l dry-run -d 'say what would change, change nothing'
complete -c crm-segment -s i -l input -x -k -a '(__crm_live crm-segment)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-segment -s z -l null-input -d 'input records end in NUL'
complete -c crm-segment -l strict -d 'refuse what is tolerated'
complete -c crm-segment -l max-line -x -d 'longest line (1m)'
complete -c crm-segment -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-segment -l last-wins -d 'of a field given twice the last counts'
complete -c crm-segment -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-segment -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-segment -s o -l output -x -k -a '(__crm_live crm-segment)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-segment -s 0 -l null -d 'records end in NUL'
complete -c crm-segment -s F -l fields -x -k -a '(__crm_live crm-segment)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-segment -s s -l sort -x -k -a '(__crm_live crm-segment)' -d 'sort by these fields; -KEY descends'
complete -c crm-segment -s l -l limit -x -d 'at most N records'
complete -c crm-segment -l no-header -d 'table, csv, tsv without header'
complete -c crm-segment -l wide -d 'table uncut, with every column'
complete -c crm-segment -l line-buffered -d 'flush after each record'
complete -c crm-segment -l stored -d 'without derived fields'
complete -c crm-segment -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-segment -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-segment -l bom -d 'csv: begin with a byte order mark'
complete -c crm-segment -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-segment -l delim -x -k -a '(__crm_live crm-segment)' -d 'csv: the separator, in and out'
complete -c crm-segment -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-segment -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-segment -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-segment -s h -l help -d 'this help; -h is the short one'
complete -c crm-segment -s V -l version -d 'the version'
complete -c crm-segment -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-segment -l debug -d 'codes of the engine after a message'
complete -c crm-segment -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-segment -l lock-timeout -x -d 'how long to wait for another writer (5s)'

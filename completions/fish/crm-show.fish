# fish completion for crm-show(1). Made by `make completions`; changes here are lost.
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

complete -c crm-show -f
complete -c crm-show -k -a '(__crm_live crm-show)'
complete -c crm-show -l timeline -d 'the timeline alone'
complete -c crm-show -l since -x -k -a '(__crm_live crm-show)' -d 'nothing of the timeline before this date'
complete -c crm-show -l history -d 'the changes of it alone, the oldest first'
complete -c crm-show -l as-of -x -k -a '(__crm_live crm-show)' -d 'the store as it stood then'
complete -c crm-show -s o -l output -x -k -a '(__crm_live crm-show)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-show -s 0 -l null -d 'records end in NUL'
complete -c crm-show -s F -l fields -x -k -a '(__crm_live crm-show)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-show -s s -l sort -x -k -a '(__crm_live crm-show)' -d 'sort by these fields; -KEY descends'
complete -c crm-show -s l -l limit -x -d 'at most N records'
complete -c crm-show -l no-header -d 'table, csv, tsv without header'
complete -c crm-show -l wide -d 'table uncut, with every column'
complete -c crm-show -l line-buffered -d 'flush after each record'
complete -c crm-show -l stored -d 'without derived fields'
complete -c crm-show -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-show -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-show -l bom -d 'csv: begin with a byte order mark'
complete -c crm-show -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-show -l delim -x -k -a '(__crm_live crm-show)' -d 'csv: the separator, in and out'
complete -c crm-show -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-show -s i -l input -x -k -a '(__crm_live crm-show)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-show -s z -l null-input -d 'input records end in NUL'
complete -c crm-show -l strict -d 'refuse what is tolerated'
complete -c crm-show -l max-line -x -d 'longest line (1m)'
complete -c crm-show -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-show -l last-wins -d 'of a field given twice the last counts'
complete -c crm-show -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-show -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-show -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-show -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-show -s h -l help -d 'this help; -h is the short one'
complete -c crm-show -s V -l version -d 'the version'
complete -c crm-show -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-show -l debug -d 'codes of the engine after a message'
complete -c crm-show -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-show -l lock-timeout -x -d 'how long to wait for another writer (5s)'

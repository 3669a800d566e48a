# fish completion for crm-export(1). Made by `make completions`; changes here are lost.
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

complete -c crm-export -f
complete -c crm-export -k -a '(__crm_live crm-export)'
complete -c crm-export -l preset -x -a 'google google-legacy outlook' -d 'csv: under the header of that address book'
complete -c crm-export -l raw -d 'csv: exact, also where a spreadsheet sees a formula'
complete -c crm-export -l dir -r -F -d 'vcard, ical: a file for each record in this folder'
complete -c crm-export -l receivable -x -k -a '(__crm_live crm-export)' -d 'journals: what customers owe (assets:receivable)'
complete -c crm-export -l income -x -k -a '(__crm_live crm-export)' -d 'journals: what was sold (income:sales)'
complete -c crm-export -l declare -d 'journals: directives for accounts and currencies'
complete -c crm-export -l person -x -k -a '(__crm_live crm-export)' -d 'all that is held about one person: -o text json ltsv'
complete -c crm-export -l keep-going -d 'skip lines that cannot be read or written'
complete -c crm-export -s o -l output -x -k -a '(__crm_live crm-export)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-export -s 0 -l null -d 'records end in NUL'
complete -c crm-export -s F -l fields -x -k -a '(__crm_live crm-export)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-export -s s -l sort -x -k -a '(__crm_live crm-export)' -d 'sort by these fields; -KEY descends'
complete -c crm-export -s l -l limit -x -d 'at most N records'
complete -c crm-export -l no-header -d 'table, csv, tsv without header'
complete -c crm-export -l wide -d 'table uncut, with every column'
complete -c crm-export -l line-buffered -d 'flush after each record'
complete -c crm-export -l stored -d 'without derived fields'
complete -c crm-export -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-export -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-export -l bom -d 'csv: begin with a byte order mark'
complete -c crm-export -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-export -l delim -x -k -a '(__crm_live crm-export)' -d 'csv: the separator, in and out'
complete -c crm-export -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-export -s i -l input -x -k -a '(__crm_live crm-export)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-export -s z -l null-input -d 'input records end in NUL'
complete -c crm-export -l strict -d 'refuse what is tolerated'
complete -c crm-export -l max-line -x -d 'longest line (1m)'
complete -c crm-export -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-export -l last-wins -d 'of a field given twice the last counts'
complete -c crm-export -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-export -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-export -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-export -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-export -s h -l help -d 'this help; -h is the short one'
complete -c crm-export -s V -l version -d 'the version'
complete -c crm-export -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-export -l debug -d 'codes of the engine after a message'
complete -c crm-export -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-export -l lock-timeout -x -d 'how long to wait for another writer (5s)'

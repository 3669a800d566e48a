# fish completion for crm-rm(1). Made by `make completions`; changes here are lost.
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

complete -c crm-rm -f
complete -c crm-rm -k -a '(__crm_live crm-rm)'
complete -c crm-rm -l cascade -d 'take its timeline records along'
complete -c crm-rm -l detach -d 'clear the links of what refers to it'
complete -c crm-rm -s n -l dry-run -d 'say what would change, change nothing'
complete -c crm-rm -l force -d 'remove what was changed after it was read, too'
complete -c crm-rm -l keep-going -d 'remove the good records, leave the refused ones'
complete -c crm-rm -l reject -r -F -d 'write the refused records to FILE'
complete -c crm-rm -l erase -d 'erase a person for good, log and all'
complete -c crm-rm -l texts -d 'clear the texts of what stays without the person'
complete -c crm-rm -l no-compact -d 'leave the bytes in the file to crm-db compact'
complete -c crm-rm -s y -l yes -d 'assent to what cannot be undone'
complete -c crm-rm -s i -l input -x -k -a '(__crm_live crm-rm)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-rm -s z -l null-input -d 'input records end in NUL'
complete -c crm-rm -l strict -d 'refuse what is tolerated'
complete -c crm-rm -l max-line -x -d 'longest line (1m)'
complete -c crm-rm -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-rm -l last-wins -d 'of a field given twice the last counts'
complete -c crm-rm -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-rm -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-rm -s o -l output -x -k -a '(__crm_live crm-rm)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-rm -s 0 -l null -d 'records end in NUL'
complete -c crm-rm -s F -l fields -x -k -a '(__crm_live crm-rm)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-rm -s s -l sort -x -k -a '(__crm_live crm-rm)' -d 'sort by these fields; -KEY descends'
complete -c crm-rm -s l -l limit -x -d 'at most N records'
complete -c crm-rm -l no-header -d 'table, csv, tsv without header'
complete -c crm-rm -l wide -d 'table uncut, with every column'
complete -c crm-rm -l line-buffered -d 'flush after each record'
complete -c crm-rm -l stored -d 'without derived fields'
complete -c crm-rm -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-rm -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-rm -l bom -d 'csv: begin with a byte order mark'
complete -c crm-rm -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-rm -l delim -x -k -a '(__crm_live crm-rm)' -d 'csv: the separator, in and out'
complete -c crm-rm -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-rm -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-rm -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-rm -s h -l help -d 'this help; -h is the short one'
complete -c crm-rm -s V -l version -d 'the version'
complete -c crm-rm -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-rm -l debug -d 'codes of the engine after a message'
complete -c crm-rm -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-rm -l lock-timeout -x -d 'how long to wait for another writer (5s)'

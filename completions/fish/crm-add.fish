# fish completion for crm-add(1). Made by `make completions`; changes here are lost.
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

complete -c crm-add -f
complete -c crm-add -k -a '(__crm_live crm-add)'
complete -c crm-add -l key -x -k -a '(__crm_live crm-add)' -d 'change the record that has the value of the first of these fields that finds one'
complete -c crm-add -l if-absent -d 'with --key: leave what is found as it is'
complete -c crm-add -s n -l dry-run -d 'say what would change, change nothing'
complete -c crm-add -l keep-going -d 'store the good records, leave the refused ones'
complete -c crm-add -l reject -r -F -d 'write the refused records to FILE'
complete -c crm-add -l follow -d 'endless input: commit whenever it pauses'
complete -c crm-add -l no-create -d 'company: makes no companies'
complete -c crm-add -s i -l input -x -k -a '(__crm_live crm-add)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-add -s z -l null-input -d 'input records end in NUL'
complete -c crm-add -l strict -d 'refuse what is tolerated'
complete -c crm-add -l max-line -x -d 'longest line (1m)'
complete -c crm-add -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-add -l last-wins -d 'of a field given twice the last counts'
complete -c crm-add -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-add -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-add -s o -l output -x -k -a '(__crm_live crm-add)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-add -s 0 -l null -d 'records end in NUL'
complete -c crm-add -s F -l fields -x -k -a '(__crm_live crm-add)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-add -s s -l sort -x -k -a '(__crm_live crm-add)' -d 'sort by these fields; -KEY descends'
complete -c crm-add -s l -l limit -x -d 'at most N records'
complete -c crm-add -l no-header -d 'table, csv, tsv without header'
complete -c crm-add -l wide -d 'table uncut, with every column'
complete -c crm-add -l line-buffered -d 'flush after each record'
complete -c crm-add -l stored -d 'without derived fields'
complete -c crm-add -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-add -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-add -l bom -d 'csv: begin with a byte order mark'
complete -c crm-add -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-add -l delim -x -k -a '(__crm_live crm-add)' -d 'csv: the separator, in and out'
complete -c crm-add -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-add -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-add -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-add -s h -l help -d 'this help; -h is the short one'
complete -c crm-add -s V -l version -d 'the version'
complete -c crm-add -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-add -l debug -d 'codes of the engine after a message'
complete -c crm-add -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-add -l lock-timeout -x -d 'how long to wait for another writer (5s)'

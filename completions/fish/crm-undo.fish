# fish completion for crm-undo(1). Made by `make completions`; changes here are lost.
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

complete -c crm-undo -f
complete -c crm-undo -k -a '(__crm_live crm-undo)'
complete -c crm-undo -l redo -d 'do again what was undone last'
complete -c crm-undo -l list -d 'print the operations, the newest first'
complete -c crm-undo -s n -l dry-run -d 'say what would change, change nothing'
complete -c crm-undo -l partial -d 'leave out what was changed since'
complete -c crm-undo -l force -d 'overwrite what was changed since'
complete -c crm-undo -s o -l output -x -k -a '(__crm_live crm-undo)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-undo -s 0 -l null -d 'records end in NUL'
complete -c crm-undo -s F -l fields -x -k -a '(__crm_live crm-undo)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-undo -s s -l sort -x -k -a '(__crm_live crm-undo)' -d 'sort by these fields; -KEY descends'
complete -c crm-undo -s l -l limit -x -d 'at most N records'
complete -c crm-undo -l no-header -d 'table, csv, tsv without header'
complete -c crm-undo -l wide -d 'table uncut, with every column'
complete -c crm-undo -l line-buffered -d 'flush after each record'
complete -c crm-undo -l stored -d 'without derived fields'
complete -c crm-undo -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-undo -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-undo -l bom -d 'csv: begin with a byte order mark'
complete -c crm-undo -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-undo -l delim -x -k -a '(__crm_live crm-undo)' -d 'csv: the separator, in and out'
complete -c crm-undo -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-undo -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-undo -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-undo -s h -l help -d 'this help; -h is the short one'
complete -c crm-undo -s V -l version -d 'the version'
complete -c crm-undo -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-undo -l debug -d 'codes of the engine after a message'
complete -c crm-undo -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-undo -l lock-timeout -x -d 'how long to wait for another writer (5s)'

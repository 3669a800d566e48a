# fish completion for crm-edit(1). Made by `make completions`; changes here are lost.
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

complete -c crm-edit -f
complete -c crm-edit -k -a '(__crm_live crm-edit)'
complete -c crm-edit -l where -x -k -a '(__crm_live crm-edit)' -d 'the records that match, instead of handles or lines'
complete -c crm-edit -l replace -d 'what is given is the whole record, the rest goes'
complete -c crm-edit -l editor -d 'change the records as a text in $VISUAL or $EDITOR'
complete -c crm-edit -l force -d 'overwrite what was changed after it was read'
complete -c crm-edit -s n -l dry-run -d 'say what would change, change nothing'
complete -c crm-edit -l keep-going -d 'store the good records, leave the refused ones'
complete -c crm-edit -l reject -r -F -d 'write the refused records to FILE'
complete -c crm-edit -l follow -d 'endless input: commit whenever it pauses'
complete -c crm-edit -l no-create -d 'company: makes no companies'
complete -c crm-edit -s i -l input -x -k -a '(__crm_live crm-edit)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-edit -s z -l null-input -d 'input records end in NUL'
complete -c crm-edit -l strict -d 'refuse what is tolerated'
complete -c crm-edit -l max-line -x -d 'longest line (1m)'
complete -c crm-edit -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-edit -l last-wins -d 'of a field given twice the last counts'
complete -c crm-edit -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-edit -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-edit -s o -l output -x -k -a '(__crm_live crm-edit)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-edit -s 0 -l null -d 'records end in NUL'
complete -c crm-edit -s F -l fields -x -k -a '(__crm_live crm-edit)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-edit -s s -l sort -x -k -a '(__crm_live crm-edit)' -d 'sort by these fields; -KEY descends'
complete -c crm-edit -s l -l limit -x -d 'at most N records'
complete -c crm-edit -l no-header -d 'table, csv, tsv without header'
complete -c crm-edit -l wide -d 'table uncut, with every column'
complete -c crm-edit -l line-buffered -d 'flush after each record'
complete -c crm-edit -l stored -d 'without derived fields'
complete -c crm-edit -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-edit -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-edit -l bom -d 'csv: begin with a byte order mark'
complete -c crm-edit -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-edit -l delim -x -k -a '(__crm_live crm-edit)' -d 'csv: the separator, in and out'
complete -c crm-edit -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-edit -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-edit -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-edit -s h -l help -d 'this help; -h is the short one'
complete -c crm-edit -s V -l version -d 'the version'
complete -c crm-edit -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-edit -l debug -d 'codes of the engine after a message'
complete -c crm-edit -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-edit -l lock-timeout -x -d 'how long to wait for another writer (5s)'

# fish completion for crm-merge(1). Made by `make completions`; changes here are lost.
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

complete -c crm-merge -f
complete -c crm-merge -k -a '(__crm_live crm-merge)'
complete -c crm-merge -l prefer -x -a 'first newest fullest' -d 'whose value a field of one value gets'
complete -c crm-merge -l max -x -d 'at most N records become one (10)'
complete -c crm-merge -s n -l dry-run -d 'say what would change, change nothing'
complete -c crm-merge -l find -d 'print pairs that may be one, change nothing'
complete -c crm-merge -l by -x -k -a '(__crm_live crm-merge)' -d 'compare what is alike in email phone ext domain name'
complete -c crm-merge -l min -x -k -a '(__crm_live crm-merge)' -d 'pairs that score this or more (0.8)'
complete -c crm-merge -l kind -x -a 'contact company' -d 'what is compared (contact)'
complete -c crm-merge -l dots -d 'dots before the @ of an e-mail do not count'
complete -c crm-merge -s i -l input -x -k -a '(__crm_live crm-merge)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-merge -s z -l null-input -d 'input records end in NUL'
complete -c crm-merge -l strict -d 'refuse what is tolerated'
complete -c crm-merge -l max-line -x -d 'longest line (1m)'
complete -c crm-merge -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-merge -l last-wins -d 'of a field given twice the last counts'
complete -c crm-merge -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-merge -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-merge -s o -l output -x -k -a '(__crm_live crm-merge)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-merge -s 0 -l null -d 'records end in NUL'
complete -c crm-merge -s F -l fields -x -k -a '(__crm_live crm-merge)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-merge -s s -l sort -x -k -a '(__crm_live crm-merge)' -d 'sort by these fields; -KEY descends'
complete -c crm-merge -s l -l limit -x -d 'at most N records'
complete -c crm-merge -l no-header -d 'table, csv, tsv without header'
complete -c crm-merge -l wide -d 'table uncut, with every column'
complete -c crm-merge -l line-buffered -d 'flush after each record'
complete -c crm-merge -l stored -d 'without derived fields'
complete -c crm-merge -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-merge -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-merge -l bom -d 'csv: begin with a byte order mark'
complete -c crm-merge -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-merge -l delim -x -k -a '(__crm_live crm-merge)' -d 'csv: the separator, in and out'
complete -c crm-merge -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-merge -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-merge -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-merge -s h -l help -d 'this help; -h is the short one'
complete -c crm-merge -s V -l version -d 'the version'
complete -c crm-merge -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-merge -l debug -d 'codes of the engine after a message'
complete -c crm-merge -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-merge -l lock-timeout -x -d 'how long to wait for another writer (5s)'

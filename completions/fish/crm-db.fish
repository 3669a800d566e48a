# fish completion for crm-db(1). Made by `make completions`; changes here are lost.
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

complete -c crm-db -f
complete -c crm-db -k -a '(__crm_live crm-db)'
complete -c crm-db -l schema -r -F -d 'init: lay this file over the built-in schema'
complete -c crm-db -l group -x -k -a '(__crm_live crm-db)' -d 'init: let the members of this group use it too'
complete -c crm-db -l full -d 'check: every record, index and derived field'
complete -c crm-db -l repair -d 'check: make indexes, timelines, derived anew'
complete -c crm-db -l text -d 'backup: as lines, records and the change log'
complete -c crm-db -s y -l yes -d 'restore: over a store without asking'
complete -c crm-db -l keep-log -x -k -a '(__crm_live crm-db)' -d 'compact: cut older operations from the change log'
complete -c crm-db -l built-in -d 'schema: print the one that is compiled in'
complete -c crm-db -l apply -r -F -d 'schema: lay this file over the one in force'
complete -c crm-db -s n -l dry-run -d 'schema, upgrade: say what would change'
complete -c crm-db -s o -l output -x -k -a '(__crm_live crm-db)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-db -s 0 -l null -d 'records end in NUL'
complete -c crm-db -s F -l fields -x -k -a '(__crm_live crm-db)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-db -s s -l sort -x -k -a '(__crm_live crm-db)' -d 'sort by these fields; -KEY descends'
complete -c crm-db -s l -l limit -x -d 'at most N records'
complete -c crm-db -l no-header -d 'table, csv, tsv without header'
complete -c crm-db -l wide -d 'table uncut, with every column'
complete -c crm-db -l line-buffered -d 'flush after each record'
complete -c crm-db -l stored -d 'without derived fields'
complete -c crm-db -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-db -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-db -l bom -d 'csv: begin with a byte order mark'
complete -c crm-db -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-db -l delim -x -k -a '(__crm_live crm-db)' -d 'csv: the separator, in and out'
complete -c crm-db -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-db -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-db -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-db -s h -l help -d 'this help; -h is the short one'
complete -c crm-db -s V -l version -d 'the version'
complete -c crm-db -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-db -l debug -d 'codes of the engine after a message'
complete -c crm-db -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-db -l lock-timeout -x -d 'how long to wait for another writer (5s)'

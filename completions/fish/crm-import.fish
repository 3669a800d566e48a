# fish completion for crm-import(1). Made by `make completions`; changes here are lost.
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

complete -c crm-import -f
complete -c crm-import -k -a '(__crm_live crm-import)'
complete -c crm-import -l preset -x -k -a '(__crm_live crm-import)' -d 'the table is of this program: --list names them'
complete -c crm-import -l map -r -F -d 'the table is read as this map says; a NAME without / and . is one of your own'
complete -c crm-import -l map-init -r -F -d 'print a map for this table, to be edited'
complete -c crm-import -l list -d 'print the presets'
complete -c crm-import -l show -x -k -a '(__crm_live crm-import)' -d 'print a preset, which is a map'
complete -c crm-import -l key -x -k -a '(__crm_live crm-import)' -d 'change the record that has the value of the first of these fields that finds one'
complete -c crm-import -l fill -d 'set only what is empty'
complete -c crm-import -l replace -d 'of several values keep those of the file alone'
complete -c crm-import -l consent -x -k -a '(__crm_live crm-import)' -d 'store the grants of the file: the wording that the people saw'
complete -c crm-import -l no-create -d 'company: makes no companies'
complete -c crm-import -l dates -x -a 'dmy mdy ymd' -d 'the order of days, months and years'
complete -c crm-import -l decimal -x -a 'comma point' -d 'the decimal sign'
complete -c crm-import -l currency -x -k -a '(__crm_live crm-import)' -d 'of amounts that name none, or a sign of many'
complete -c crm-import -l tz -x -k -a '(__crm_live crm-import)' -d 'of times that name none'
complete -c crm-import -l encoding -x -k -a '(__crm_live crm-import)' -d 'of text that is not UTF-8: windows-1252 ...'
complete -c crm-import -l delim -x -k -a '(__crm_live crm-import)' -d 'the separator of cells'
complete -c crm-import -l keep-unknown -d 'store columns that nothing names, as x.NAME'
complete -c crm-import -s n -l dry-run -d 'say what would change, change nothing'
complete -c crm-import -l keep-going -d 'store the good records, leave the refused ones'
complete -c crm-import -l reject -r -F -d 'write the refused records to FILE'
complete -c crm-import -s i -l input -x -k -a '(__crm_live crm-import)' -d 'csv tsv json ltsv vcard ical yaml mbox; else told by content'
complete -c crm-import -l verify -x -k -a '(__crm_live crm-import)' -d 'hmac-sha256:base64:... or hmac-sha256:hex:... of the bytes'
complete -c crm-import -l secret-file -r -F -d 'the secret of --verify'
complete -c crm-import -s o -l output -x -k -a '(__crm_live crm-import)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-import -s 0 -l null -d 'records end in NUL'
complete -c crm-import -s F -l fields -x -k -a '(__crm_live crm-import)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-import -s s -l sort -x -k -a '(__crm_live crm-import)' -d 'sort by these fields; -KEY descends'
complete -c crm-import -s l -l limit -x -d 'at most N records'
complete -c crm-import -l no-header -d 'table, csv, tsv without header'
complete -c crm-import -l wide -d 'table uncut, with every column'
complete -c crm-import -l line-buffered -d 'flush after each record'
complete -c crm-import -l stored -d 'without derived fields'
complete -c crm-import -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-import -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-import -l bom -d 'csv: begin with a byte order mark'
complete -c crm-import -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-import -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-import -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-import -s h -l help -d 'this help; -h is the short one'
complete -c crm-import -s V -l version -d 'the version'
complete -c crm-import -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-import -l debug -d 'codes of the engine after a message'
complete -c crm-import -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-import -l lock-timeout -x -d 'how long to wait for another writer (5s)'

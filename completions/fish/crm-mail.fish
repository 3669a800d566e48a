# fish completion for crm-mail(1). Made by `make completions`; changes here are lost.
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

complete -c crm-mail -f
complete -c crm-mail -k -a '(__crm_live crm-mail)'
complete -c crm-mail -s t -l template -x -k -a '(__crm_live crm-mail)' -d 'a name in the folder of templates, or a file'
complete -c crm-mail -s c -l campaign -x -k -a '(__crm_live crm-mail)' -d 'the template\'s, or called as it, if not given'
complete -c crm-mail -l step -x -k -a '(__crm_live crm-mail)' -d 'a further mail of the same campaign'
complete -c crm-mail -l arm -x -k -a '(__crm_live crm-mail)' -d 'a variant, in place of -t'
complete -c crm-mail -l send -d 'send; without it nothing leaves'
complete -c crm-mail -l preview -x -d 'show the first N alone'
complete -c crm-mail -l mbox -r -F -d 'to a file, in place of standard output'
complete -c crm-mail -l maildir -r -F -d 'to a Maildir'
complete -c crm-mail -l test -x -k -a '(__crm_live crm-mail)' -d 'send the first to yourself'
complete -c crm-mail -l sendmail -x -k -a '(__crm_live crm-mail)' -d 'what sends a mail'
complete -c crm-mail -l rate -x -k -a '(__crm_live crm-mail)' -d 'no faster: 20/min'
complete -c crm-mail -l max -x -d 'no more than N in this run'
complete -c crm-mail -l not-after -x -k -a '(__crm_live crm-mail)' -d 'withhold what is not sent by then'
complete -c crm-mail -l jobs -x -d 'N at a time (1)'
complete -c crm-mail -l timeout -x -d 'how long one may take (60s)'
complete -c crm-mail -l fcc -r -F -d 'keep a copy of each there'
complete -c crm-mail -l attach-dir -r -F -d 'the folder of what the template attaches'
complete -c crm-mail -l arms -x -k -a '(__crm_live crm-mail)' -d 'shares of the variants, A=45,B=45,hold=10'
complete -c crm-mail -l allow-missing -d 'a field that a contact lacks is empty'
complete -c crm-mail -l failed -d 'of retry: those too that have failed'
complete -c crm-mail -l in-doubt -d 'of retry: those too that may have been sent'
complete -c crm-mail -s i -l input -x -k -a '(__crm_live crm-mail)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-mail -s z -l null-input -d 'input records end in NUL'
complete -c crm-mail -l strict -d 'refuse what is tolerated'
complete -c crm-mail -l max-line -x -d 'longest line (1m)'
complete -c crm-mail -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-mail -l last-wins -d 'of a field given twice the last counts'
complete -c crm-mail -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-mail -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-mail -s o -l output -x -k -a '(__crm_live crm-mail)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-mail -s 0 -l null -d 'records end in NUL'
complete -c crm-mail -s F -l fields -x -k -a '(__crm_live crm-mail)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-mail -s s -l sort -x -k -a '(__crm_live crm-mail)' -d 'sort by these fields; -KEY descends'
complete -c crm-mail -s l -l limit -x -d 'at most N records'
complete -c crm-mail -l no-header -d 'table, csv, tsv without header'
complete -c crm-mail -l wide -d 'table uncut, with every column'
complete -c crm-mail -l line-buffered -d 'flush after each record'
complete -c crm-mail -l stored -d 'without derived fields'
complete -c crm-mail -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-mail -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-mail -l bom -d 'csv: begin with a byte order mark'
complete -c crm-mail -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-mail -l delim -x -k -a '(__crm_live crm-mail)' -d 'csv: the separator, in and out'
complete -c crm-mail -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-mail -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-mail -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-mail -s h -l help -d 'this help; -h is the short one'
complete -c crm-mail -s V -l version -d 'the version'
complete -c crm-mail -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-mail -l debug -d 'codes of the engine after a message'
complete -c crm-mail -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-mail -l lock-timeout -x -d 'how long to wait for another writer (5s)'

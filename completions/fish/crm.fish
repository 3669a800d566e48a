# fish completion for crm(1). Made by `make completions`; changes here are lost.
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

complete -c crm -f
complete -c crm -n 'test (count (commandline -opc)) -ge 2' \
    -a '(complete -C (commandline -pc | string replace -r "^\s*crm\s+" "crm-"))'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -k -a '(__crm_live crm)'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -s h -l help -d 'this help; -h is the short one'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -s V -l version -d 'the version'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -l verbose -d 'notes even where stderr is no terminal'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -l debug -d 'codes of the engine after a message'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm -n 'test (count (commandline -opc)) -lt 2' -l lock-timeout -x -d 'how long to wait for another writer (5s)'

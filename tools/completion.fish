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

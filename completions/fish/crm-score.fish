# fish completion for crm-score(1). Made by `make completions`; changes here are lost.
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

complete -c crm-score -f
complete -c crm-score -k -a '(__crm_live crm-score)'
complete -c crm-score -l model -x -k -a '(__crm_live crm-score)' -d 'the model, as the first operand'
complete -c crm-score -l all -d 'every customer, by id'
complete -c crm-score -l orders -r -F -d 'a log of orders in place of the store'
complete -c crm-score -l until -x -k -a '(__crm_live crm-score)' -d 'nothing that happened later is seen'
complete -c crm-score -l as-of -x -k -a '(__crm_live crm-score)' -d 'the store as it stood then'
complete -c crm-score -l base -x -a 'store input' -d 'learn from all customers, or those of the input'
complete -c crm-score -l currency -x -k -a '(__crm_live crm-score)' -d 'keep the orders in this one'
complete -c crm-score -l save -d 'store the scores'
complete -c crm-score -s n -l dry-run -d 'say what --save would change, change nothing'
complete -c crm-score -l explain -d 'print formula, inputs and steps'
complete -c crm-score -l list -d 'name the models'
complete -c crm-score -l print -x -k -a '(__crm_live crm-score)' -d 'write a model as a file'
complete -c crm-score -l fit -r -F -d 'estimate, write the parameters, score nothing'
complete -c crm-score -l params -r -F -d 'score with these parameters'
complete -c crm-score -l require-fit -d 'refuse a fit at a boundary'
complete -c crm-score -l validate -x -k -a '(__crm_live crm-score)' -d 'fit before that span, compare with it'
complete -c crm-score -l bins -x -a '4 5 10' -d 'levels of an axis (5)'
complete -c crm-score -l count -x -a 'orders days' -d 'what frequency counts'
complete -c crm-score -l ties -x -a 'share rank' -d 'equal values share a level, or levels are of one size'
complete -c crm-score -l cuts -x -a 'own cran' -d 'cut points as this page, or as R\'s package rfm'
complete -c crm-score -l breaks -x -k -a '(__crm_live crm-score)' -d 'cut points of an axis: r:30,60,90'
complete -c crm-score -l nested -d 'F within R, M within both'
complete -c crm-score -l family -x -a 'mbg bg pareto' -d 'the model of purchases'
complete -c crm-score -l unit -x -a 'week day' -d 'what its time is counted in'
complete -c crm-score -l horizon -x -k -a '(__crm_live crm-score)' -d 'how far ahead (12mo)'
complete -c crm-score -l discount -x -k -a '(__crm_live crm-score)' -d 'a month (0.01)'
complete -c crm-score -l margin -x -k -a '(__crm_live crm-score)' -d 'of the money spent (1)'
complete -c crm-score -l returns -x -a 'net ignore' -d 'what returns do to sums'
complete -c crm-score -l method -x -k -a '(__crm_live crm-score)' -d 'churn: model, gap, window; lead: rules, bayes'
complete -c crm-score -l levels -x -k -a '(__crm_live crm-score)' -d 'p_churn of at-risk and of lapsed (.5,.9)'
complete -c crm-score -l k -x -k -a '(__crm_live crm-score)' -d 'gaps that make a customer at-risk (2)'
complete -c crm-score -l window -x -k -a '(__crm_live crm-score)' -d 'silence that makes one lapsed (90d)'
complete -c crm-score -l vars -x -k -a '(__crm_live crm-score)' -d 'fields of deals to learn from'
complete -c crm-score -l group -x -k -a '(__crm_live crm-score)' -d 'learn apart for each of its values'
complete -c crm-score -s o -l output -x -k -a '(__crm_live crm-score)' -d 'ltsv json json-array csv tsv table yaml vcard ical id value template=TEXT'
complete -c crm-score -s 0 -l null -d 'records end in NUL'
complete -c crm-score -s F -l fields -x -k -a '(__crm_live crm-score)' -d 'these fields, in this order; * the rest, -note not'
complete -c crm-score -s s -l sort -x -k -a '(__crm_live crm-score)' -d 'sort by these fields; -KEY descends'
complete -c crm-score -s l -l limit -x -d 'at most N records'
complete -c crm-score -l no-header -d 'table, csv, tsv without header'
complete -c crm-score -l wide -d 'table uncut, with every column'
complete -c crm-score -l line-buffered -d 'flush after each record'
complete -c crm-score -l stored -d 'without derived fields'
complete -c crm-score -l all-fields -d 'csv, tsv: a column for every label that occurs'
complete -c crm-score -l safe -d 'csv: no cell that a spreadsheet takes for a formula'
complete -c crm-score -l bom -d 'csv: begin with a byte order mark'
complete -c crm-score -l crlf -d 'csv, tsv: lines end in CR LF'
complete -c crm-score -l delim -x -k -a '(__crm_live crm-score)' -d 'csv: the separator, in and out'
complete -c crm-score -l vcard -x -a '3 4' -d 'vcard: version 3.0 or 4.0 (4)'
complete -c crm-score -s i -l input -x -k -a '(__crm_live crm-score)' -d 'ltsv json csv tsv yaml vcard ical id; else guessed'
complete -c crm-score -s z -l null-input -d 'input records end in NUL'
complete -c crm-score -l strict -d 'refuse what is tolerated'
complete -c crm-score -l max-line -x -d 'longest line (1m)'
complete -c crm-score -l decimal -x -a 'comma point' -d 'the decimal sign of the input'
complete -c crm-score -l last-wins -d 'of a field given twice the last counts'
complete -c crm-score -l clear-empty -d 'csv: an empty cell removes the field'
complete -c crm-score -l full-id -d 'refuse id suffixes, for scripts'
complete -c crm-score -s D -l db -r -F -d 'the store: a folder or a URL'
complete -c crm-score -s q -l quiet -d 'no data, no notes; the exit status is the answer'
complete -c crm-score -s h -l help -d 'this help; -h is the short one'
complete -c crm-score -s V -l version -d 'the version'
complete -c crm-score -l verbose -d 'notes even where stderr is no terminal'
complete -c crm-score -l debug -d 'codes of the engine after a message'
complete -c crm-score -l color -x -a 'auto always never' -d 'when to use colour'
complete -c crm-score -l lock-timeout -x -d 'how long to wait for another writer (5s)'

# SPDX-License-Identifier: MIT
# Bad input: where it stands, what came, what was wanted; nothing is stored.
# shellcheck disable=SC2154,SC2059 # helper.bash sets stderr; bytes are escapes
load helper

# refused LINE WHAT: the line on stdin is refused with 65, so told, and the
# store stays empty.
refused() {
	printf "$1" >in
	runs crm-add - <in
	status_is 65
	out_empty
	err_is "crm-add: stdin:1: $2" \
		'crm-add: nothing stored, 1 of 1 line refused'
	nothing_stored
}

nothing_stored() {
	[ "$(crm-find -c kind:contact,company,deal,order,activity)" = 0 ]
}

# ---- text ----

@test "invalid UTF-8 is refused with line, byte and cure" {
	for bytes in '\351' '\300\200' '\355\240\200' '\364\220\200\200' '\303'; do
		printf "name:A\nname:x$bytes\n" >in
		runs crm-add - <in
		status_is 65
		[[ ${stderr_lines[0]} == "crm-add: stdin:2: byte 7: "*'iconv -f WINDOWS-1252 -t UTF-8'* ]]
		nothing_stored
	done
	runs crm-add name:$'x\351'
	status_is 65
	[[ $stderr == *'argument 1: name: '*UTF-8* ]]
}

@test "NUL and control bytes are refused" {
	printf 'name:a\0b\n' >in
	runs crm-add - <in
	status_is 65
	[[ ${stderr_lines[0]} == 'crm-add: stdin:1: byte 7: '* ]]
	for c in '\001' '\013' '\033' '\177' '\302\205'; do
		printf "name:a${c}b\n" >in
		runs crm-add - <in
		status_is 65
		[[ ${stderr_lines[0]} == 'crm-add: stdin:1: name: '* ]]
		# What is shown of it drives no terminal.
		run ! env LC_ALL=C grep -q "[$(printf '\001-\010\013-\037\177')]" "$ERR"
	done
	nothing_stored
	runs crm-add name:a -F name note:$'two\r\nlines'
	gives 0 name:a
}

@test "text becomes NFC and loses outer blanks" {
	runs crm-add - -F name <<<$'name:  Jose\xcc\x81  '
	gives 0 'name:José'
}

@test "a line of the limit is taken, one byte more is not" {
	{
		printf name:
		head -c $((1024 * 1024 - 5)) /dev/zero | tr '\0' x
		echo
	} >limit
	runs crm-add -q - <limit
	gives 0
	runs bash -c 'crm-find -o value -F name | wc -c'
	gives 0 $((1024 * 1024 - 4))
	{
		printf y
		cat limit
		echo name:Bo
	} | sed '1s/^yname/name:y&/;1s/yname:/y/' >over
	[ "$(head -1 over | wc -c)" -gt $((1024 * 1024 + 1)) ]
	runs crm-add -q - <over
	gives 65 '' $'crm-add: stdin:1: longer than 1048576 bytes; --max-line raises the limit\ncrm-add: nothing stored, 1 of 2 lines refused; --keep-going stores the other 1'
	runs crm-add -q - --max-line 2m <over
	gives 0
}

@test "a line of 64 MiB is refused in little memory" {
	# The shadow memory of a sanitizer is larger than any machine's.
	export LIMIT=${SAN:+unlimited}
	head -c $((64 * 1024 * 1024)) /dev/zero | tr '\0' x >big
	runs bash -c 'ulimit -v ${LIMIT:-262144}; crm-add contact -i csv - <big'
	[ "$status" -eq 65 ]
	runs bash -c '{ printf name:; cat big; } | { ulimit -v ${LIMIT:-262144}; crm-add -; }'
	status_is 65
	nothing_stored
}

@test "256 fields are taken, 257 are not" {
	line=name:A
	for i in {2..256}; do line+=$'\t'x.f$i:1; done
	runs crm-add -q - <<<"$line"
	gives 0
	refused_many=$line$'\t'x.g:1
	runs crm-add -q - <<<"$refused_many"
	gives 65 '' $'crm-add: stdin:1: more than 256 fields\ncrm-add: nothing stored, 1 of 1 line refused'
}

@test "labels: bad ones, long ones, reserved ones" {
	printf 'name:A\tna me:b\n' >in
	runs crm-add - <in
	status_is 65
	[[ ${stderr_lines[0]} == "crm-add: stdin:1: field 2: label 'na me'"* ]]
	printf 'name:A\tnocolon\n' >in
	runs crm-add - <in
	status_is 65
	printf 'name:A\tx.%064d:b\n' 1 >in
	runs crm-add - <in
	status_is 65
	[[ ${stderr_lines[0]} == *'longer than 64 bytes'* ]]
	nothing_stored
}

@test "a later line of another form is a bad line" {
	runs crm-add - <<<$'name:A\n{"name":"B"}'
	status_is 65
	[[ ${stderr_lines[0]} == 'crm-add: stdin:2: '* ]]
	nothing_stored
}

@test "what is no record says what it looks like" {
	printf 'name,email\nA,a@a.es\n' >in
	runs crm-add - <in
	gives 65 '' "crm-add: stdin:1: got 'name,email', wanted records as ltsv or JSON; looks like CSV: -i csv"
	runs crm-add - <<<'<html><body>'
	gives 65 '' "crm-add: stdin:1: got '<html><body>', wanted records as ltsv or JSON; looks like an HTML page"
	runs crm-add - -i cvs <in
	gives 2 '' "crm-add: unknown input format 'cvs'; did you mean 'csv'?"
}

# ---- values ----

@test "numbers out of range" {
	runs crm-add - <<<$'kind:company\tname:A\tsize:9223372036854775808'
	status_is 65
	[[ ${stderr_lines[0]} == "crm-add: stdin:1: size: got '9223372036854775808', wanted "* ]]
	runs crm-add - <<<$'kind:deal\tname:A\tamount:99999999999999999999\tcurrency:EUR'
	status_is 65
	[[ ${stderr_lines[0]} == "crm-add: stdin:1: amount: got '99999999999999999999'"* ]]
	runs crm-add - <<<$'kind:company\tname:A\tsize:1e3'
	status_is 65
	runs crm-add - <<<$'kind:deal\tname:A\tprobability:101'
	status_is 65
	runs crm-add - <<<$'kind:case\ttitle:A\tsatisfaction:6'
	status_is 65
	runs crm-add - <<<$'kind:order\titem:A*999999999999*2@1\tcurrency:EUR'
	status_is 65
	runs crm-add - <<<$'kind:order\titem:A*99999999@99999999999\tcurrency:EUR'
	status_is 65
	runs crm-add - <<<'{"kind":"company","name":"A","size":9223372036854775808}'
	status_is 65
	nothing_stored
	runs crm-add company name:A size:9223372036854775807 -F size
	gives 0 size:9223372036854775807
}

@test "dates that no calendar has" {
	refused 'name:A\tbirthday:2025-02-31\n' \
		"birthday: got '2025-02-31', which the calendar does not have"
	for day in 2025-02-29 2025-13-01 2025-00-10 0000-01-01 10000-01-01 --02-30; do
		runs crm-add - <<<$'name:A\tbirthday:'"$day"
		status_is 65
		[[ ${stderr_lines[0]} == "crm-add: stdin:1: birthday: got '$day'"* ]]
	done
	nothing_stored
	runs crm-add name:A birthday:2024-02-29 -F birthday
	gives 0 birthday:2024-02-29
	runs crm-add name:A birthday:--02-29 -F birthday
	gives 0 birthday:--02-29
}

@test "a local time that a change of clocks leaves out" {
	[ -e /usr/share/zoneinfo/Europe/Madrid ] || skip 'no zones here'
	export TZ=Europe/Madrid
	runs crm-log - <<<$'type:call\tat:2026-03-29T02:30:00'
	status_is 65
	[[ ${stderr_lines[0]} == "crm-log: stdin:1: at: got '2026-03-29T02:30:00'"* ]]
	runs crm-log - -F at <<<$'type:call\tat:2026-10-25T02:30:00'
	gives 0 at:2026-10-25T00:30:00Z
	runs crm-log - -F at <<<$'type:call\tat:2026-03-29T03:30:00'
	gives 0 at:2026-03-29T01:30:00Z
	runs crm-log - -F at <<<$'type:call\tat:2026-06-30T23:59:60Z'
	gives 0 at:2026-06-30T23:59:59Z
}

@test "money with the wrong decimals, grouped, with a sign" {
	for pair in '12.345 EUR' '12.5 JPY' '1.234,50 EUR' '1,234.50 EUR' '12,5 EUR' '1e3 EUR' 'x EUR'; do
		runs crm-add - <<<$'kind:deal\tname:D\tamount:'"${pair% *}"$'\tcurrency:'"${pair#* }"
		status_is 65
		[[ ${stderr_lines[0]} == "crm-add: stdin:1: amount: got '${pair% *}'"* ]]
	done
	runs crm-add - <<<$'kind:deal\tname:D\tamount:5\tcurrency:XXQ'
	status_is 65
	[[ ${stderr_lines[0]} == "crm-add: stdin:1: currency: got 'XXQ'"* ]]
	nothing_stored
	runs crm-add deal name:D amount:12.340 currency:EUR -F amount
	gives 0 amount:12.34
	runs crm-add deal name:D amount:1.234,50 currency:EUR --decimal comma -F amount
	gives 0 amount:1234.50
	runs crm-add deal name:D amount:1234,50 currency:EUR --decimal comma -F amount
	gives 0 amount:1234.50
}

@test "each type names what it wanted" {
	while IFS=$'\t' read -r field value; do
		runs crm-add - <<<$'name:A\t'"$field:$value"
		status_is 65
		[[ ${stderr_lines[0]} == "crm-add: stdin:1: $field: got '$value'"*[a-z]* ]]
	done <<-'EOT'
		email	ana
		email	a b@c.es
		phone	no
		url	ftp://a.es/
		country	ZZ
		tz	Europe/Madird
		stage	ledd
		channel	pigeon
		handle	ana
		ext	4711
		cadence	7
		cadence	1mo2h
		restricted	maybe
		lang	e
		next	31.2.
	EOT
	nothing_stored
}

@test "unknown fields, kinds and values in lines: 65, with the nearest" {
	refused 'name:A\temial:a@a.es\n' \
		"unknown field 'emial'; did you mean 'email'?"
	refused 'name:A\tstage:custmer\n' \
		$'stage: got \'custmer\'; did you mean \'customer\'?\nStages: lead, qualified, customer, former.'
	refused 'kind:deel\tname:A\n' \
		"kind: unknown kind 'deel'; did you mean 'deal'?"
}

@test "read-only labels of a line are let go" {
	runs crm-add - -F name,revenue,company.city <<<$'name:A\trevenue:5\tcompany.city:Lugo\t_error:x\t_line:3\torders:2'
	gives 0 name:A
}

@test "100,000 nested parentheses, brackets, braces end in a message" {
	printf '(%.0s' {1..100000} >deep
	runs crm-find -f deep
	gives 65 '' 'crm-find: deep: too large, wanted at most 65536 bytes'
	runs crm-find "$(cat deep)"
	status_is 2
	[ "$(wc -l <"$ERR")" -le 3 ]
	runs crm-find "$(head -c 60000 deep)"
	status_is 2
	[ "$(wc -l <"$ERR")" -le 3 ]
	{ printf '{"a":%.0s' {1..100000}; } >deep
	runs crm-add - <deep
	status_is 65
	[ "$(wc -l <"$ERR")" -le 4 ]
	{ printf '[%.0s' {1..100000}; } >deep
	runs crm-add - <deep
	status_is 65
	{ printf 'a: [%.0s' {1..1000}; } >deep
	runs crm-add -i yaml - <deep
	status_is 65
}

@test "hostile JSON and CSV end in a message" {
	for text in '{"name":"A"' '{"name":}' '{"name":"A\ud800"}' '{"name":"A\u0000"}' \
		'{"name":["a",["b"]]}' '{"":"x"}' '[1,2]' '{"name":"a"}}' '{"name":1e999999999}'; do
		runs crm-add - <<<"$text"
		status_is 65
		[[ $stderr == 'crm-add: stdin:1'* ]]
	done
	printf 'name,note\nA,"open\nname2\n' >in
	runs crm-add -i csv - <in
	status_is 65
	printf 'name,name\nA,B\n' >in
	runs crm-add -i csv - <in
	status_is 65
	nothing_stored
}

# ---- places ----

@test "a missing folder: 73, with the cure" {
	runs crm-add -D /srv/none/crm contact name:A
	gives 73 '' $'crm-add: /srv/none/crm: cannot create the store: No such file or directory\nMake /srv/none first, or name another place with -D or CRM_DB.'
}

@test "no permission: 77" {
	[ "$(id -u)" -ne 0 ] || skip 'root may do everything'
	mkdir locked
	chmod 500 locked
	runs crm-add -D "$PWD/locked/crm" contact name:A
	status_is 77
	crm-add -q name:A
	chmod 400 "$XDG_DATA_HOME/crm/data.mdb"
	runs crm-add name:B
	status_is 77
}

@test "a foreign or damaged store is told, not used" {
	mkdir -p store
	echo 'this is no store' >store/data.mdb
	chmod 700 store
	runs crm-add -D "$PWD/store" name:A
	[ "$status" -eq 74 ] || [ "$status" -eq 78 ]
	out_empty
	[ "$(cat store/data.mdb)" = 'this is no store' ]
	rm -r store
	crm-add -q -D store name:A
	truncate -s 6000 store/data.mdb
	runs crm-add -D store name:B
	status_is 74
	runs crm-find -D store
	status_is 74
	mkfifo fifo
	runs crm-add -D fifo name:A
	[ "$status" -ne 0 ]
	[ "$status" -lt 126 ]
}

@test "a full disk: no space left, the store as it was" {
	seq 20000 | sed 's/.*/name:Number &\tnote:some words that fill the file &/' >many
	crm-add -q name:A
	runs bash -c 'ulimit -f 400; crm-add -q - <many'
	status_is 74
	out_empty
	runs crm-find -c
	gives 0 1
	runs crm-db check --full
	gives 0
	runs crm-add name:B -F name
	gives 0 name:B
}

@test "a full file system" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	mkdir small
	mount -t tmpfs -o size=2m none small 2>/dev/null || skip 'no mount here'
	seq 20000 | sed 's/.*/name:Number &\tnote:some words that fill the file &/' >many
	crm-add -q -D small/crm name:A
	runs crm-add -q -D small/crm - <many
	wrote=$status
	runs crm-find -D small/crm -c
	found=$output
	umount small
	[ "$wrote" -eq 74 ]
	[ "$found" = $'1\n' ]
}

@test "stdout closed or full after the commit: 74, and it is stored" {
	runs bash -c 'crm-add name:A >/dev/full'
	gives 74 '' 'crm-add: standard output: No space left on device'
	runs bash -c 'crm-add name:B >&-'
	gives 74 '' 'crm-add: standard output: Bad file descriptor'
	runs crm-find -c
	gives 0 2
}

@test "stdin closed or a folder: 74" {
	runs bash -c 'crm-add - <&-'
	gives 74 '' 'crm-add: standard input: Bad file descriptor'
	runs bash -c 'crm-add - </'
	gives 74 '' 'crm-add: standard input: Is a directory'
}

@test "escapes of a terminal are shown, not sent" {
	runs crm-add - <<<$'name:A\tstage:\e[31mred'
	status_is 65
	run ! grep -q $'\e' "$ERR"
	runs crm-add name:A stage:$'le\u202ead'
	run ! grep -q $'\u202e' "$ERR"
}

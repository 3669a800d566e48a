#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# crm-score: models over the store and over logs of orders.

load helper

RFM=$SHARED/analytics/rfm_orders

# Three contacts, two of them with orders.
shop() {
	printf 'kind:contact\tname:%s\temail:%s\n' Ana ana@x.es Bo bo@x.es \
		Cy cy@x.es | crm-add -q -
	{
		printf 'contact:ana@x.es\tat:2025-%s\tamount:50\n' \
			01-05 03-09 09-09
		printf 'contact:bo@x.es\tat:2026-%s\tamount:20\n' 01-05 02-01
	} | sed 's/$/\tcurrency:EUR/' | crm-add -q order -
}

# The same orders as a log.
log() {
	printf 'id:ana\tat:2025-%s\tamount:50\tcurrency:EUR\n' 01-05 03-09 09-09
	printf 'id:bo\tat:2026-%s\tamount:20\tcurrency:EUR\n' 01-05 02-01
}

reference() {
	[ -e "$RFM.csv" ] || skip "no ../shared/data/analytics/rfm_orders.csv"
	awk -F, 'NR > 1 { printf "id:%s\tat:%s\tamount:%s\n", $1, $2, $3 }' \
		"$RFM.csv" >orders
}

@test "rfm gives the reference's levels for each of 995 customers" {
	reference
	crm-score rfm --orders orders --until 2006-12-31 -o csv --no-header \
		-F id,recency,frequency,monetary,r,f,m |
		sed 's/\.00,/,/' | LC_ALL=C sort >got
	tail -n +2 "${RFM}_expected_type1.csv" | tr -d '\r' |
		LC_ALL=C sort >want
	same want got
}

@test "with --cuts cran it gives those of R's package" {
	reference
	crm-score rfm --orders orders --until 2006-12-31 --cuts cran -o csv \
		--no-header -F id,recency,frequency,monetary,r,f,m,rfm |
		sed 's/\.00,/,/' | LC_ALL=C sort >got
	tail -n +2 "${RFM}_expected_cranrfm.csv" | tr -d '\r' |
		LC_ALL=C sort >want
	same want got
}

@test "the order of a log and its form say nothing" {
	reference
	crm-score rfm --orders orders --until 2006-12-31 >first
	sort -t '	' -k 3 orders | crm-score rfm --orders - \
		--until 2006-12-31 >second
	same first second
	awk -F '\t' 'BEGIN { print "id,at,amount" } { for (i = 1; i <= 3; i++)
		sub(/^[a-z]*:/, "", $i); print $1 "," $2 "," $3 }' orders >o.csv
	crm-score rfm -i csv --orders o.csv --until 2006-12-31 >third
	same first third
}

@test "a day's order split in two changes no level by --count days" {
	log >whole
	{
		log | grep -v 2025-09-09
		printf 'id:ana\tat:2025-09-09\tamount:%s\tcurrency:EUR\n' 20 30
	} >apart
	for model in 'rfm --count days' 'clv --family bg' 'churn --method gap'; do
		# shellcheck disable=SC2086
		crm-score $model --orders whole -F '*,-orders' >first
		# shellcheck disable=SC2086
		crm-score $model --orders apart -F '*,-orders' >second
		[ -s first ]
		same first second
	done 2>/dev/null
}

# id x t_x T m of the explanations, a line a customer.
terms() {
	awk '/^[^ ]/ { id = $0 } $1 == "x" || $1 == "t_x" || $1 == "T" { v[$1] = $NF }
		$1 == "m" { print id, v["x"], v["t_x"], v["T"], $NF }'
}

# The small case of lifetimes and pymc-marketing.
tiny() {
	printf 'id:%s\tat:2015-%s\tamount:%s\tcurrency:EUR\n' \
		1 01-01 1 1 02-06 2 2 01-01 2 3 01-01 3 3 01-02 1 3 01-05 5 \
		4 01-16 6 4 02-02 3 4 02-05 3 4 02-05 6 \
		5 01-16 3 5 01-17 1 5 01-18 8 6 02-02 5
}

@test "the tiny log gives the tiny table" {
	tiny >orders
	cat >want <<-'EOT'
	1 1 36 37 2
	2 0 0 37 0
	3 2 4 37 3
	4 2 20 22 6
	5 2 2 22 4.5
	6 0 0 5 0
	EOT
	for family in mbg bg pareto; do
		crm-score clv --orders orders --until 2015-02-07 --unit day \
			--family "$family" --explain 2>/dev/null | terms >got
		same want got
	done
	# Six customers are few: the fit says so, and every figure is there.
	runs crm-score clv --orders orders --until 2015-02-07 --unit day \
		-o tsv -F p_alive,exp_orders,exp_value,clv,flag
	status_is 0
	err_is 'crm-score: clv: warning: the fit ends on a boundary of what the model can say; its figures are weak'
	[ "${#lines[@]}" = 7 ]
	awk -F '\t' 'NR > 1 && !($1 >= 0 && $1 <= 1 && $2 > 0 && $3 > 0 &&
		$4 > 0 && $5 ~ /boundary/) { exit 1 }' "$OUT"
	[[ $output != *nan* && $output != *inf* ]]
}

@test "other names of customers give the same figures" {
	log >a
	sed 's/^id:ana/id:zoe/' a >b
	crm-score rfm --orders a -F '*,-id' | sort >first
	crm-score rfm --orders b -F '*,-id' | sort >second
	[ -s first ]
	same first second
}

@test "the store and a log of the same orders give the same numbers" {
	shop
	log >orders
	for model in rfm 'churn --method gap' 'churn --method window' \
		'rfm --until 2025-12-31' 'rfm --ties rank' 'rfm --nested'; do
		# shellcheck disable=SC2086
		crm-score $model --all -F '*,-id' >first
		# shellcheck disable=SC2086
		crm-score $model --orders orders -F '*,-id' >second
		[ -s first ]
		same first second
	done
}

# Orders of 40 customers over two years: several on a day, returns, gifts.
many() {
	awk 'function roll(n) { seed = (seed * 1103 + 12345) % 65536
			return int(seed / 7) % n }
		BEGIN {
			for (c = 1; c <= 40; c++)
				for (n = 1 + roll(9); n > 0; n--) {
					sum = 5 + roll(90) + roll(100) / 100
					if (roll(11) == 0) sum = -sum
					if (roll(17) == 0) sum = 0
					day = sprintf("%d-%02d-%02d", 2024 + roll(2),
						1 + roll(12), 1 + roll(28))
					printf "c%02d %s %.2f\n", c, day, sum
					if (roll(4) == 0)
						printf "c%02d %s %.2f\n", c, day, 7
				}
		}'
}

@test "fits of the store and of a log on stdin are the same, byte for byte" {
	seq 40 | awk '{ printf "kind:contact\tname:c%02d\text:t/c%02d\n", $1, $1 }' |
		crm-add -q -
	many | awk '{ printf "contact:t/%s\tat:%s\tamount:%s\tcurrency:EUR\n",
		$1, $2, $3 }' | crm-add -q order -
	many | awk '{ printf "id:%s\tat:%s\tamount:%s\tcurrency:EUR\n",
		$1, $2, $3 }' | shuf --random-source=<(yes) >orders
	for model in rfm 'rfm --count days' 'rfm --ties rank --bins 4' clv \
		'clv --family bg' 'clv --family pareto --returns ignore' churn \
		'churn --method gap' 'clv --until 2025-06-30' \
		'churn --until 2025-06-30 --unit day'; do
		# shellcheck disable=SC2086
		crm-score $model --all -F '*,-id' 2>/dev/null >first
		# shellcheck disable=SC2086
		crm-score $model --orders - -F '*,-id' 2>/dev/null \
			<orders >second
		[ "$(wc -l <first)" -gt 30 ]
		same first second
	done
	for model in clv churn; do
		crm-score "$model" --fit first 2>/dev/null
		crm-score "$model" --orders - --fit second 2>/dev/null <orders
		same first second
		crm-score "$model" --validate 26w >first 2>/dev/null
		crm-score "$model" --orders - --validate 26w >second \
			2>/dev/null <orders
		same first second
	done
}

@test "lines come out in the order of the input, for who has bought" {
	shop
	runs bash -c 'printf "%s\n" bo@x.es cy@x.es ana@x.es |
		crm-score rfm --verbose -F rfm'
	gives 0 'rfm:511
rfm:333' 'crm-score: rfm: too many values are equal: nobody has R 4, R 2, R 1, F 2, F 4, F 5, M 2, M 4, M 5
crm-score: 1 has no purchase until then'
	runs bash -c 'crm-find name:ana | crm-score rfm -F rfm'
	gives 0 'rfm:333'
	runs crm-score rfm bo@x.es -F rfm,segment
	gives 0 'rfm:511	segment:Potential Loyalist'
}

@test "nobody scores who is restricted" {
	shop
	crm-log -q reply bo@x.es 'hi there'
	crm-edit -q bo@x.es restricted:true
	runs crm-score rfm --all -F orders
	gives 0 orders:3
	runs crm-score rfm bo@x.es ana@x.es --verbose -F orders,rfm
	status_is 0
	out_is 'orders:3	rfm:511'
	[[ $stderr == *'crm-score: 1 is restricted and left out'* ]]
	runs bash -c 'crm-score lead --all -F id | wc -l'
	gives 0 2
	runs crm-score lead bo@x.es
	gives 0
	# On a day when nothing was known of it too.
	crm-edit -q bo@x.es restricted:
	CRM_NOW=2026-03-04T09:00:00Z crm-edit -q bo@x.es restricted:true
	CRM_NOW=2026-03-05T09:00:00Z runs crm-score rfm --all \
		--as-of 2026-03-03 -F orders
	gives 0 orders:3
}

@test "a lead says whether it may be contacted, by the channel it prefers" {
	printf 'kind:contact\tname:%s\temail:%s\tphone:%s\tchannel:%s\n' \
		Ana ana@x.es +34600111222 email \
		Bo bo@x.es +34600111223 call \
		Cy cy@x.es '' call Di di@x.es '' web | crm-add -q -
	crm-add -q consent contact:di@x.es purpose:marketing channel:email \
		state:granted
	runs crm-score lead --all -F contactable
	gives 0 'contactable:no
contactable:yes
contactable:no
contactable:yes'
	crm-add -q deal name:Old contact:bo@x.es stage:won amount:5 currency:EUR
	crm-add -q deal name:New contact:bo@x.es amount:5 currency:EUR
	for who in bo@x.es "$(crm-find kind:deal name:new -o id)"; do
		runs crm-score lead --method bayes "$who" -F contactable
		gives 0 contactable:yes
	done
	# Without the key of suppressions nobody knows.
	crm-add -q contact email:gone@x.es
	crm-rm --erase --yes gone@x.es >/dev/null
	mv "$XDG_DATA_HOME/crm.key" key
	runs crm-score lead --all
	status_is 78
	out_empty
	[[ $stderr == 'crm-score: ~/.local/share/crm.key: it is gone'* ]]
	mv key "$XDG_DATA_HOME/crm.key"
	# As it was then.
	CRM_NOW=2026-03-05T09:00:00Z crm-add -q consent contact:ana@x.es \
		purpose:marketing channel:email state:granted
	for day in 2026-03-03:no 2026-03-06:yes; do
		CRM_NOW=2026-03-07T09:00:00Z runs crm-score lead ana@x.es \
			--as-of "${day%:*}" -F contactable
		gives 0 "contactable:${day#*:}"
	done
}

@test "--base input learns from the input alone" {
	shop
	runs crm-score rfm bo@x.es --base input -F rfm
	gives 0 'rfm:511'
	runs crm-score rfm ana@x.es --base input -F rfm
	gives 0 'rfm:511'
}

@test "-s sorts, -l cuts, a table has few columns" {
	log >orders
	runs crm-score rfm --orders orders -s -monetary -l 1 -F id,monetary
	gives 0 'id:ana	monetary:150.00'
	runs crm-score rfm --orders orders -s recency -F id
	gives 0 'id:bo
id:ana'
	runs crm-score churn --method gap --orders orders -o table
	gives 0 'ID   LAST_ORDER    STATE   P_CHURN  SILENT_RATIO  VALUE_AT_RISK  NEXT_CONTACT  FLAG
ana  5 months ago  active                   1.41                 50 days ago
bo   29 days ago   active                   1.07                 2 days ago'
}

@test "a table is for people: short ids, dates in words, few digits" {
	shop
	id=$(crm-find name:bo -o id)
	runs crm-score rfm bo@x.es -o table
	gives 0 "ID    LAST_ORDER   ORDERS  MONETARY  RFM  SEGMENT             FLAG
${id: -4}  29 days ago       2     40.00  511  Potential Loyalist"
	runs crm-score rfm bo@x.es -o table --wide
	gives 0 "ID                          MODEL  UNTIL       ORDERS  FIRST_ORDER  LAST_ORDER  SILENT_DAYS  RECENCY  FREQUENCY  MONETARY  R  F  M  RFM  SEGMENT
$id  rfm    2026-03-02       2  2026-01-05   2026-02-01           29       29          2     40.00  5  1  1  511  Potential Loyalist"
	runs crm-score churn --method gap bo@x.es -o table -F silent_ratio
	gives 0 'SILENT_RATIO
        1.07'
	crm-score churn --method gap --all --save -q
	crm-score clv --all --save -q 2>/dev/null
	clv=$(crm-find name:ana -o value -F score.clv)
	[[ $clv == *.??????* ]]
	runs crm-find name:ana -o table -F score.clv
	[ "${lines[1]// /}" = "$(printf %.2f "$clv")" ]
	crm-show ana@x.es -o table | grep -q "clv $(printf %.2f "$clv")"
}

@test "numbers are numbers in JSON, what may come twice is an array" {
	shop
	runs crm-score rfm bo@x.es -o json -F orders,last_order,monetary,rfm,segment
	gives 0 '{"orders":2,"last_order":"2026-02-01","monetary":40.00,"rfm":511,"segment":"Potential Loyalist"}'
	runs crm-score rfm bo@x.es --bins 10 -o json -F r,rfm
	status_is 0
	[[ $output == '{"r":10,"rfm":"10-'* ]]
	CRM_NOW=2026-02-27T09:00:00Z crm-log -q reply bo@x.es 'hi there'
	runs crm-score lead bo@x.es -o json -F engage,reason
	gives 0 '{"engage":9.330329915,"reason":["+9.33 reply 2026-02-27"]}'
}

@test "--breaks are cut points, several axes may have some" {
	log >orders
	runs crm-score rfm --orders orders --breaks r:30,60,90 --breaks m:40 \
		-F id,r,m
	gives 0 'id:ana	r:1	m:2
id:bo	r:4	m:2'
}

@test "--save stores the score, -n tells it, crm-undo takes it back" {
	shop
	crm-find >before
	runs crm-score rfm bo@x.es --save -n -F _field,_new
	gives 0 '_field:score.rfm	_new:511
_field:score.rfm.at	_new:2026-03-02T00:00:00Z
_field:score.rfm.segment	_new:Potential Loyalist'
	crm-find >after
	same before after
	runs crm-score rfm bo@x.es --save -F rfm
	gives 0 'rfm:511'
	runs crm-find rfm:500.. -F name,score.rfm,score.rfm.segment
	gives 0 'name:Bo	score.rfm:511	score.rfm.segment:Potential Loyalist'
	runs crm-score rfm bo@x.es --save -q
	gives 0
	runs crm-undo -q
	status_is 0
	runs crm-find -c rfm:500..
	gives 0 0
}

@test "an index finds what is saved, two open ranges may be one word" {
	shop
	for i in $(seq 60); do
		printf 'kind:contact\tname:N%s\n' "$i"
	done | crm-add -q -
	crm-score rfm --all --save -q
	crm-score churn --all --method window --save -q
	crm-score clv --all --save -q 2>/dev/null
	crm-find 'score.clv:1.. score.rfm:400..' -F name >one
	crm-find score.clv:1.. score.rfm:400.. -F name >two
	same one two
	[ "$(cat one)" = name:Bo ]
	runs crm-find --explain 'score.clv:1.. score.rfm:400..'
	status_is 0
	[[ $output == *'contact.score.rfm range'*drives* ]]
	[[ $output != *scan* ]]
	runs crm-find --explain 'clv:500.. churn:0.6..'
	status_is 0
	[[ $output == *'clv:500.. and churn:0.6..'* ]]
	[[ $output == *'range'*drives* ]]
}

@test "lines of scores go into every writer, which sets none of them" {
	shop
	crm-log -q reply bo@x.es 'hi there'
	crm-find >before
	for model in rfm 'clv --family bg' churn 'churn --method gap' lead; do
		# shellcheck disable=SC2086
		runs bash -c "crm-score $model --all 2>/dev/null | crm-edit -q"
		gives 0
	done
	crm-find >after
	same before after
	runs bash -c 'crm-score rfm bo@x.es | crm-edit tag+:low -F name,tag'
	gives 0 'name:Bo	tag:low'
	runs bash -c 'crm-score rfm bo@x.es | crm-log note - "has a score" -F body'
	gives 0 'body:has a score'
	runs crm-edit bo@x.es recency:5
	gives 2 '' 'crm-edit: argument 2: recency: it is computed and never set'
	# A field that the schema declares is one.
	printf 'crm-schema: 1\nkinds: {contact: {fields: {segment: {type: text}}}}\n' |
		crm-db schema --apply - >/dev/null
	runs bash -c 'crm-score rfm bo@x.es | crm-edit -F name,segment'
	gives 0 'name:Bo	segment:Potential Loyalist'
}

@test "lines of scores are found and sorted by the short names too" {
	shop
	crm-score clv --all >lines 2>/dev/null
	runs crm-find - clv:..99999 -s clv -F id,clv -o tsv <lines
	status_is 0
	err_empty
	[ "${lines[0]}" = 'id	score.clv' ]
	crm-score clv --all -s clv -o tsv -F id,clv --no-header >want 2>/dev/null
	tail -n +2 "$OUT" >got
	same want got
	runs crm-find - -c clv:..0 <lines
	gives 0 0
	runs crm-find - rfm:400.. -o value -F rfm < <(crm-score rfm --all)
	gives 0 511
	runs crm-find - churn:0.5.. < <(crm-score rfm --all)
	gives 0 '' "crm-find: query: no line had a field 'score.churn'"
}

@test "--until leaves out what came later, --as-of what was not known" {
	shop
	runs crm-score rfm --all --until 2025-03-31 -F orders,last_order,recency
	gives 0 'orders:2	last_order:2025-03-09	recency:22'
	CRM_NOW=2026-03-05T09:00:00Z crm-add -q order contact:cy@x.es \
		at:2026-02-02 amount:9 currency:EUR
	CRM_NOW=2026-03-06T09:00:00Z runs crm-score rfm --all \
		--as-of 2026-03-03 -F orders
	gives 0 'orders:3
orders:2'
}

@test "returns are no purchases, zero and future amounts are told" {
	{
		log
		printf 'id:bo\tat:%s\tamount:%s\tcurrency:EUR\n' \
			2026-02-10 -5 2026-02-11 0 2026-04-01 7
	} >orders
	runs crm-score rfm --orders orders -F id,orders,monetary
	gives 0 'id:ana	orders:3	monetary:150.00
id:bo	orders:3	monetary:35.00' 'crm-score: warning: 1 return (an amount below 0) is no purchase
crm-score: warning: 1 order has an amount of 0
crm-score: warning: 1 order lies in the future and does not count'
	runs crm-score rfm --orders orders --returns ignore -q
	status_is 0
	crm-score rfm --orders orders --returns ignore -F monetary 2>/dev/null |
		grep -qx monetary:40.00
}

@test "two currencies are refused, --currency keeps one" {
	{
		log
		printf 'id:bo\tat:2026-02-10\tamount:5\tcurrency:USD\n'
	} >orders
	runs crm-score rfm --orders orders
	gives 65 '' 'crm-score: orders:6: amounts in EUR and USD are never added up; --currency EUR keeps one'
	runs crm-score rfm --orders orders --currency USD -F id,monetary
	gives 0 'id:bo	monetary:5.00'
	shop
	crm-add -q order contact:bo@x.es at:2026-02-02 amount:9 currency:USD
	runs crm-score rfm --all
	gives 65 '' 'crm-score: amounts in EUR and USD are never added up; --currency EUR keeps one'
	runs crm-score rfm --all --currency USD -F monetary
	gives 0 'monetary:9.00'
}

@test "models are named and printed, and a file of the user comes first" {
	runs crm-score --list
	gives 0 'name:churn	model:churn
name:clv	model:clv
name:lead	model:lead
name:rfm	model:rfm'
	mkdir -p "$XDG_CONFIG_HOME/crm/models"
	printf 'model: rfm\nbins: 4\n' >"$XDG_CONFIG_HOME/crm/models/four.yaml"
	crm-score --print four | grep -qx 'bins: 4'
	log >orders
	runs crm-score four --orders orders -F id,model,rfm
	gives 0 'id:ana	model:four	rfm:233
id:bo	model:four	rfm:411'
	runs crm-score four --orders orders --bins 5 -F rfm
	gives 0 'rfm:333
rfm:511'
}

@test "a bad model says where, and hides no good one" {
	dir=$XDG_CONFIG_HOME/crm/models
	mkdir -p "$dir"
	printf 'model: lead\nrules:\n  - {when: "%s", axis: fit, points: 5}\n' \
		'stgae:lead' >"$dir/typo.yaml"
	printf 'model: lead\nrules: [{when: "type:", axis: engag, points: 5x}]\n' \
		>"$dir/several.yaml"
	printf 'model: lead\nrules:\n - {when: [\n' >"$dir/torn.yaml"
	printf 'model: rfm\n' >"$dir/shared.yaml"
	chmod g+w "$dir/shared.yaml"
	printf 'model: rfm\nbins: 4\n' >"$dir/zz.yaml"
	runs crm-score typo --all
	gives 65 '' "crm-score: ~/.config/crm/models/typo.yaml:3:12: when: query: unknown field 'stgae' in 'stgae:lead'; did you mean 'stage'?"
	runs crm-score several --all
	gives 65 '' "crm-score: ~/.config/crm/models/several.yaml:2:16: when: query: nothing after ':'
~/.config/crm/models/several.yaml:2:31: axis: got 'engag', wanted engage or fit
~/.config/crm/models/several.yaml:2:46: points: got '5x', wanted a number from -1000000 to 1000000"
	runs crm-score torn --all
	status_is 65
	[[ $stderr == 'crm-score: ~/.config/crm/models/torn.yaml:4:1: '* ]]
	runs crm-score shared --all
	gives 65 '' "crm-score: ~/.config/crm/models/shared.yaml: others may write it; chmod go-w $dir/shared.yaml"
	runs crm-score --list -F name
	gives 65 'name:churn
name:clv
name:lead
name:rfm
name:several
name:typo
name:zz' "crm-score: ~/.config/crm/models/shared.yaml: others may write it; chmod go-w $dir/shared.yaml"
	runs crm-score zzz --all
	gives 2 '' "crm-score: unknown model 'zzz'; did you mean 'zz'?
Models: churn, clv, lead, rfm, several, shared, torn, typo, zz."
	runs crm-score A.b --all
	gives 2 '' "crm-score: unknown model 'A.b': a name has a to z, 0 to 9, _ and -, and at most 48 letters"
}

@test "a fit is written and read again, scores are then the same" {
	reference
	crm-score clv --orders orders --until 2006-12-31 >first 2>/dev/null
	crm-score clv --orders orders --until 2006-12-31 --fit p.yaml 2>/dev/null
	crm-score clv --orders orders --until 2006-12-31 --params p.yaml \
		>second 2>/dev/null
	[ -s first ]
	same first second
	runs crm-score clv --orders orders --fit none/p.yaml
	status_is 73
}

@test "what cannot be done is said" {
	log >orders
	runs crm-score
	gives 2 '' 'crm-score: which model? crm-score MODEL; --list names them'
	runs crm-score rfm --orders orders -F idd
	gives 2 '' "crm-score: --fields: model rfm gives no 'idd'; did you mean 'id'?"
	runs crm-score rfm --orders orders --family bg
	status_is 2
	runs crm-score rfm --orders orders --fit -
	status_is 2
	runs crm-score rfm --orders orders --save
	gives 2 '' 'crm-score: --orders scores every customer of the log; it does not go with --save'
	runs crm-score rfm --orders none
	gives 66 '' 'crm-score: --orders: none: No such file or directory'
	runs crm-score rfm --orders /dev/null
	gives 65 '' 'crm-score: rfm: no customer has a purchase until then: there is nothing to learn from'
	shop
	runs crm-score rfm nobody@x.es
	status_is 66
	runs bash -c 'echo nobody@x.es | crm-score rfm'
	status_is 65
	runs bash -c 'crm-score rfm --all >/dev/full'
	status_is 74
	needs flock
	runs flock "$XDG_DATA_HOME/crm" crm-score rfm --all --save \
		--lock-timeout 1s
	status_is 75
}

@test "TAB gives the models" {
	runs crm-score --crm-complete -- r
	status_is 0
	[[ $output == rfm* ]]
	mkdir -p "$XDG_CONFIG_HOME/crm/models"
	printf 'model: rfm\n' >"$XDG_CONFIG_HOME/crm/models/rmine.yaml"
	for option in --model --print; do
		runs crm-score --crm-complete -- "$option" rm
		gives 0 'rmine	rfm'
	done
	runs crm-score --crm-complete -- clv --currency=EU
	gives 0 '--currency=EUR	'
	runs crm-score --crm-complete -- clv -F id,p_a
	gives 0 'id,p_alive	'
	runs crm-score --crm-complete -- clv -s -exp_v
	gives 0 '-exp_value	'
}

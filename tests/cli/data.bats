#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Real data: what goes in comes out with the same counts and sums, a second
# load changes nothing. Skipped where ../shared/data is absent.

load helper

SALES=$SHARED/sales
CDNOW=$SHARED/analytics/CDNOW_sample.txt

setup() {
	crm_setup
	export CRM_DB=$BATS_TEST_TMPDIR/store
}

sales_lines() {
	[ -e "$SALES/sales_pipeline.csv" ] ||
		skip "no ../shared/data/sales/sales_pipeline.csv"
	awk -f "$DATA/sales.awk" "$SALES/accounts.csv" "$SALES/products.csv" \
		"$SALES/sales_pipeline.csv" >sales.ltsv
}

# sum LABEL: of the lines on stdin
sum() {
	awk -F'\t' -v l="$1:" '{ for (i = 1; i <= NF; i++)
		if (index($i, l) == 1) s += substr($i, length(l) + 1) }
		END { printf "%.0f\n", s }'
}

@test "8,800 deals come out with the counts, the total and the win rate" {
	sales_lines
	crm-add -q - <sales.ltsv
	expected=$SALES/expected.txt
	for stage in Won Lost Engaging Prospecting; do
		want=$(awk -v s=$stage '$1 == "stage" && $2 == s { print $3 }' \
			"$expected")
		got=$(crm-find -c kind:deal \
			stage:"$(echo $stage | tr '[:upper:]' '[:lower:]')")
		[ "$got" = "$want" ]
	done
	[ "$(crm-find -c kind:deal)" = "$(awk '/^rows/ { print $2 }' "$expected")" ]
	[ "$(crm-find kind:deal stage:won -F amount | sum amount)" = \
		"$(awk '/^won value total/ { print $4 }' "$expected")" ]
	won=$(crm-find -c kind:deal stage:won)
	lost=$(crm-find -c kind:deal stage:lost)
	[ "$(echo "$won $lost" | awk '{ printf "%.6f", $1 / ($1 + $2) }')" = \
		"$(awk '/^win rate/ { print $3 }' "$expected")" ]
	[ "$(crm-find -c kind:company)" = 85 ]
	runs crm-db check --full
	gives 0
}

@test "a second load of the deals with --key changes nothing and says so" {
	sales_lines
	crm-add -q - --key ext,sku <sales.ltsv
	crm-find 'kind:company,product,deal' >first
	runs crm-add -q --verbose - --key ext,sku <sales.ltsv
	status_is 0
	crm-find 'kind:company,product,deal' >second
	same first second
	crm-add --verbose - --key ext,sku <sales.ltsv >/dev/null 2>notes
	grep -qx 'crm-add: added 0, changed 0, unchanged 8892' notes
}

cdnow() {
	[ -e "$CDNOW" ] || skip "no ../shared/data/analytics/CDNOW_sample.txt"
	awk -v what=contact -f "$DATA/cdnow.awk" "$CDNOW" | crm-add -q -
	awk -v what=order -f "$DATA/cdnow.awk" "$CDNOW" | crm-log -q order -
}

@test "orders, revenue, first and last order equal those that awk computes" {
	cdnow
	crm-find -o tsv --no-header -F ext,orders,revenue,first_order,last_order |
		sort >got
	awk '{ sub(/\r$/, "") }
		NF == 5 { k = "cdnow/" $2; n[k]++; s[k] += $5
		d = substr($3, 1, 4) "-" substr($3, 5, 2) "-" substr($3, 7, 2)
		if (!(k in a) || d < a[k]) a[k] = d
		if (!(k in b) || d > b[k]) b[k] = d }
		END { for (k in n) printf "%s\t%d\t%.2f\t%sT00:00:00Z\t%sT00:00:00Z\n",
			k, n[k], s[k], a[k], b[k] }' "$CDNOW" | sort >want
	# A customer whose orders are all free has no revenue to show.
	awk -F'\t' -v OFS='\t' '$3 == "0.00" { $3 = "" } 1' want | sort >want0
	same want0 got
	[ "$(wc -l <got)" -eq 2357 ]
	[ "$(crm-find -c kind:order)" = 6919 ]
	[ "$(crm-find -c orders:2..)" = "$(awk -F'\t' '$2 > 1' want | wc -l)" ]
	runs crm-db check --full
	gives 0
}

@test "a second load of the orders with --key changes nothing" {
	cdnow
	crm-find 'kind:contact,order' >first
	awk -v what=contact -f "$DATA/cdnow.awk" "$CDNOW" |
		crm-add -q contact - --key ext
	awk -v what=order -f "$DATA/cdnow.awk" "$CDNOW" |
		crm-log --verbose order - --key ext 2>notes >/dev/null
	grep -qx 'crm-log: added 0, changed 0, unchanged 6919' notes
	crm-find 'kind:contact,order' >second
	same first second
}

# SPDX-License-Identifier: MIT
# How well crm-merge --find tells doubles from namesakes, by a truth that was
# planted: typing errors, swapped, missing and other values.
load helper

# found PAIRS TRUTH: "precision recall", in thousandths.
found() {
	awk 'NR == FNR { truth[$0]; planted++; next }
		{ said++; if ($0 in truth) right++ }
		END { printf "%d %d\n", said ? 1000 * right / said : 0,
			planted ? 1000 * right / planted : 0 }' "$2" "$1"
}

pairs() {
	crm-merge --find "$@" | awk -F '\t' '{
		for (i = 1; i <= NF; i++) {
			if (sub(/^id:/, "", $i)) a = $i
			if (sub(/^_with:/, "", $i)) b = $i
		}
		print a, b }' >pairs
}

@test "of planted doubles 99 in 100 told are some, and 95 in 100 are told" {
	local precision recall
	awk -v n=10000 -v truth=truth -f "$CRM_TOP/tests/bench/doubles.awk" |
		crm-add -q -
	pairs
	read -r precision recall <<<"$(found pairs truth)"
	echo "precision $precision recall $recall"
	[ "$(wc -l <truth)" -gt 800 ]
	[ "$precision" -ge 990 ]
	[ "$recall" -ge 950 ]
}

@test "a higher score is surer, a lower one finds more" {
	local sure more precision recall sure_precision more_recall
	awk -v n=5000 -v seed=7 -v truth=truth -f "$CRM_TOP/tests/bench/doubles.awk" |
		crm-add -q -
	pairs --min 0.95
	sure=$(wc -l <pairs)
	read -r sure_precision _ <<<"$(found pairs truth)"
	pairs
	read -r precision recall <<<"$(found pairs truth)"
	pairs --min 0.5
	more=$(wc -l <pairs)
	read -r _ more_recall <<<"$(found pairs truth)"
	[ "$sure" -lt "$more" ]
	[ "$sure_precision" -ge "$precision" ]
	[ "$more_recall" -ge "$recall" ]
}

# SPDX-License-Identifier: MIT
# Turns CDNOW_sample.txt (id in the cohort, id in the sample, YYYYMMDD,
# units, amount) into record lines, contacts or orders:
#
#	awk -v what=contact -f cdnow.awk CDNOW_sample.txt | crm-add -
#	awk -v what=order -f cdnow.awk CDNOW_sample.txt | crm-log order -
#
# The id in the sample is the key.  The N-th purchase of customer 0007 has
# the key cdnow/0007-N, so a second load finds each order again.

BEGIN {
	if (what != "contact" && what != "order") {
		print "say -v what=contact or -v what=order" | "cat >&2"
		exit failed = 1
	}
}

# the file's lines end in CR LF
{ sub(/\r$/, "") }

NF != 5 { next }

{ seen[$2]++ }

what == "contact" && seen[$2] == 1 {
	printf "kind:contact\text:cdnow/%s\n", $2
}

what == "order" {
	printf "kind:order\tcontact:cdnow/%s\t", $2
	printf "at:%s-%s-%sT00:00:00Z\t", substr($3, 1, 4),
	    substr($3, 5, 2), substr($3, 7, 2)
	printf "amount:%s\tcurrency:USD\tx.units:%s\text:cdnow/%s-%d\n",
	    $5, $4, $2, seen[$2]
}

END { exit failed }

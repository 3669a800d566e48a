# SPDX-License-Identifier: MIT
# Turns the CSV files of Maven Analytics' "CRM Sales Opportunities" into
# record lines:
#
#	awk -f sales.awk accounts.csv products.csv sales_pipeline.csv |
#		crm-add - --key ext,sku
#
# The header of each file says what it holds.  Names stay as they come, the
# misspelt ones too: a deal for GTXPro keeps that name, though the catalogue
# says "GTX Pro".  No file quotes a cell; one that does is refused.

function field(label, value) {
	if (value == "")
		return
	gsub(/\\/, "\\\\", value)
	gsub(/\t/, "\\t", value)
	line = line (line == "" ? "" : "\t") label ":" value
}

function sku(name) {
	gsub(/ /, "-", name)
	return name
}

# M/D/YYYY to an instant, which no time zone moves
function instant(mdy, part) {
	if (split(mdy, part, "/") != 3)
		return ""
	return sprintf("%04d-%02d-%02dT00:00:00Z", part[3], part[1], part[2])
}

function ext(key) {
	return key == "" ? "" : "maven/" key
}

function account() {
	field("kind", "company")
	field("name", $1)
	field("industry", $2)
	field("size", $5)
	if ($6 != "" && !($6 in country)) {
		printf "%s:%d: no code for country '%s'\n", FILENAME, FNR,
		    $6 | "cat >&2"
		exit failed = 1
	}
	field("country", country[$6])
	field("parent", ext($7))
	field("ext", ext($1))
	field("x.founded", $3)
	field("x.revenue_musd", $4)
}

function product() {
	field("kind", "product")
	field("sku", sku($1))
	field("name", $1)
	field("category", $2)
	field("price", $3)
	field("currency", "USD")
}

function deal() {
	if (!($5 in stage)) {
		printf "%s:%d: unknown stage '%s'\n", FILENAME, FNR,
		    $5 | "cat >&2"
		exit failed = 1
	}
	field("kind", "deal")
	field("name", $1)
	field("company", $4)
	field("stage", stage[$5])
	field("amount", $8)
	field("currency", "USD")
	if (stage[$5] == "won" || stage[$5] == "lost")
		field("closed", instant($7))
	field("product", sku($3))
	field("owner", $2)
	field("ext", ext($1))
	field("created", instant($6))
}

BEGIN {
	FS = ","
	split("Won won Lost lost Engaging engaging Prospecting prospecting",
	    pair, " ")
	for (i = 1; i in pair; i += 2)
		stage[pair[i]] = pair[i + 1]
	n = split("Belgium=BE,Brazil=BR,China=CN,Germany=DE,Italy=IT," \
	    "Japan=JP,Jordan=JO,Kenya=KE,Korea=KR,Norway=NO,Panama=PA," \
	    "Philipines=PH,Poland=PL,Romania=RO,United States=US", pair, ",")
	for (i = 1; i <= n; i++) {
		split(pair[i], name, "=")
		country[name[1]] = name[2]
	}
}

{ sub(/\r$/, "") }

/"/ {
	printf "%s:%d: a quoted cell\n", FILENAME, FNR | "cat >&2"
	exit failed = 1
}

FNR == 1 {
	what = $1
	next
}

{
	line = ""
	if (what == "account")
		account()
	else if (what == "product")
		product()
	else if (what == "opportunity_id")
		deal()
	else {
		printf "%s: unknown header '%s'\n", FILENAME, what | "cat >&2"
		exit failed = 1
	}
	print line
}

END { exit failed }

# SPDX-License-Identifier: MIT
# Invents contacts of whom about a tenth stand there twice, with the errors of
# people who type: the same ones each time.
#
#	awk -v n=100000 -v truth=FILE -f doubles.awk
#
# Lines of contacts with ids; FILE gets the ids of each double, the first one
# before the second.  -v seed=N: others.

# Park and Miller, as in gen.awk.
function rnd(limit) {
	seed = seed * 16807 % 2147483647
	return int(seed / 2147483647 * limit)
}

# Whether one of so many.
function one_in(many) {
	return rnd(many) == 0
}

function pick(list, size) {
	return list[rnd(size) + 1]
}

function word(syllables, s) {
	s = ""
	while (syllables-- > 0)
		s = s pick(onset, n_onset) pick(rime, n_rime)
	return toupper(substr(s, 1, 1)) substr(s, 2)
}

# A letter left out, put in, another, or two of them the wrong way round.
function typo(s, at, how, letter) {
	at = 1 + rnd(length(s) - 1)
	how = rnd(4)
	letter = substr("abcdefghijklmnopqrstuvwxyz", 1 + rnd(26), 1)
	if (how == 0)
		return substr(s, 1, at) substr(s, at + 2)
	if (how == 1)
		return substr(s, 1, at) letter substr(s, at + 1)
	if (how == 2)
		return substr(s, 1, at) letter substr(s, at + 2)
	return substr(s, 1, at - 1) substr(s, at + 1, 1) substr(s, at, 1) \
	    substr(s, at + 2)
}

function ulid(k, s, i) {
	s = ""
	for (i = 0; i < 10; i++) {
		s = substr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 1 + k % 32, 1) s
		k = int(k / 32)
	}
	return "01HF7YAT00000000" s
}

function field(label, value) {
	if (value != "")
		printf "\t%s:%s", label, value
}

function put(given_, family_, c) {
	printf "id:%s\tkind:contact", ulid(made++)
	field("name", given_ " " family_)
	field("email", c["email"])
	field("phone", c["phone"])
	field("company", c["company"])
	field("city", c["city"])
	field("postcode", c["postcode"])
	field("birthday", c["birthday"])
	printf "\n"
}

function person(g, f, t, k, host) {
	g = pick(given, n_given)
	f = pick(family, n_family)
	if (one_in(3))
		f = f " " pick(family, n_family)
	t = rnd(n_town) + 1
	k = one_in(3) ? 0 : rnd(n_firm) + 1
	host = k > 0 ? firm_host[k] : one_in(2) ? "gmail.com" : "mail.example"
	local = tolower(g "." f)
	gsub(/ /, "", local)
	c["email"] = one_in(12) ? "" : local made "@" host
	c["phone"] = one_in(10) ? "" : "+346" 10000000 + rnd(89999999)
	c["company"] = k > 0 ? firm[k] : ""
	c["city"] = town[t]
	c["postcode"] = town_code[t] + rnd(20)
	c["birthday"] = !one_in(3) ? "" : sprintf("%d-%02d-%02d",
	    1940 + rnd(65), 1 + rnd(12), 1 + rnd(28))
	put(g, f, c)
	if (made < n && one_in(10))
		double(g, f)
}

# The one just put again, with errors, fields that are missing or others.
function double(g, f, how, swap) {
	how = rnd(6)
	if (how == 0 || how == 4)
		g = typo(g)
	if (how == 1 || how == 4)
		f = typo(f)
	if (how == 2) {
		swap = g
		g = f
		f = swap
	}
	if (how == 3)
		g = substr(g, 1, 1)
	# An address has one owner: an alias, elsewhere, or none.
	if (one_in(2))
		sub(/@/, "+news@", c["email"])
	else if (one_in(2))
		sub(/@.*/, "@other.example", c["email"])
	else
		c["email"] = ""
	if (one_in(4))
		c["phone"] = ""
	else if (one_in(8))
		c["phone"] = "+346" 10000000 + rnd(89999999)
	if (one_in(4))
		c["postcode"] = ""
	if (one_in(4))
		c["city"] = ""
	if (one_in(3))
		c["company"] = ""
	if (one_in(4))
		c["birthday"] = ""
	put(g, f, c)
	print ulid(made - 2), ulid(made - 1) >truth
}

BEGIN {
	if (seed == "")
		seed = 20260302
	n_onset = split("b c d f g l m n p r s t v z ch br tr", onset, " ")
	n_rime = split("a e i o u ia ue an en or", rime, " ")
	n_given = 400
	n_family = 3000
	n_town = 600
	n_firm = int(n / 20) + 20
	for (i = 1; i <= n_given; i++)
		given[i] = word(2 + rnd(2))
	for (i = 1; i <= n_family; i++)
		family[i] = word(2 + rnd(2))
	for (i = 1; i <= n_town; i++) {
		town[i] = word(2 + rnd(2))
		town_code[i] = 10000 + rnd(80000)
	}
	for (i = 1; i <= n_firm; i++) {
		firm[i] = word(3) " " pick(family, n_family) " SL"
		firm_host[i] = tolower(firm[i]) i ".example"
		gsub(/ /, "", firm_host[i])
	}
	made = 0
	while (made < n)
		person()
}

# SPDX-License-Identifier: MIT
# Invents customers and what happened with them, the same ones each time:
#
#	awk -v what=contact -v n=1000000 -f gen.awk
#	awk -v what=activity -v n=5000000 -v contacts=1000000 -f gen.awk
#	awk -v what=order -v n=2000000 -v contacts=1000000 -f gen.awk
#	awk -v what=life -v n=1000000 -f gen.awk
#
# -v as=tsv gives the same values as columns, for the peers.  Contacts have 14
# fields (a second tag now and then); contact N is bench/N.  Contact 1 has
# exactly 1,000 activities, where there are so many: the heavy customer of the
# benches.  A life is all the orders of one contact, as BG/NBD has them: he buys
# at his own rate until he leaves.  mawk makes a million lines in some seconds.

# Park and Miller: a product of 46 bits, exact in every awk
function rnd(limit) {
	seed = seed * 16807 % 2147483647
	return int(seed / 2147483647 * limit)
}

function pick(list, size) {
	return list[rnd(size) + 1]
}

function contact(i, g, f, c, given_, family_, mail, tag1, tag2, r) {
	g = rnd(n_given) + 1
	given_ = given[g]
	f = pick(first, n_first)
	c = pick(last, n_last)
	family_ = toupper(substr(f, 1, 1)) substr(f, 2) c
	mail = plain[g] "." f c "." i "@d" i % 5003 ".example"
	r = rnd(1000)
	if (r < 2)
		tag1 = "press"
	else if (r < 52)
		tag1 = "vip"
	else
		tag1 = tags[r % n_tags + 1]
	tag2 = r % 7 == 0 ? "expo" : ""
	city_i = rnd(n_city) + 1
	if (tsv) {
		printf "%d\t%s %s\t%s\t%s\t%s\t+346%08d\t%s\t%s\tES\t%s\t%s\t%s\t%s\t%s\t%s\n",
		    i, given_, family_, given_, family_, mail,
		    (i * 7919) % 100000000, pick(title, n_title),
		    city[city_i], pick(lang, n_lang), pick(stage, n_stage),
		    pick(owner, n_owner), tag1, tag2, pick(note, n_note)
		return
	}
	printf "name:%s %s\tgiven:%s\tfamily:%s\temail:%s\tphone:+346%08d\ttitle:%s\tcity:%s\tcountry:ES\tlang:%s\tstage:%s\towner:%s\ttag:%s\t%snote:%s\text:bench/%d\n",
	    given_, family_, given_, family_, mail, (i * 7919) % 100000000,
	    pick(title, n_title), city[city_i], pick(lang, n_lang),
	    pick(stage, n_stage), pick(owner, n_owner), tag1,
	    tag2 == "" ? "" : "tag:" tag2 "\t", pick(note, n_note), i
}

# The i-th of n instants from 2021 to 2026-02, in rising order
function instant(i, day, sec) {
	day = int(i / n * 1880)
	sec = int((i / n * 1880 - day) * 86400)
	return sprintf("%sT%02d:%02d:%02dZ", date[day], sec / 3600,
	    sec / 60 % 60, sec % 60)
}

function who(i) {
	if (i % stride == 0 && i / stride <= 1000)
		return 1
	return rnd(contacts - 1) + 2
}

function activity(i, t) {
	t = pick(type, n_type)
	if (tsv)
		printf "%d\t%s\t%d\t%s\t%s\t%d\t%s\n", i, t, who(i),
		    instant(i), pick(outcome, n_outcome), rnd(60) * 60,
		    pick(owner, n_owner)
	else
		printf "type:%s\tcontact:bench/%d\tat:%s\toutcome:%s\tduration:%ds\towner:%s\n",
		    t, who(i), instant(i), pick(outcome, n_outcome),
		    rnd(60) * 60, pick(owner, n_owner)
}

function order(i) {
	if (tsv)
		printf "%d\t%d\t%s\t%d.%02d\n", i, who(i), instant(i),
		    rnd(400) + 5, rnd(100)
	else
		printf "contact:bench/%d\tat:%s\tamount:%d.%02d\tcurrency:EUR\text:order/%d\n",
		    who(i), instant(i), rnd(400) + 5, rnd(100), i
}

# Above 0, below 1
function unit() {
	seed = seed * 16807 % 2147483647
	return seed / 2147483647
}

# Of contact i: rates are skewed, one in three leaves after an order; what he
# spends goes about a mean of his own.
function life(i, day, rate, leave, mean, cents) {
	day = unit() * 1700
	rate = -log(unit()) * unit() / 60
	leave = 1 - unit() ^ .6
	mean = 800 / (unit() + .1)
	do {
		cents = int(mean * (.25 - log(unit()) * .75)) + 1
		if (tsv)
			printf "%d\t%s\t%d.%02d\n", i, date[int(day)],
			    cents / 100, cents % 100
		else
			printf "contact:bench/%d\tat:%s\tamount:%d.%02d\tcurrency:EUR\n",
			    i, date[int(day)], cents / 100, cents % 100
		day -= log(unit()) / rate
	} while (unit() > leave && day < 1880)
}

function dates(y, m, d, k, len) {
	split("31 28 31 30 31 30 31 31 30 31 30 31", len, " ")
	k = 0
	for (y = 2021; y <= 2026; y++) {
		len[2] = y % 4 == 0 ? 29 : 28
		for (m = 1; m <= 12; m++)
			for (d = 1; d <= len[m]; d++)
				date[k++] = sprintf("%d-%02d-%02d", y, m, d)
	}
}

BEGIN {
	if (n < 1 || (what != "contact" && what != "life" && contacts < 2)) {
		print "say -v what=contact|life -v n=N; for activity and order also -v contacts=N" | "cat >&2"
		exit 1
	}
	seed = 20260302
	tsv = as == "tsv"
	n_given = split("Lucía Ana José Íñigo Nuria Álvaro Begoña Xoán Martín Rocío Emma Oliver Chloë Henry Zoë Maeve Siobhán Jürgen Łukasz Søren Carmen Javier Laura Sergio Elena Andrés Pablo Beatriz Raúl Noemí", given, " ")
	split("lucia ana jose inigo nuria alvaro begona xoan martin rocio emma oliver chloe henry zoe maeve siobhan jurgen lukasz soren carmen javier laura sergio elena andres pablo beatriz raul noemi", plain, " ")
	n_first = split("gar mar lo san fer ro gon pe gi mu al nu or va re be ca do es fi her ib jim ka len mon nav ol par qui ram sal tor ur ver wal xi yan zub bren", first, " ")
	n_last = split("cia tin pez chez nandez mez rez gado naz varez ribas dell tega rrero ton son ley ford well mann", last, " ")
	n_city = split("Madrid|Málaga|Logroño|A Coruña|Donostia|Barcelona|Valencia|Sevilla|Cádiz|Zaragoza|Bristol|Leeds", city, "|")
	n_title = split("Gerente|Jefa de compras|Sumiller|Directora de eventos|Owner|Buyer|Head of purchasing|Administración", title, "|")
	n_lang = split("es es es en ca", lang, " ")
	n_stage = split("lead lead qualified customer customer customer former", stage, " ")
	n_owner = split("ana marta luis beth", owner, " ")
	n_tags = split("tinto blanco club gold gifts events horeca wholesale cata-2025 natural", tags, " ")
	n_note = split("Prefiere llamadas por la mañana|Pide factura siempre|Asked about tastings, twice|Interesado en catas de tinto|Never call on Mondays|Compra para regalos en diciembre", note, "|")
	n_type = split("call call call email email meeting visit note web open", type, " ")
	n_outcome = split("reached reached no-answer voicemail callback", outcome, " ")
	dates()
	stride = int(n / 1000)
	if (stride < 1)
		stride = 1
	for (i = 1; i <= n; i++)
		if (what == "contact")
			contact(i)
		else if (what == "activity")
			activity(i)
		else if (what == "life")
			life(i)
		else
			order(i)
}

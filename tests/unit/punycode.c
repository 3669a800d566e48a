/* SPDX-License-Identifier: MIT */
#include "main.h"

#include "base/arena.h"
#include "base/punycode.h"
#include "base/utf8.h"
#include "record/value.h"

/* Of RFC 3492, 7.1, and of names in use. */
static const struct sample {
	const char *text, *code;
} samples[] = {
	{ "\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587",
	    "ihqwcrb4cv8a8dqg056pqjye" },
	{ "\u05DC\u05DE\u05D4\u05D4\u05DD\u05E4\u05E9\u05D5\u05D8\u05DC"
	  "\u05D0\u05DE\u05D3\u05D1\u05E8\u05D9\u05DD\u05E2\u05D1\u05E8"
	  "\u05D9\u05EA",
	    "4dbcagdahymbxekheh6e0a7fei0b" },
	{ "3\u5E74b\u7D44\u91D1\u516B\u5148\u751F",
	    "3b-ww4c5e180e575a65lsy2b" },
	{ "m\u00FCnchen", "mnchen-3ya" },
	{ "espa\u00F1a", "espaa-rta" },
	{ "\U0001F4E7", "du8h" },
};

START_TEST(labels_go_to_punycode_and_back)
{
	uint32_t points[63], back[63];
	size_t i, k, n, got;

	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		struct str s = str_of(samples[i].text);
		struct buf out = BUF_INIT;

		for (n = 0; s.n > 0; n++) {
			k = utf8_decode(s, &points[n]);
			s = str_n(s.p + k, s.n - k);
		}
		ck_assert(punycode_encode(points, n, &out));
		ck_assert_str_eq(out.p, samples[i].code);
		ck_assert(punycode_decode(buf_str(&out), back, 63, &got));
		ck_assert_uint_eq(got, n);
		ck_assert_mem_eq(back, points, n * sizeof(*points));
		ck_assert(!punycode_decode(buf_str(&out), back, n - 1, &got));
		buf_release(&out);
	}
}
END_TEST

START_TEST(a_host_has_its_labels_as_dns_has_them)
{
	static const struct {
		const char *in, *out;
	} hosts[] = {
		{ "acme.es", "acme.es" },
		{ "ACME.es", "acme.es" },
		{ "m\u00FCnchen.de", "xn--mnchen-3ya.de" },
		{ "M\u00DCNCHEN.de", "xn--mnchen-3ya.de" },
		{ "mail.xn--mnchen-3ya.de", "mail.xn--mnchen-3ya.de" },
		{ "acme", "acme" },
		{ "127", NULL },
		{ "", NULL },
		{ "a b.es", NULL },
		/* 63 letters that take more as an A-label. */
		{ "\u00FCaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "a"
		  "aaaaaa.de",
		    NULL },
	};
	struct arena a = ARENA_INIT;
	struct str out;
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		bool good = host_alabels(str_of(hosts[i].in), &a, &out);

		ck_assert_msg(
		    good == (hosts[i].out != NULL), "%s", hosts[i].in);
		if (good)
			ck_assert_str_eq(out.p, hosts[i].out);
	}
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("punycode");
	TCase *t = tcase_create("punycode");

	tcase_add_test(t, labels_go_to_punycode_and_back);
	tcase_add_test(t, a_host_has_its_labels_as_dns_has_them);
	suite_add_tcase(s, t);
	return s;
}

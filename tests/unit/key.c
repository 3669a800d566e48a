/* SPDX-License-Identifier: MIT */
/* Order-preserving forms: STORE.md, Value bytes by type. */
#include "store/codec.h"

#include "base/date.h"
#include "record/value.h"

#include "main.h"

static struct arena arena;
static struct buf a, b;

static void
setup(void)
{
	arena_init(&arena);
	buf_init(&a);
	buf_init(&b);
}

static void
teardown(void)
{
	arena_release(&arena);
	buf_release(&a);
	buf_release(&b);
}

static uint64_t rnd = 1;

static uint64_t
pick64(void)
{
	rnd = rnd * 6364136223846793005U + 1442695040888963407U;
	return (rnd >> 33) | (rnd * 6364136223846793005U) << 31;
}

static unsigned
pick(unsigned n)
{
	return (unsigned)(pick64() % n);
}

/* Numbers of every size: all of their bits seldom matter. */
static int64_t
pick_i64(void)
{
	uint64_t v = pick64() >> pick(64);

	return pick(2) ? (int64_t)v : (int64_t)(0 - v);
}

static int
sign(int c)
{
	return (c > 0) - (c < 0);
}

static int
keys_cmp(void)
{
	return str_cmp(buf_str(&a), buf_str(&b));
}

static void
is_hex(const char *want)
{
	char got[200];
	size_t n = 0;

	for (size_t i = 0; i < a.n && n < 190; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%02x",
		    (unsigned)(unsigned char)a.p[i]);
	got[n] = '\0';
	ck_assert_str_eq(got, want);
	buf_clear(&a);
}

static struct decimal
decimal(const char *text)
{
	struct decimal d;

	ck_assert_int_eq(
	    decimal_parse(str_of(text), false, &d, NULL), DECIMAL_OK);
	return d;
}

START_TEST(text_ends_in_a_zero_byte_and_is_cut_at_400)
{
	char text[500];

	key_text(&a, STR("nunez"));
	is_hex("6e756e657a00");
	key_text(&a, STR(""));
	is_hex("00");
	memset(text, 'x', sizeof(text));
	key_text(&a, str_n(text, 400));
	ck_assert_uint_eq(a.n, 401);
	key_text(&b, str_n(text, 401));
	ck_assert_uint_eq(b.n, 401);
	ck_assert_int_eq(keys_cmp(), 0);
}
END_TEST

START_TEST(a_phone_is_its_digits_from_the_end)
{
	key_phone(&a, STR("+34627472858"));
	ck_assert(str_eq(buf_str(&a), str_n("85827472643", 12)));
	buf_clear(&a);
	key_phone(&a, STR("+34627472858;ext=12"));
	ck_assert(str_eq(buf_str(&a), str_n("85827472643", 12)));
	buf_clear(&a);
	key_phone(&a, STR("(0) 12-3"));
	ck_assert(str_eq(buf_str(&a), str_n("3210", 5)));
	buf_clear(&a);
	key_phone(&a, STR(";"));
	is_hex("00");
}
END_TEST

START_TEST(numbers_as_on_the_page)
{
	key_i64(&a, -1);
	is_hex("7fffffffffffffff");
	key_i64(&a, 0);
	is_hex("8000000000000000");
	key_i64(&a, INT64_MIN);
	is_hex("0000000000000000");
	key_i64(&a, money_scale4(123450, 2));
	is_hex("8000000000bc5ea8");
	key_i32(&a, date_from_civil(2025, 3, 9));
	is_hex("80004ebc");
	key_i64(&a, 1741539845000);
	is_hex("800001957bdd2388");
	key_i32(&a, date_from_civil(0, 3, 9));
	is_hex("7ff5059c");
	key_monthday(&a, date_from_civil(0, 3, 9));
	is_hex("0309");
	key_monthday(&a, date_from_civil(1984, 2, 29));
	is_hex("021d");
}
END_TEST

START_TEST(decimals_as_on_the_page)
{
	key_decimal(&a, decimal("1234.5"));
	is_hex("c40d233300");
	key_decimal(&a, decimal("-0.5"));
	is_hex("3fccff");
	key_decimal(&a, decimal("0"));
	is_hex("80");
	key_decimal(&a, decimal("0.000000001"));
	is_hex("b80b00");
	key_decimal(&a, decimal("1000000"));
	is_hex("c70b00");
	key_decimal(&a, decimal("999999999999999999"));
	is_hex("d264646464646464646400");
	/* Not canonical, and the same number all the same. */
	key_decimal(&a, (struct decimal){ 50, 2 });
	is_hex("c03300");
}
END_TEST

START_TEST(the_order_of_decimals_is_that_of_their_keys)
{
	for (int i = 0; i < 200000; i++) {
		int64_t limit = 1000000000000000000;
		struct decimal x = { pick_i64() % limit, pick(10) };
		struct decimal y = { pick_i64() % limit, pick(10) };

		if (pick(4) == 0)
			y = x;
		if (pick(4) == 0)
			y = (struct decimal){ x.n + (int)pick(3) - 1,
				x.places };
		buf_clear(&a);
		buf_clear(&b);
		key_decimal(&a, x);
		key_decimal(&b, y);
		ck_assert_int_eq(sign(keys_cmp()), sign(decimal_cmp(x, y)));
	}
}
END_TEST

START_TEST(the_order_of_whole_numbers_is_that_of_their_keys)
{
	for (int i = 0; i < 50000; i++) {
		int64_t x = pick_i64();
		int64_t y = pick(4) ? pick_i64() : x;

		buf_clear(&a);
		buf_clear(&b);
		key_i64(&a, x);
		key_i64(&b, y);
		ck_assert_int_eq(sign(keys_cmp()), (x > y) - (x < y));
		buf_clear(&a);
		buf_clear(&b);
		key_i32(&a, (int32_t)(x >> 32));
		key_i32(&b, (int32_t)(y >> 32));
		ck_assert_int_eq(sign(keys_cmp()),
		    ((x >> 32) > (y >> 32)) - ((x >> 32) < (y >> 32)));
	}
}
END_TEST

/* The zero byte ends a word: a longer one with the same beginning follows. */
START_TEST(the_order_of_texts_is_that_of_their_keys)
{
	for (int i = 0; i < 50000; i++) {
		char x[6], y[6];
		size_t nx = pick(6), ny = pick(6);

		for (int k = 0; k < 6; k++) {
			x[k] = (char)(1 + pick(3) * 126);
			y[k] = (char)(1 + pick(3) * 126);
		}
		buf_clear(&a);
		buf_clear(&b);
		key_text(&a, str_n(x, nx));
		key_text(&b, str_n(y, ny));
		ck_assert_int_eq(sign(keys_cmp()),
		    sign(str_cmp(str_n(x, nx), str_n(y, ny))));
	}
}
END_TEST

START_TEST(a_suffix_is_the_end_of_an_id_backwards)
{
	struct id id;

	ck_assert(id_parse(STR("01HF7YAT00JXHQEH5M3VYDK7BV"), &id));
	key_suffix(&a, &id);
	ck_assert(str_eq(buf_str(&a), STR("VB7KDYV3M5")));
}
END_TEST

/* ---- by field ---- */

static const struct field *
field(const char *kind, const char *label)
{
	const struct kind *k = schema_kind(schema_builtin(), str_of(kind));
	const struct field *f;

	ck_assert_ptr_nonnull(k);
	f = kind_field(k, str_of(label));
	ck_assert_ptr_nonnull(f);
	return f;
}

static bool
key_of(const char *kind, const char *label, const char *canon, int places)
{
	const struct field *f = field(kind, label);

	return key_value(&a, f, value_encode(f, str_of(canon), places, &arena),
	    places, &arena);
}

START_TEST(each_type_has_its_form)
{
	ck_assert(key_of("contact", "name", "Núñez", -1));
	is_hex("6e756e657a00");
	ck_assert(key_of("contact", "email", "Ines@example.com", -1));
	ck_assert(str_eq(buf_str(&a), str_n("ines@example.com", 17)));
	buf_clear(&a);
	ck_assert(key_of("contact", "tag", "ñu", -1));
	is_hex("6e7500");
	ck_assert(key_of("contact", "stage", "lead", -1));
	is_hex("6c65616400");
	ck_assert(key_of("contact", "handle", "telegram/Ana", -1));
	ck_assert(str_eq(buf_str(&a), str_n("telegram/ana", 13)));
	buf_clear(&a);
	ck_assert(key_of("contact", "phone", "+34627472858", -1));
	ck_assert(str_eq(buf_str(&a), str_n("85827472643", 12)));
	buf_clear(&a);
	ck_assert(
	    key_of("contact", "company_id", "01HF7YAT00JXHQEH5M3VYDK7BV", -1));
	is_hex("018bcfe5680097637744b41efcd99d7b");
	ck_assert(key_of("deal", "amount", "1234.50", 2));
	is_hex("8000000000bc5ea8");
	ck_assert(key_of("deal", "amount", "-1", 0));
	is_hex("7fffffffffffd8f0");
	ck_assert(key_of("deal", "close", "2025-03-09", -1));
	is_hex("80004ebc");
	ck_assert(key_of("contact", "birthday", "--03-09", -1));
	is_hex("0309");
	ck_assert(key_of("contact", "birthday", "1984-03-09", -1));
	is_hex("0309");
	ck_assert(key_of("order", "at", "2025-03-09T17:04:05Z", -1));
	is_hex("800001957bdd2388");
	ck_assert(key_of("product", "active", "true", -1));
	is_hex("01");
	ck_assert(key_of("company", "size", "-1", -1));
	is_hex("7fffffffffffffff");
}
END_TEST

START_TEST(a_day_and_a_moment_of_one_field_are_in_order)
{
	ck_assert(key_of("task", "due", "2025-03-09", -1));
	buf_adds(&b, buf_str(&a));
	buf_clear(&a);
	ck_assert(key_of("task", "due", "2025-03-09T17:04:05Z", -1));
	ck_assert_int_gt(keys_cmp(), 0);
	ck_assert_uint_eq(a.n, 8);
	ck_assert_uint_eq(b.n, 8);
	buf_clear(&a);
	ck_assert(key_of("task", "due", "2025-03-08T23:59:59Z", -1));
	ck_assert_int_lt(keys_cmp(), 0);
}
END_TEST

START_TEST(what_is_not_indexed_by_value_gives_no_key)
{
	ck_assert(!key_of("contact", "cadence", "30d", -1));
	ck_assert(!key_of("order", "item", "A-100*2@19.90", 2));
	ck_assert(!key_of("task", "repeat", "30d", -1));
	ck_assert(!key_of("deal", "amount", "12", -1));
	ck_assert_uint_eq(a.n, 0);
}
END_TEST

START_TEST(bytes_of_another_length_give_no_key)
{
	static const char *const label[][2] = { { "contact", "company_id" },
		{ "deal", "amount" }, { "deal", "close" },
		{ "contact", "birthday" }, { "order", "at" },
		{ "product", "active" }, { "company", "size" },
		{ "task", "due" } };

	for (size_t i = 0; i < sizeof(label) / sizeof(label[0]); i++)
		for (size_t n = 0; n < 20; n++) {
			struct str s = str_n("\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
					     "\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
					     "\xFF\xFF\xFF\xFF\xFF\xFF",
			    n);

			buf_clear(&a);
			if (!key_value(&a, field(label[i][0], label[i][1]), s,
				2, &arena))
				ck_assert_uint_eq(a.n, 0);
			ck_assert_uint_le(a.n, 16);
		}
}
END_TEST

START_TEST(every_index_key_of_any_text_fits_into_lmdb)
{
	char text[2000];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	key_text(&a, str_n(text, sizeof(text)));
	ck_assert_uint_le(2 + a.n + ID_BYTES, STORE_KEY_MAX);
	buf_clear(&a);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('0' + i % 10);
	key_phone(&a, str_n(text, sizeof(text)));
	ck_assert_uint_le(2 + a.n + ID_BYTES, STORE_KEY_MAX);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("key");
	TCase *t = tcase_create("key");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, text_ends_in_a_zero_byte_and_is_cut_at_400);
	tcase_add_test(t, a_phone_is_its_digits_from_the_end);
	tcase_add_test(t, numbers_as_on_the_page);
	tcase_add_test(t, decimals_as_on_the_page);
	tcase_add_test(t, the_order_of_decimals_is_that_of_their_keys);
	tcase_add_test(t, the_order_of_whole_numbers_is_that_of_their_keys);
	tcase_add_test(t, the_order_of_texts_is_that_of_their_keys);
	tcase_add_test(t, a_suffix_is_the_end_of_an_id_backwards);
	tcase_add_test(t, each_type_has_its_form);
	tcase_add_test(t, a_day_and_a_moment_of_one_field_are_in_order);
	tcase_add_test(t, what_is_not_indexed_by_value_gives_no_key);
	tcase_add_test(t, bytes_of_another_length_give_no_key);
	tcase_add_test(t, every_index_key_of_any_text_fits_into_lmdb);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: MIT */
#include "store/codec.h"

#include "base/hash.h"
#include "base/num.h"
#include "record/labels.h"

#include "main.h"

/* STORE.md's example: contact 01HF7YAT00JXHQEH5M3VYDK7BV. */
static const unsigned char example_key[ID_BYTES] = { 0x01, 0x8b, 0xcf, 0xe5,
	0x68, 0x00, 0x97, 0x63, 0x77, 0x44, 0xb4, 0x1e, 0xfc, 0xd9, 0x9d,
	0x7b };
static const unsigned char example[59] = { 0x01, 0x00, 0x01, 0x01, 0x8b, 0xcf,
	0xe5, 0x68, 0x00, 0x00, 0x00, 0x5a, 0x17, 0xc0, 0xde, 0x01, 0x2a, 0x01,
	0x03, 0x01, 0x16, 0x02, 0x20, 0x07, 0x06, 0x49, 0x6e, 0xc3, 0xa9, 0x73,
	0x20, 0x4f, 0x72, 0x74, 0x69, 0x7a, 0x69, 0x6e, 0x65, 0x73, 0x40, 0x65,
	0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x2e, 0x63, 0x6f, 0x6d, 0x76, 0x69,
	0x70, 0x3b, 0x23, 0xcb, 0x1d };

static struct arena arena;

static void
setup(void)
{
	arena_init(&arena);
}

static void
teardown(void)
{
	arena_release(&arena);
}

static const struct kind *
contact(void)
{
	return schema_kind(schema_builtin(), STR("contact"));
}

static struct row
row_start(void)
{
	struct row row = { .kind = contact(), .rev = 1, .lsn = 42, .seq = 1 };

	memcpy(row.id.b, example_key, ID_BYTES);
	row.stamp.ms = 0x018bcfe56800;
	row.stamp.node = 0x5a17c0de;
	return row;
}

static void
add(struct row *row, unsigned no, struct str v)
{
	row_add(row, &arena, kind_field_no(row->kind, no), no, v);
}

static struct row
example_row(void)
{
	struct row row = row_start();

	add(&row, LABEL_NAME, STR("Inés Ortiz"));
	add(&row, LABEL_EMAIL, STR("ines@example.com"));
	add(&row, LABEL_TAG, STR("vip"));
	return row;
}

static int
view_open(struct rowview *v, struct str value, struct err *err)
{
	return rowview_open(v, schema_builtin(), T_CONTACT,
	    str_n(example_key, ID_BYTES), value, err);
}

static void
same_rows(const struct row *a, const struct row *b)
{
	ck_assert_int_eq(id_cmp(&a->id, &b->id), 0);
	ck_assert_ptr_eq(a->kind, b->kind);
	ck_assert_uint_eq(a->flags, b->flags);
	ck_assert_int_eq(stamp_cmp(&a->stamp, &b->stamp), 0);
	ck_assert_uint_eq(a->rev, b->rev);
	ck_assert_uint_eq(a->lsn, b->lsn);
	ck_assert_uint_eq(a->seq, b->seq);
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		ck_assert_ptr_eq(a->v[i].f, b->v[i].f);
		ck_assert_uint_eq(a->v[i].no, b->v[i].no);
		ck_assert(str_eq(a->v[i].v, b->v[i].v));
		ck_assert_int_eq(a->v[i].stamped, b->v[i].stamped);
		if (a->v[i].stamped)
			ck_assert_int_eq(
			    stamp_cmp(&a->v[i].stamp, &b->v[i].stamp), 0);
	}
}

/* ---- checksums ---- */

START_TEST(the_example_of_the_page_is_written_byte_for_byte)
{
	struct row row = example_row();
	struct buf out = BUF_INIT;

	row_encode(&row, T_CONTACT, NULL, &out);
	ck_assert_uint_eq(out.n, sizeof(example));
	ck_assert_mem_eq(out.p, example, sizeof(example));
	buf_release(&out);
}
END_TEST

START_TEST(the_example_of_the_page_is_read)
{
	struct rowview v;
	struct row row, want = example_row();
	struct err err = ERR_INIT;
	size_t blobs = 9;

	ck_assert_int_eq(
	    view_open(&v, str_n(example, sizeof(example)), &err), 1);
	ck_assert_uint_eq(v.n, 3);
	ck_assert_uint_eq(v.rev, 1);
	ck_assert_uint_eq(v.lsn, 42);
	ck_assert_uint_eq(v.seq, 1);
	ck_assert_uint_eq(v.stamp.ms, 0x018bcfe56800);
	ck_assert_int_eq(row_decode(&v, &arena, &row, NULL, &blobs, &err), 0);
	same_rows(&row, &want);
	ck_assert_uint_eq(blobs, 0);
}
END_TEST

/* The unique entry of the same page: key 00 11 ines@example.com 00. */
START_TEST(the_checksum_of_a_unique_entry_is_that_of_the_page)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	struct str out;

	buf_add(&key, "\0\x11", 2);
	key_text(&key, STR("ines@example.com"));
	buf_add(&value, example_key, ID_BYTES);
	crc_add(T_X, buf_str(&key), &value);
	ck_assert_uint_eq(value.n, 20);
	ck_assert_mem_eq(value.p + 16, "\xeb\x2d\x08\x1b", 4);
	ck_assert(crc_take(T_X, buf_str(&key), buf_str(&value), &out));
	ck_assert_uint_eq(out.n, ID_BYTES);
	ck_assert(!crc_take(T_AGG, buf_str(&key), buf_str(&value), &out));
	key.p[5] ^= 1;
	ck_assert(!crc_take(T_X, buf_str(&key), buf_str(&value), &out));
	buf_release(&key);
	buf_release(&value);
}
END_TEST

START_TEST(an_empty_value_has_no_checksum_and_a_short_one_is_damaged)
{
	struct buf b = BUF_INIT;
	struct str out;

	crc_add(T_X, STR("k"), &b);
	ck_assert_uint_eq(b.n, 0);
	ck_assert(crc_take(T_X, STR("k"), STR(""), &out));
	ck_assert_uint_eq(out.n, 0);
	ck_assert(!crc_take(T_X, STR("k"), STR("abc"), &out));
	ck_assert(!crc_take(T_X, STR("k"), STR("abcd"), &out));
}
END_TEST

START_TEST(a_damaged_entry_is_named_by_tree_and_id)
{
	struct err err = ERR_INIT;

	ck_assert_int_eq(
	    crc_error(T_CONTACT, str_n(example_key, ID_BYTES), &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	ck_assert_str_eq(err.msg,
	    "contact 01HF7YAT00JXHQEH5M3VYDK7BV: damaged: "
	    "its checksum does not match");
	err_clear(&err);
	(void)crc_error(
	    T_LOG, STR("\0\0\0\0\0\0\0\x2a\0\0\0\1"), &err); /* always -1 */
	ck_assert_str_eq(
	    err.msg, "log 42.1: damaged: its checksum does not match");
	err_clear(&err);
	(void)crc_error(T_X, STR("\0\x11z"), &err);
	ck_assert_str_eq(
	    err.msg, "x 00117a: damaged: its checksum does not match");
	err_clear(&err);
	(void)crc_error(T_META, STR("sche\x1bma"), &err);
	ck_assert_str_eq(
	    err.msg, "meta sche\\x1bma: damaged: its checksum does not match");
}
END_TEST

/* ---- records ---- */

START_TEST(values_of_one_label_come_in_their_order_and_removed_ones_do_not)
{
	struct row row = row_start();
	struct rowview v;
	struct rowview_pos pos = { 0, 0, 0 };
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct str s;
	unsigned no, n = 0;
	bool blob;

	add(&row, LABEL_EMAIL, STR("a@b.es"));
	add(&row, LABEL_TAG, STR("one"));
	add(&row, LABEL_OWNER, STR(""));
	add(&row, LABEL_TAG, STR(""));
	add(&row, LABEL_TAG, STR("two"));
	row_encode(&row, T_CONTACT, NULL, &out);
	ck_assert_int_eq(view_open(&v, buf_str(&out), &err), 1);
	ck_assert(rowview_next(&v, LABEL_TAG, &pos, &s, &blob));
	ck_assert(str_eq(s, STR("one")) && !blob);
	ck_assert(rowview_next(&v, LABEL_TAG, &pos, &s, NULL));
	ck_assert(str_eq(s, STR("two")));
	ck_assert(!rowview_next(&v, LABEL_TAG, &pos, &s, NULL));
	ck_assert(!rowview_next(&v, LABEL_TAG, &pos, &s, NULL));
	pos = (struct rowview_pos){ 0, 0, 0 };
	ck_assert(!rowview_next(&v, LABEL_OWNER, &pos, &s, NULL));
	pos = (struct rowview_pos){ 0, 0, 0 };
	while (rowview_each(&v, &pos, &no, &s, &blob))
		ck_assert(str_eq(s, row.v[n++].v));
	ck_assert_uint_eq(n, 5);
	buf_release(&out);
}
END_TEST

START_TEST(stamps_and_flags_travel)
{
	struct row row = example_row(), got;
	struct rowview v;
	struct stamp st;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	row.flags = ROW_DELETED | ROW_RESTRICTED;
	row.rev = 300;
	row.lsn = UINT64_MAX;
	row.seq = UINT32_MAX;
	row.v[0].stamped = true;
	row.v[0].stamp = (struct stamp){ 0xFFFFFFFFFFFF, 7, 0xFFFFFFFF };
	row.v[2].stamped = true;
	row.v[2].stamp = (struct stamp){ 1, 0xFFFF, 2 };
	row_encode(&row, T_CONTACT, NULL, &out);
	ck_assert_uint_eq(
	    (unsigned char)out.p[1], 1 | ROW_DELETED | ROW_RESTRICTED);
	ck_assert_int_eq(view_open(&v, buf_str(&out), &err), 1);
	ck_assert(rowview_stamp(&v, 2, &st));
	ck_assert_int_eq(stamp_cmp(&st, &row.v[2].stamp), 0);
	ck_assert(!rowview_stamp(&v, 1, &st));
	ck_assert_int_eq(row_decode(&v, &arena, &got, NULL, NULL, &err), 0);
	same_rows(&got, &row);
	buf_release(&out);
}
END_TEST

START_TEST(the_longest_values_go_to_blob_until_the_record_is_short)
{
	struct row row = row_start(), got;
	struct rowview v;
	struct rowview_pos pos = { 0, 0, 0 };
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	char text[3000];
	bool blob[4], is_blob, of_slot[4];
	size_t n = 0;
	struct str s;

	memset(text, 'x', sizeof(text));
	add(&row, LABEL_NAME, STR("Ana"));
	add(&row, LABEL_NOTE, str_n(text, 900));
	add(&row, LABEL_NOTE, str_n(text, 3000));
	add(&row, LABEL_NOTE, str_n(text, 500));
	ck_assert_uint_eq(row_blobs(&row, blob), 1);
	ck_assert(blob[2] && !blob[0] && !blob[1] && !blob[3]);
	row_encode(&row, T_CONTACT, blob, &out);
	ck_assert_uint_lt(out.n, RECORD_MAX);
	ck_assert_int_eq(out.p[1], 2);
	ck_assert_int_eq(view_open(&v, buf_str(&out), &err), 1);
	for (int i = 0; i < 3; i++)
		ck_assert(rowview_next(&v, LABEL_NOTE, &pos, &s, &is_blob) &&
			  is_blob == (i == 1) && (i != 1 || s.n == BLOB_REF));
	ck_assert_int_eq(row_decode(&v, &arena, &got, of_slot, &n, &err), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert(of_slot[2] && !of_slot[1]);
	ck_assert(blob_ref_is(got.v[2].v, str_n(text, 3000)));
	ck_assert(!blob_ref_is(got.v[2].v, str_n(text, 2999)));
	ck_assert(blob_ref_len(got.v[2].v, &n) && n == 3000);
	ck_assert(!blob_ref_is(STR("short"), STR("")));
	buf_release(&out);
}
END_TEST

START_TEST(a_record_of_the_limit_stays_whole_and_one_byte_more_does_not)
{
	struct row row = row_start();
	struct buf out = BUF_INIT;
	char text[RECORD_MAX];
	bool blob[1];
	size_t n;

	memset(text, 'x', sizeof(text));
	add(&row, LABEL_NOTE, str_n(text, 1400));
	row_encode(&row, T_CONTACT, NULL, &out);
	n = 1400 + RECORD_MAX - 1 - out.n;
	row.v[0].v.n = n;
	ck_assert_uint_eq(row_blobs(&row, blob), 0);
	row.v[0].v.n = n + 1;
	ck_assert_uint_eq(row_blobs(&row, blob), 1);
	buf_release(&out);
}
END_TEST

START_TEST(many_short_values_cannot_be_shortened)
{
	struct row row = row_start();
	struct buf out = BUF_INIT;
	struct rowview v;
	struct err err = ERR_INIT;
	bool blob[256];

	for (int i = 0; i < 256; i++)
		add(&row, LABEL_TAG, STR("12345678"));
	ck_assert_uint_eq(row_blobs(&row, blob), 0);
	row_encode(&row, T_CONTACT, blob, &out);
	ck_assert_int_eq(view_open(&v, buf_str(&out), &err), 1);
	ck_assert_uint_eq(v.n, 256);
	buf_release(&out);
}
END_TEST

START_TEST(a_number_that_the_schema_does_not_know_is_carried_through)
{
	struct row row = row_start(), got;
	struct rowview v;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	add(&row, 40000, STR("of another time"));
	row_encode(&row, T_CONTACT, NULL, &out);
	ck_assert_int_eq(view_open(&v, buf_str(&out), &err), 1);
	ck_assert_int_eq(row_decode(&v, &arena, &got, NULL, NULL, &err), 0);
	ck_assert_ptr_null(got.v[0].f);
	same_rows(&got, &row);
	buf_release(&out);
}
END_TEST

START_TEST(the_currency_tells_the_places)
{
	struct row row = row_start();
	struct rowview v;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	row.kind = schema_kind(schema_builtin(), STR("deal"));
	row_encode(&row, T_CONTACT, NULL, &out);
	ck_assert_int_eq(view_open(&v, buf_str(&out), &err), 1);
	ck_assert_int_eq(rowview_places(&v), -1);
	buf_clear(&out);
	add(&row, LABEL_CURRENCY, STR("JPY"));
	row_encode(&row, T_CONTACT, NULL, &out);
	ck_assert_int_eq(view_open(&v, buf_str(&out), &err), 1);
	ck_assert_int_eq(rowview_places(&v), 0);
	buf_release(&out);
}
END_TEST

static uint64_t rnd = 1;

static unsigned
pick(unsigned n)
{
	rnd = rnd * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(rnd >> 33) % n;
}

static struct row
random_row(void)
{
	static char text[2000];
	struct row row = row_start();
	unsigned n = pick(20);

	memset(text, 'r', sizeof(text));
	row.rev = (uint64_t)1 << pick(64);
	row.lsn = (uint64_t)1 << pick(64);
	row.seq = pick(1000);
	row.flags = pick(4) << 2;
	for (unsigned i = 0; i < n; i++) {
		unsigned no = 1 + pick(40);

		add(&row, no, str_n(text, pick(3) ? pick(30) : pick(2000)));
		if (pick(4) == 0) {
			row.v[i].stamped = true;
			row.v[i].stamp.ms = pick(1u << 30);
		}
	}
	return row;
}

START_TEST(what_is_written_is_read)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	for (int i = 0; i < 2000; i++) {
		struct row row = random_row(), got;
		struct rowview v;

		buf_clear(&out);
		buf_addz(&out, "before");
		row_encode(&row, T_CONTACT, NULL, &out);
		ck_assert_int_eq(
		    view_open(&v, str_sub(buf_str(&out), 6, out.n), &err), 1);
		ck_assert_int_eq(
		    row_decode(&v, &arena, &got, NULL, NULL, &err), 0);
		same_rows(&got, &row);
		arena_clear(&arena);
	}
	buf_release(&out);
}
END_TEST

START_TEST(every_flip_and_every_cut_of_a_record_is_noticed)
{
	unsigned char b[sizeof(example)];
	struct rowview v;

	for (size_t i = 0; i < sizeof(b) * 8; i++) {
		struct err err = ERR_INIT;

		memcpy(b, example, sizeof(b));
		b[i / 8] ^= (unsigned char)(1u << i % 8);
		ck_assert_int_eq(view_open(&v, str_n(b, sizeof(b)), &err), -1);
		ck_assert_int_eq(err.status, STATUS_IO);
	}
	for (size_t n = 0; n < sizeof(b); n++) {
		struct err err = ERR_INIT;

		ck_assert_int_eq(view_open(&v, str_n(example, n), &err), -1);
		ck_assert_int_eq(err.status, STATUS_IO);
	}
}
END_TEST

/* Bytes that are wrong under a right checksum: of a program gone mad. */
START_TEST(no_bytes_under_a_right_checksum_lead_out_of_the_record)
{
	struct buf b = BUF_INIT;
	unsigned opened = 0;

	for (int i = 0; i < 200000; i++) {
		struct rowview v;
		struct row row;
		struct err err = ERR_INIT;
		size_t n = sizeof(example) - 4 - pick(4);

		buf_clear(&b);
		buf_add(&b, example, n);
		for (unsigned k = 1 + pick(3); k > 0; k--)
			b.p[pick((unsigned)n)] = (char)pick(256);
		crc_add(T_CONTACT, str_n(example_key, ID_BYTES), &b);
		if (view_open(&v, buf_str(&b), &err) < 0) {
			ck_assert_int_eq(err.status, STATUS_IO);
			continue;
		}
		opened++;
		ck_assert_int_eq(
		    row_decode(&v, &arena, &row, NULL, NULL, &err), 0);
		ck_assert_uint_eq(row.n, v.n);
		for (size_t k = 0; k < row.n; k++)
			ck_assert(row.v[k].v.p >= b.p &&
				  row.v[k].v.p + row.v[k].v.n <= b.p + b.n - 4);
		arena_clear(&arena);
	}
	ck_assert_uint_gt(opened, 1000);
	buf_release(&b);
}
END_TEST

START_TEST(a_kind_without_schema_and_a_strange_version_are_damage)
{
	struct buf b = BUF_INIT;
	struct rowview v;
	struct err err = ERR_INIT;

	buf_add(&b, example, sizeof(example) - 4);
	b.p[2] = 63;
	crc_add(T_CONTACT, str_n(example_key, ID_BYTES), &b);
	ck_assert_int_eq(view_open(&v, buf_str(&b), &err), -1);
	ck_assert_str_eq(err.msg,
	    "contact 01HF7YAT00JXHQEH5M3VYDK7BV: damaged: "
	    "its kind is not in the schema");
	buf_clear(&b);
	err_clear(&err);
	buf_add(&b, example, sizeof(example) - 4);
	b.p[0] = 2;
	crc_add(T_CONTACT, str_n(example_key, ID_BYTES), &b);
	ck_assert_int_eq(view_open(&v, buf_str(&b), &err), -1);
	ck_assert_int_eq(err.status, STATUS_IO);
	buf_release(&b);
}
END_TEST

#define CUT "its header is cut"
#define WRONG "its header is wrong"
#define STAMPS "its stamps are wrong"
#define TWELVE "abcdefghijkl"

START_TEST(each_part_of_a_header_is_judged)
{
	/* What follows the stamp; NULL: it is read. */
	static const struct {
		struct str tail;
		unsigned flags;
		const char *what;
	} rows[] = {
		{ STR_INIT("\1\1\1\0"), 0, NULL },
		{ STR_INIT("\x80\x80\x80\x80"), 0, CUT },
		{ STR_INIT("\1\x80\x80\x80"), 0, CUT },
		{ STR_INIT("\1\1\x80\x80"), 0, CUT },
		{ STR_INIT("\1\1\1\x80"), 0, CUT },
		{ STR_INIT("\1\1\1\x80\x80\4"), 0, WRONG },
		{ STR_INIT("\1\1\x80\x80\x80\x80\20\0"), 0, WRONG },
		{ STR_INIT("\1\1\1\1"), 0, CUT },
		{ STR_INIT("\1\1\1\1\1"), 0, CUT },
		{ STR_INIT("\1\1\1\1\x81\1\0"), 0, NULL },
		{ STR_INIT("\1\1\1\1\x80\x80\4\0"), 0, WRONG },
		{ STR_INIT("\1\1\1\1\1\x80\x80\x80\x80\20"), 0, WRONG },
		{ STR_INIT("\1\1\1\1\1\3a"), 0, WRONG },
		{ STR_INIT("\1\1\1\1\1\2"), 0, "its length is wrong" },
		{ STR_INIT("\1\1\1\1\1\0a"), 0, "its length is wrong" },
		{ STR_INIT("\1\1\1\0"), 1, STAMPS },
		{ STR_INIT("\1\1\1\0\1"), 1, STAMPS },
		{ STR_INIT("\1\1\1\1\1\0\1"), 1, STAMPS },
		{ STR_INIT("\1\1\1\1\1\0\1\1" TWELVE), 1, STAMPS },
		{ STR_INIT("\1\1\1\1\1\0\1\0abcdefghijk"), 1, STAMPS },
		{ STR_INIT("\1\1\1\1\1\0\1\0" TWELVE), 1, NULL },
	};
	struct buf b = BUF_INIT;
	struct rowview v;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		int rc;

		buf_clear(&b);
		buf_add(&b, example, 15);
		b.p[1] = (char)rows[i].flags;
		buf_adds(&b, rows[i].tail);
		crc_add(T_CONTACT, str_n(example_key, ID_BYTES), &b);
		rc = view_open(&v, buf_str(&b), &err);
		ck_assert_msg(rc == (rows[i].what == NULL ? 1 : -1),
		    "row %zu: %s", i, err.msg);
		if (rows[i].what != NULL)
			ck_assert_msg(strstr(err.msg, rows[i].what) != NULL,
			    "row %zu: %s", i, err.msg);
	}
	buf_release(&b);
}
END_TEST

START_TEST(a_record_under_a_key_that_is_no_id_is_damaged)
{
	struct buf b = BUF_INIT;
	struct str key = str_n(example_key, ID_BYTES - 1);
	struct err err = ERR_INIT;
	struct rowview v;

	buf_add(&b, example, sizeof(example) - 4);
	crc_add(T_CONTACT, key, &b);
	ck_assert_int_eq(rowview_open(&v, schema_builtin(), T_CONTACT, key,
			     buf_str(&b), &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "its key is no id"));
	buf_release(&b);
}
END_TEST

START_TEST(what_stands_for_a_long_text_has_8_bytes)
{
	unsigned char ref[BLOB_REF];
	bool blob[2] = { true, true };
	struct row row = row_start();
	struct rowview_pos pos = { 0 };
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct rowview v;
	struct str value;
	size_t n = 0;
	unsigned no;

	blob_ref(STR("text"), ref);
	ck_assert(blob_ref_len(str_n(ref, BLOB_REF), &n));
	ck_assert_uint_eq(n, 4);
	ck_assert(!blob_ref_len(str_n(ref, BLOB_REF - 1), &n));
	ck_assert(blob_ref_is(str_n(ref, BLOB_REF), STR("text")));
	ck_assert(!blob_ref_is(str_n(ref, BLOB_REF), STR("texT")));
	ck_assert(!blob_ref_is(str_n(ref, BLOB_REF - 1), STR("text")));
	/* A removed field is never there. */
	add(&row, LABEL_NOTE, STR("text"));
	add(&row, LABEL_TITLE, STR(""));
	row_encode(&row, T_CONTACT, blob, &out);
	ck_assert_int_eq(view_open(&v, buf_str(&out), &err), 1);
	ck_assert(rowview_each(&v, &pos, &no, &value, NULL));
	ck_assert(str_eq(value, str_n(ref, BLOB_REF)));
	ck_assert(rowview_each(&v, &pos, &no, &value, NULL));
	ck_assert_uint_eq(value.n, 0);
	ck_assert(!rowview_each(&v, &pos, &no, &value, NULL));
	buf_release(&out);
}
END_TEST

/* ---- timeline ---- */

START_TEST(a_timeline_row_has_20_bytes_and_comes_back)
{
	struct tl_row row = { 4, TL_OUT | TL_PERSON, 300, 2, -123456 }, got;
	struct id subject, rec, id;
	unsigned char key[TL_KEY];
	struct buf out = BUF_INIT;
	int64_t ms;

	memcpy(subject.b, example_key, ID_BYTES);
	id_make(1700000000000, &rec);
	tl_key(&subject, -5, &rec, key);
	tl_encode(&row, key, &out);
	ck_assert_uint_eq(out.n, 20);
	ck_assert_mem_eq(out.p, "\x04\x06\x01\x2c\0\2\0\0", 8);
	ck_assert(tl_decode(str_n(key, TL_KEY), buf_str(&out), &got, &ms, &id));
	ck_assert_int_eq(ms, -5);
	ck_assert_int_eq(id_cmp(&id, &rec), 0);
	ck_assert_int_eq(got.kind, 4);
	ck_assert_int_eq(got.dir, TL_OUT | TL_PERSON);
	ck_assert_int_eq(got.type, 300);
	ck_assert_int_eq(got.state, 2);
	ck_assert_int_eq(got.amount, -123456);
	ck_assert(
	    tl_decode(str_n(key, TL_KEY), buf_str(&out), &got, NULL, NULL));
	out.p[3] ^= 1;
	ck_assert(
	    !tl_decode(str_n(key, TL_KEY), buf_str(&out), &got, &ms, &id));
	ck_assert(!tl_decode(str_n(key, TL_KEY), STR("short"), &got, &ms, &id));
	ck_assert(!tl_decode(STR("short"), buf_str(&out), &got, &ms, &id));
	buf_release(&out);
}
END_TEST

START_TEST(timeline_keys_are_in_the_order_of_time)
{
	static const int64_t times[] = { INT64_MIN, -1000, -1, 0, 1,
		1700000000000, INT64_MAX };
	struct id subject = { { 0 } }, rec = { { 9 } };
	unsigned char a[TL_KEY], b[TL_KEY];

	for (size_t i = 1; i < sizeof(times) / sizeof(times[0]); i++) {
		tl_key(&subject, times[i - 1], &rec, a);
		tl_key(&subject, times[i], &rec, b);
		ck_assert_int_lt(memcmp(a, b, TL_KEY), 0);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("codec");
	TCase *t = tcase_create("codec");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_example_of_the_page_is_written_byte_for_byte);
	tcase_add_test(t, the_example_of_the_page_is_read);
	tcase_add_test(t, the_checksum_of_a_unique_entry_is_that_of_the_page);
	tcase_add_test(
	    t, an_empty_value_has_no_checksum_and_a_short_one_is_damaged);
	tcase_add_test(t, a_damaged_entry_is_named_by_tree_and_id);
	tcase_add_test(
	    t, values_of_one_label_come_in_their_order_and_removed_ones_do_not);
	tcase_add_test(t, stamps_and_flags_travel);
	tcase_add_test(
	    t, the_longest_values_go_to_blob_until_the_record_is_short);
	tcase_add_test(
	    t, a_record_of_the_limit_stays_whole_and_one_byte_more_does_not);
	tcase_add_test(t, many_short_values_cannot_be_shortened);
	tcase_add_test(
	    t, a_number_that_the_schema_does_not_know_is_carried_through);
	tcase_add_test(t, the_currency_tells_the_places);
	tcase_add_test(t, what_is_written_is_read);
	tcase_add_test(t, every_flip_and_every_cut_of_a_record_is_noticed);
	tcase_add_test(
	    t, no_bytes_under_a_right_checksum_lead_out_of_the_record);
	tcase_add_test(
	    t, a_kind_without_schema_and_a_strange_version_are_damage);
	tcase_add_test(t, each_part_of_a_header_is_judged);
	tcase_add_test(t, a_record_under_a_key_that_is_no_id_is_damaged);
	tcase_add_test(t, what_stands_for_a_long_text_has_8_bytes);
	tcase_add_test(t, a_timeline_row_has_20_bytes_and_comes_back);
	tcase_add_test(t, timeline_keys_are_in_the_order_of_time);
	suite_add_tcase(s, t);
	return s;
}

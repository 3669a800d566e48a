/* SPDX-License-Identifier: MIT */
/* Mustache: cases of our own, and the 136 required ones of the official
 * specification. */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/io.h"
#include "base/mem.h"
#include "format/mustache.h"

/* ---- values out of JSON, for the specification's data ---- */

enum jtype { J_NULL, J_FALSE, J_TRUE, J_NUMBER, J_STRING, J_ARRAY, J_OBJECT };

struct json {
	enum jtype type;
	struct str text;
	struct json *key, *first, *next; /* members and elements */
};

struct jreader {
	struct arena *a;
	const char *p;
};

static void
j_blanks(struct jreader *j)
{
	while (*j->p != '\0' && strchr(" \t\r\n", *j->p) != NULL)
		j->p++;
}

static struct str
j_string(struct jreader *j)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char *out = arena_alloc(j->a, strlen(j->p) + 1);
	size_t n = 0;

	ck_assert_int_eq(*j->p, '"');
	for (j->p++; *j->p != '"'; j->p++) {
		ck_assert_int_ne(*j->p, '\0');
		if (*j->p != '\\') {
			out[n++] = *j->p;
			continue;
		}
		j->p++;
		/* The files have no \u but for ASCII. */
		if (*j->p == 'u') {
			unsigned cp;

			ck_assert_int_eq(sscanf(j->p + 1, "%4x", &cp), 1);
			ck_assert_uint_lt(cp, 0x80);
			out[n++] = (char)cp;
			j->p += 4;
		} else {
			const char *k = strchr(from, *j->p);

			ck_assert_ptr_nonnull(k);
			out[n++] = to[k - from];
		}
	}
	j->p++;
	return str_n(out, n);
}

static struct json *
j_value(struct jreader *j)
{
	struct json *v = arena_zero(j->a, 1, sizeof(*v));
	struct json **last = &v->first;
	const char *from;

	j_blanks(j);
	from = j->p;
	switch (*j->p) {
	case '"':
		v->type = J_STRING;
		v->text = j_string(j);
		return v;
	case '{':
	case '[':
		v->type = *j->p == '{' ? J_OBJECT : J_ARRAY;
		j->p++;
		for (j_blanks(j); *j->p != '}' && *j->p != ']'; j_blanks(j)) {
			struct json *key = NULL;

			if (*j->p == ',') {
				j->p++;
				continue;
			}
			if (v->type == J_OBJECT) {
				key = j_value(j);
				j_blanks(j);
				ck_assert_int_eq(*j->p++, ':');
			}
			*last = j_value(j);
			(*last)->key = key;
			last = &(*last)->next;
		}
		j->p++;
		return v;
	default:
		while (*j->p != '\0' && strchr(",]} \n\r\t", *j->p) == NULL)
			j->p++;
		v->text = str_n(from, (size_t)(j->p - from));
		v->type = *from == 't'   ? J_TRUE
			  : *from == 'f' ? J_FALSE
			  : *from == 'n' ? J_NULL
					 : J_NUMBER;
		return v;
	}
}

static struct json *
j_get(const struct json *v, struct str name)
{
	struct json *m;

	if (v == NULL || v->type != J_OBJECT)
		return NULL;
	for (m = v->first; m != NULL; m = m->next)
		if (str_eq(m->key->text, name))
			return m;
	return NULL;
}

static struct mustache_value
j_show(const struct json *v)
{
	struct mustache_value t = { MUSTACHE_NONE, STR_NONE, v, 0 };
	const struct json *e;

	if (v == NULL)
		return t;
	switch (v->type) {
	case J_NULL:
		t.kind = MUSTACHE_FALSE;
		break;
	case J_FALSE:
		t.kind = MUSTACHE_FALSE;
		t.text = v->text;
		break;
	case J_TRUE:
		t.kind = MUSTACHE_TRUE;
		t.text = v->text;
		break;
	case J_NUMBER:
	case J_STRING:
		t.kind = MUSTACHE_TEXT;
		t.text = v->text;
		break;
	case J_ARRAY:
		t.kind = MUSTACHE_LIST;
		for (e = v->first; e != NULL; e = e->next)
			t.n++;
		break;
	case J_OBJECT:
		t.kind = MUSTACHE_MAP;
		break;
	}
	return t;
}

struct data {
	struct json *root, *partials;
	struct buf missing;
	bool refuse;
};

static struct mustache_value
data_member(void *arg, const void *view, struct str name)
{
	(void)arg;
	/* In the specification a dotted name is never one key. */
	if (str_find(name, '.') < name.n)
		return j_show(NULL);
	return j_show(j_get(view, name));
}

static struct mustache_value
data_item(void *arg, const void *view, size_t i)
{
	const struct json *v = view;
	const struct json *e = v->first;

	(void)arg;
	while (i-- > 0)
		e = e->next;
	return j_show(e);
}

static int
data_partial(void *arg, struct str name, struct str *text, struct err *err)
{
	struct data *d = arg;
	struct json *p = j_get(d->partials, name);

	if (str_eq(name, STR("never")))
		return err_set(err, STATUS_NOPERM, "never");
	if (p != NULL)
		*text = p->text;
	return p != NULL;
}

static int
data_missing(void *arg, struct str name, struct err *err)
{
	struct data *d = arg;

	buf_adds(&d->missing, name);
	buf_addc(&d->missing, ';');
	return d->refuse ? err_set(err, STATUS_DATA, "no such thing") : 0;
}

static struct json *
parse(struct arena *a, const char *text)
{
	struct jreader j = { a, text };

	return j_value(&j);
}

/* Renders text over data; the result in out, or err. */
static int
draw(struct str text, struct data *d, bool html, struct buf *out,
    struct err *err)
{
	struct mustache_source src = { text, "t", 0, 0, data_partial, d };
	struct mustache_data data = { data_member, data_item, d, data_missing };
	struct arena a = ARENA_INIT;
	struct mustache *m = NULL;
	int rc = mustache_parse(&m, &src, &a, err);

	if (rc == 0)
		rc = mustache_render(m, &data, j_show(d->root),
		    html ? mustache_escape_html : NULL, out, err);
	arena_release(&a);
	return rc;
}

static void
expect(
    const char *text, const char *data, const char *partials, const char *want)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct data d = { NULL, NULL, BUF_INIT, false };

	d.root = parse(&a, data);
	d.partials = parse(&a, partials);
	if (draw(str_of(text), &d, true, &out, &err) < 0)
		ck_assert_str_eq(err.msg, want);
	else
		ck_assert_str_eq(out.p, want);
	buf_release(&d.missing);
	buf_release(&out);
	arena_release(&a);
}

START_TEST(variables_are_escaped_for_html_unless_asked)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct data d = { NULL, NULL, BUF_INIT, false };

	expect("{{x}} {{{x}}} {{&x}}", "{\"x\":\"<A & \\\"B\\\">'\"}", "{}",
	    "&lt;A &amp; &quot;B&quot;&gt;&#39; <A & \"B\">' <A & \"B\">'");
	d.root = parse(&a, "{\"x\":\"<&>\"}");
	ck_assert_int_eq(draw(STR("{{x}}"), &d, false, &out, &err), 0);
	ck_assert_str_eq(out.p, "<&>");
	buf_release(&out);
	arena_release(&a);
}
END_TEST

START_TEST(data_is_never_expanded)
{
	expect("{{x}}{{#y}}{{.}}{{/y}}",
	    "{\"x\":\"{{y}}\",\"y\":[\"{{x}}\",\"{{{x}}}\"]}", "{}",
	    "{{y}}{{x}}{{{x}}}");
}
END_TEST

START_TEST(sections_repeat_and_inverted_ones_stand_in)
{
	expect("{{#tag}}<{{.}}>{{/tag}}{{^tag}}none{{/tag}}",
	    "{\"tag\":[\"a\",\"b\"]}", "{}", "<a><b>");
	expect(
	    "{{#tag}}<{{.}}>{{/tag}}{{^tag}}none{{/tag}}", "{}", "{}", "none");
	expect("{{#a}}x{{/a}}{{^a}}y{{/a}}", "{\"a\":\"\"}", "{}", "y");
	expect("{{#a}}{{#b}}{{c.d}}{{/b}}{{/a}}",
	    "{\"a\":{\"c\":{\"d\":\"1\"}},\"b\":true}", "{}", "1");
}
END_TEST

START_TEST(tags_alone_on_a_line_take_it_with_them)
{
	expect("a\r\n {{#x}} \r\nb\r\n{{/x}}\r\nc", "{\"x\":true}", "{}",
	    "a\r\nb\r\nc");
	expect("{{! one\n two }}\na\n  {{=<% %>=}}\n<%x%>", "{\"x\":\"1\"}",
	    "{}", "a\n1");
	expect("a {{#x}}\nb\n{{/x}} c", "{\"x\":true}", "{}", "a \nb\n c");
	expect("{{#x}}{{/x}}\n", "{}", "{}", "\n");
}
END_TEST

START_TEST(partials_are_indented_line_by_line)
{
	expect("<\n  {{>p}}\n>\n", "{\"x\":\"1\\n2\"}",
	    "{\"p\":\"a\\n{{{x}}}\\n\"}", "<\n  a\n  1\n2\n>\n");
	expect("[{{>p}}]", "{}", "{\"p\":\"q\\n\"}", "[q\n]");
	expect("[{{>none}}]", "{}", "{}", "[]");
}
END_TEST

START_TEST(an_indent_is_of_the_lines_that_a_partial_has)
{
	/* Drawn within a line, a partial has none, nor have those in it. */
	expect(" {{>p}}\n", "{}", "{\"p\":\"a\\nb {{>q}}\\n\",\"q\":\"1\\n2\"}",
	    " a\n b 1\n2\n");
	expect(" {{>p}}\n", "{}",
	    "{\"p\":\"a\\n {{>q}}\\n\",\"q\":\"1\\n2\\n\"}", " a\n  1\n  2\n");
	/* A line break of data begins no line of the partial. */
	expect(" {{>p}}", "{\"x\":\"1\\n2\",\"l\":[1,2]}",
	    "{\"p\":\"{{x}}{{x}}\\n{{#l}}\\n-{{.}}\\n{{/l}}\\n{{!c}} z\"}",
	    " 1\n21\n2\n -1\n -2\n  z");
	expect(" {{>p}}", "{}", "{\"p\":\"a{{#s}}\\n{{/s}}b\"}", " ab");
}
END_TEST

START_TEST(partials_that_never_end_are_refused)
{
	expect("{{>p}}", "{}", "{\"p\":\"x{{>p}}\"}",
	    "p:1:2: partial 'p': more than 32 within each other");
	expect("{{>p}}", "{}",
	    "{\"p\":\"{{>q}}{{>q}}\",\"q\":\"{{>p}}{{>p}}\"}",
	    "q:1:1: partial 'p': more than 32 within each other");
	/* Not deep, but without end all the same. */
	expect("{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}x"
	       "{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}",
	    "{\"a\":[1,2,3,4,5,6,7,8,9,10,11,12]}", "{}",
	    "t:1:37: the text does not come to an end");
}
END_TEST

START_TEST(a_partial_that_is_refused_refuses_the_template)
{
	expect("a {{>never}}", "{}", "{}", "never");
	expect("a {{>p}}", "{}", "{\"p\":\"{{>never}}\"}", "never");
}
END_TEST

START_TEST(a_bad_template_is_refused_with_its_place)
{
	expect("a\nb {{x", "{}", "{}", "t:2:3: a tag is not closed");
	expect("á{{x", "{}", "{}", "t:1:2: a tag is not closed");
	expect("\n\n {{#x}}\n", "{}", "{}", "t:3:2: section 'x' is not closed");
	expect("{{#x}}\n{{/y}}", "{}", "{}", "t:2:1: '/y' where 'x' is open");
	expect("{{/y}}", "{}", "{}", "t:1:1: '/y' closes no section");
	expect("{{}}", "{}", "{}", "t:1:1: a tag without a name");
	expect("{{a b}}", "{}", "{}", "t:1:1: got 'a b', wanted one name");
	expect(
	    "{{=x=}}", "{}", "{}", "t:1:1: got '=x=', wanted two delimiters");
	expect("{{=a b c=}}", "{}", "{}",
	    "t:1:1: got '=a b c=', wanted two delimiters");
	expect("{{=a 123456789012345678901234567890123=}}", "{}", "{}",
	    "t:1:1: a delimiter is longer than 32 bytes");
	expect("{{<p}}", "{}", "{}", "t:1:1: unknown tag '<p'");
	expect("{{$b}}", "{}", "{}", "t:1:1: unknown tag '$b'");
	expect("x{{>p}}", "{}", "{\"p\":\"\\n{{#\"}",
	    "p:2:1: a tag is not closed");
}
END_TEST

START_TEST(a_text_may_begin_within_a_file)
{
	struct mustache_source src = { STR("x {{"), "a.txt", 3, 10, NULL,
		NULL };
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct mustache *m;

	ck_assert_int_eq(mustache_parse(&m, &src, &a, &err), -1);
	ck_assert_str_eq(err.msg, "a.txt:3:12: a tag is not closed");
	ck_assert_int_eq(err.status, STATUS_DATA);
	arena_release(&a);
}
END_TEST

START_TEST(nesting_and_size_are_bounded)
{
	struct buf text = BUF_INIT;
	int i;

	for (i = 0; i < 33; i++)
		buf_addz(&text, "{{#x}}");
	expect(text.p, "{}", "{}", "t:1:193: sections nest deeper than 32");
	buf_clear(&text);
	for (i = 0; i < 10001; i++)
		buf_addz(&text, "{{x}}");
	expect(text.p, "{}", "{}", "t:1:50001: more than 10000 tags");
	buf_release(&text);
}
END_TEST

START_TEST(missing_names_are_told_unless_a_section_asks)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct data d = { NULL, NULL, BUF_INIT, false };

	d.root = parse(&a, "{\"x\":\"1\",\"n\":null,\"m\":{\"o\":1}}");
	d.partials = parse(&a, "{\"p\":\"{{w}}\"}");
	ck_assert_int_eq(
	    draw(STR("{{x}}{{y}}{{n}}{{#z}}{{z}}{{/z}}{{z}}{{^w}}{{w}}{{>p}}"
		     "{{/w}}{{a.b}}{{#m}}{{m.no}}{{mno}}{{/m}}"),
		&d, true, &out, &err),
	    0);
	ck_assert_str_eq(out.p, "1");
	ck_assert_str_eq(d.missing.p, "y;z;a.b;mno;");
	d.refuse = true;
	ck_assert_int_eq(draw(STR("{{y}}"), &d, true, &out, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(err.msg, "no such thing");
	buf_release(&d.missing);
	buf_release(&out);
	arena_release(&a);
}
END_TEST

static bool
note_name(void *arg, struct str name, enum mustache_use use,
    const struct mustache_place *place)
{
	struct buf *out = arg;

	buf_adds(out, name);
	buf_addz(out, use == MUSTACHE_VALUE ? "" : "?");
	buf_addf(out, "(%s:%u:%u) ", place->name, place->line, place->column);
	return !str_eq(name, STR("stop"));
}

START_TEST(a_template_tells_what_it_asks_for)
{
	struct arena a = ARENA_INIT;
	struct mustache *m;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct data d = { NULL, NULL, BUF_INIT, false };
	struct mustache_source src = { STR("{{a}}{{#b}}{{b}}{{.}}{{b.e}}{{/b}}"
					   "\n{{{c.d}}}{{>p}}{{!x}}{{>no}}"),
		"t", 0, 0, data_partial, &d };

	d.partials = parse(&a, "{\"p\":\"{{>p}}\\n{{q}}\"}");
	ck_assert_int_eq(mustache_parse(&m, &src, &a, &err), 0);
	ck_assert(mustache_names(m, note_name, &out));
	ck_assert_str_eq(out.p, "a(t:1:1) b?(t:1:6) b?(t:1:12) b.e?(t:1:22) "
				"c.d(t:2:1) q(p:2:1) ");
	buf_clear(&out);
	src.text = STR("{{a}}{{stop}}{{b}}");
	ck_assert_int_eq(mustache_parse(&m, &src, &a, &err), 0);
	ck_assert(!mustache_names(m, note_name, &out));
	ck_assert_str_eq(out.p, "a(t:1:1) stop(t:1:6) ");
	buf_release(&out);
	arena_release(&a);
}
END_TEST

START_TEST(the_official_cases_pass)
{
	static const char *const files[] = { "comments", "delimiters",
		"interpolation", "inverted", "partials", "sections" };
	struct arena a = ARENA_INIT;
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;
	size_t i, cases = 0;
	char path[64];

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct json *spec, *c;

		(void)snprintf(path, sizeof(path),
		    "tests/data/mustache/%s.json", files[i]);
		buf_clear(&text);
		ck_assert_msg(
		    io_slurp(path, 1u << 20, &text, &err) == 0, "%s", err.msg);
		spec = j_get(parse(&a, text.p), STR("tests"));
		ck_assert_ptr_nonnull(spec);
		for (c = spec->first; c != NULL; c = c->next) {
			struct data d = { j_get(c, STR("data")),
				j_get(c, STR("partials")), BUF_INIT, false };
			struct str name = j_get(c, STR("name"))->text;

			buf_clear(&out);
			err_clear(&err);
			ck_assert_msg(draw(j_get(c, STR("template"))->text, &d,
					  true, &out, &err) == 0,
			    "%s: %.*s: %s", files[i], STR_ARG(name), err.msg);
			ck_assert_msg(str_eq(buf_str(&out),
					  j_get(c, STR("expected"))->text),
			    "%s: %.*s: got '%s'", files[i], STR_ARG(name),
			    out.p);
			buf_release(&d.missing);
			cases++;
		}
	}
	ck_assert_uint_eq(cases, 136);
	buf_release(&text);
	buf_release(&out);
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("mustache");
	TCase *t = tcase_create("mustache");

	tcase_add_test(t, variables_are_escaped_for_html_unless_asked);
	tcase_add_test(t, data_is_never_expanded);
	tcase_add_test(t, sections_repeat_and_inverted_ones_stand_in);
	tcase_add_test(t, tags_alone_on_a_line_take_it_with_them);
	tcase_add_test(t, partials_are_indented_line_by_line);
	tcase_add_test(t, an_indent_is_of_the_lines_that_a_partial_has);
	tcase_add_test(t, partials_that_never_end_are_refused);
	tcase_add_test(t, a_partial_that_is_refused_refuses_the_template);
	tcase_add_test(t, a_bad_template_is_refused_with_its_place);
	tcase_add_test(t, a_text_may_begin_within_a_file);
	tcase_add_test(t, nesting_and_size_are_bounded);
	tcase_add_test(t, missing_names_are_told_unless_a_section_asks);
	tcase_add_test(t, a_template_tells_what_it_asks_for);
	tcase_add_test(t, the_official_cases_pass);
	suite_add_tcase(s, t);
	return s;
}

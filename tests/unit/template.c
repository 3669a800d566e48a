/* SPDX-License-Identifier: MIT */
/*
 * Mustache: cases of our own, and where they are found the 136 required ones
 * of the official specification.
 */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/io.h"
#include "base/mem.h"
#include "format/template.h"

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

static struct tvalue
j_tvalue(struct json *v)
{
	struct tvalue t = { TVALUE_NONE, STR_NONE, 0, v };
	struct json *e;

	if (v == NULL)
		return t;
	switch (v->type) {
	case J_NULL:
		t.type = TVALUE_FALSE;
		break;
	case J_FALSE:
		t.type = TVALUE_FALSE;
		t.text = v->text;
		break;
	case J_TRUE:
	case J_NUMBER:
	case J_STRING:
		t.type = TVALUE_TEXT;
		t.text = v->text;
		break;
	case J_ARRAY:
		t.type = TVALUE_LIST;
		for (e = v->first; e != NULL; e = e->next)
			t.n++;
		break;
	case J_OBJECT:
		t.type = TVALUE_MAP;
		break;
	}
	return t;
}

struct data {
	struct json *root, *partials;
	struct buf missing;
	bool refuse;
};

static struct tvalue
data_get(void *arg, void *ctx, struct str name)
{
	struct data *d = arg;

	if (str_eq(name, STR(".")))
		return j_tvalue(d->root);
	/* In the specification a dotted name is never one key. */
	if (str_find(name, '.') < name.n)
		return j_tvalue(NULL);
	return j_tvalue(j_get(ctx != NULL ? ctx : d->root, name));
}

static struct tvalue
data_item(void *arg, const struct tvalue *list, size_t i)
{
	struct json *v = list->p;
	struct json *e = v->first;

	(void)arg;
	while (i-- > 0)
		e = e->next;
	return j_tvalue(e);
}

static struct str
data_partial(void *arg, struct str name)
{
	struct data *d = arg;
	struct json *p = j_get(d->partials, name);

	return p != NULL ? p->text : STR_NONE;
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

/* Expands text over data; the result in out, or err. */
static int
draw(struct str text, struct data *d, bool html, struct buf *out,
    struct err *err)
{
	struct template_source src = { data_get, data_item, data_partial,
		data_missing, d };
	struct template *t = NULL;
	int rc = template_new(&t, text, err);

	if (rc == 0)
		rc = template_expand(t, &src, html, out, err);
	template_free(&t);
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
	    "&lt;A &amp; &quot;B&quot;&gt;' <A & \"B\">' <A & \"B\">'");
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

START_TEST(partials_that_never_end_are_refused)
{
	expect("{{>p}}", "{}", "{\"p\":\"x{{>p}}\"}",
	    "template: partial 'p': more than 32 within each other");
	expect("{{>p}}", "{}",
	    "{\"p\":\"{{>q}}{{>q}}\",\"q\":\"{{>p}}{{>p}}\"}",
	    "template: partial 'p': more than 32 within each other");
	/* Not deep, but without end all the same. */
	expect("{{#a}}{{#b}}{{#a}}{{#b}}{{>p}}{{/b}}{{/a}}{{/b}}{{/a}}",
	    "{\"a\":[1,2,3,4,5,6,7,8,9,10,11,12],"
	    "\"b\":[1,2,3,4,5,6,7,8,9,10,11,12]}",
	    "{\"p\":\"x\"}",
	    "template: partial 'p': more than 10000 in one text");
}
END_TEST

START_TEST(a_bad_template_is_refused_with_its_line)
{
	expect("a\nb {{x", "{}", "{}", "template: line 2: a tag is not closed");
	expect("\n\n{{#x}}\n", "{}", "{}",
	    "template: line 4: section 'x' is not closed");
	expect("{{#x}}\n{{/y}}", "{}", "{}",
	    "template: line 2: '/y' where 'x' is open");
	expect(
	    "{{/y}}", "{}", "{}", "template: line 1: '/y' closes no section");
	expect("{{}}", "{}", "{}", "template: line 1: a tag without a name");
	expect("{{a b}}", "{}", "{}",
	    "template: line 1: got 'a b', wanted one name");
	expect("{{=x=}}", "{}", "{}",
	    "template: line 1: got '=x=', wanted two delimiters");
	expect("{{=a b c=}}", "{}", "{}",
	    "template: line 1: got '=a b c=', wanted two delimiters");
	expect("{{<p}}", "{}", "{}", "template: line 1: unknown tag '<p'");
	expect("{{$b}}", "{}", "{}", "template: line 1: unknown tag '$b'");
	expect("x{{>p}}", "{}", "{\"p\":\"\\n{{#\"}",
	    "partial 'p': template: line 2: a tag is not closed");
}
END_TEST

START_TEST(nesting_and_size_are_bounded)
{
	struct buf text = BUF_INIT;
	int i;

	for (i = 0; i < 65; i++)
		buf_addz(&text, "{{#x}}");
	expect(text.p, "{}", "{}",
	    "template: line 1: sections nest deeper than 64");
	buf_clear(&text);
	for (i = 0; i < 10001; i++)
		buf_addz(&text, "{{x}}");
	expect(text.p, "{}", "{}", "template: line 1: more than 10000 tags");
	buf_release(&text);
}
END_TEST

START_TEST(missing_names_are_told_unless_a_section_asks)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct data d = { NULL, NULL, BUF_INIT, false };

	d.root = parse(&a, "{\"x\":\"1\",\"n\":null}");
	ck_assert_int_eq(
	    draw(STR("{{x}}{{y}}{{n}}{{#z}}{{z}}{{/z}}{{z}}{{^w}}{{w}}{{/w}}"
		     "{{a.b}}"),
		&d, true, &out, &err),
	    0);
	ck_assert_str_eq(out.p, "1");
	ck_assert_str_eq(d.missing.p, "y;a.b;");
	d.refuse = true;
	ck_assert_int_eq(draw(STR("{{y}}"), &d, true, &out, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(err.msg, "no such thing");
	buf_release(&d.missing);
	buf_release(&out);
	arena_release(&a);
}
END_TEST

static void
note_name(void *arg, struct str name, bool optional)
{
	struct buf *out = arg;

	buf_adds(out, name);
	buf_addz(out, optional ? "? " : " ");
}

static void
note_partial(void *arg, struct str name)
{
	note_name(arg, name, false);
}

START_TEST(a_template_tells_what_it_asks_for)
{
	struct template *t = NULL;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	ck_assert_int_eq(
	    template_new(&t,
		STR("{{a}}{{#b}}{{b}}{{.}}{{/b}}{{{c.d}}}{{>p}}{{!x}}"), &err),
	    0);
	template_names(t, note_name, &out);
	ck_assert_str_eq(out.p, "a b? b? c.d ");
	buf_clear(&out);
	template_partials(t, note_partial, &out);
	ck_assert_str_eq(out.p, "p ");
	template_free(&t);
	template_free(&t); /* safe */
	buf_release(&out);
}
END_TEST

START_TEST(the_official_cases_pass)
{
	static const char *const files[] = { "comments", "delimiters",
		"interpolation", "inverted", "partials", "sections" };
	const char *base = getenv("CRM_CORPORA");
	struct arena a = ARENA_INIT;
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;
	size_t i, cases = 0;
	char path[512];

	if (base == NULL)
		base = "../shared/data/corpora";
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct json *spec, *c;

		snprintf(path, sizeof(path), "%s/mustache/spec/specs/%s.json",
		    base, files[i]);
		buf_clear(&text);
		if (io_slurp(path, 1u << 20, &text, &err) < 0) {
			printf("skipped: corpora not found (set "
			       "CRM_CORPORA)\n");
			goto out;
		}
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
out:
	buf_release(&text);
	buf_release(&out);
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("template");
	TCase *t = tcase_create("template");

	tcase_add_test(t, variables_are_escaped_for_html_unless_asked);
	tcase_add_test(t, data_is_never_expanded);
	tcase_add_test(t, sections_repeat_and_inverted_ones_stand_in);
	tcase_add_test(t, tags_alone_on_a_line_take_it_with_them);
	tcase_add_test(t, partials_are_indented_line_by_line);
	tcase_add_test(t, partials_that_never_end_are_refused);
	tcase_add_test(t, a_bad_template_is_refused_with_its_line);
	tcase_add_test(t, nesting_and_size_are_bounded);
	tcase_add_test(t, missing_names_are_told_unless_a_section_asks);
	tcase_add_test(t, a_template_tells_what_it_asks_for);
	tcase_add_test(t, the_official_cases_pass);
	suite_add_tcase(s, t);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* The head of a template: fields by name, and what each may hold. */
#include "mail/mailing_int.h"

enum head {
	HEAD_SUBJECT,
	HEAD_FROM,
	HEAD_REPLY_TO,
	HEAD_CC,
	HEAD_PURPOSE,
	HEAD_CAMPAIGN,
	HEAD_ATTACH,
	HEAD_LIST_ID,
	HEAD_UNSUBSCRIBE,
	HEAD_X,
	HEADS = HEAD_X
};
static const char *const head_names[] = { "Subject", "From", "Reply-To", "Cc",
	"Purpose", "Campaign", "Attach", "List-Id", "Unsubscribe" };

static int
refuse_head(
    const struct loader *l, struct str name, unsigned line, struct err *err)
{
	const char *near = str_suggest(name, head_names, HEADS);

	if (near != NULL)
		err_set(err, STATUS_DATA,
		    "unknown head field '%.*s'; did you mean '%s'?",
		    STR_ARG(str_sub(name, 0, 40)), near);
	else
		err_set(err, STATUS_DATA, "unknown head field '%.*s'",
		    STR_ARG(str_sub(name, 0, 40)));
	err_add(err, "\nHead fields: Subject, From, Reply-To, Cc, Purpose, "
		     "Campaign, Attach, List-Id, Unsubscribe, X-*.");
	return err_prefix(err, "%s:%u", l->path, line);
}

static bool
is_own_name(struct str name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (!ascii_alnum((unsigned char)name.p[i]) && name.p[i] != '-')
			return false;
	return name.n > 2 && name.n <= 60 &&
	       str_ieq(str_sub(name, 0, 2), STR("X-"));
}

static int
find_head(const struct loader *l, struct str name, unsigned line,
    enum head *head, struct err *err)
{
	size_t i;

	for (i = 0; i < HEADS; i++) {
		if (str_ieq(name, str_of(head_names[i]))) {
			*head = (enum head)i;
			return 0;
		}
	}
	*head = HEAD_X;
	return is_own_name(name) ? 0 : refuse_head(l, name, line, err);
}

/* Where the template of a head field goes; NULL: it is plain text. */
static struct mustache **
head_template(struct mailing *m, enum head head)
{
	switch (head) {
	case HEAD_SUBJECT:
		return &m->subject;
	case HEAD_FROM:
		return &m->from;
	case HEAD_REPLY_TO:
		return &m->reply_to;
	case HEAD_CC:
		return &m->cc;
	case HEAD_LIST_ID:
		return &m->list_id;
	default:
		return NULL;
	}
}

static int
put_plain(struct loader *l, enum head head, struct str value, unsigned line,
    struct err *err)
{
	struct str *to = head == HEAD_PURPOSE    ? &l->m->purpose
			 : head == HEAD_CAMPAIGN ? &l->m->campaign
						 : &l->m->unsubscribe;

	if (str_search(value, STR("{{")) < value.n)
		return err_set(err, STATUS_DATA,
		    "%s:%u: %s is the same for all; it holds no tags", l->path,
		    line, head_names[head]);
	if (to->p != NULL)
		return err_set(err, STATUS_DATA, "%s:%u: a second %s", l->path,
		    line, head_names[head]);
	*to = value;
	return 0;
}

/* A field whose value is on one line by now. */
static int
put_head(struct loader *l, struct str name, struct str value, unsigned line,
    unsigned column, struct err *err)
{
	struct mustache *m = NULL, **to;
	struct mailing_head more;
	enum head head;

	if (find_head(l, name, line, &head, err) < 0)
		return -1;
	if (value.n == 0)
		return err_set(err, STATUS_DATA, "%s:%u: %.*s is empty",
		    l->path, line, STR_ARG(name));
	if (head == HEAD_PURPOSE || head == HEAD_CAMPAIGN ||
	    head == HEAD_UNSUBSCRIBE)
		return put_plain(l, head, value, line, err);
	if (mailing_part(l, value, line, column, &m, err) < 0)
		return -1;
	if (head == HEAD_ATTACH) {
		vec_push(&l->attach, m);
		return 0;
	}
	if (head == HEAD_X) {
		more.name = name;
		more.value = m;
		more.line = line;
		vec_push(&l->more, more);
		return 0;
	}
	to = head_template(l->m, head);
	if (*to != NULL)
		return err_set(err, STATUS_DATA, "%s:%u: a second %s", l->path,
		    line, head_names[head]);
	*to = m;
	return 0;
}

static struct str
next_line(struct str *rest)
{
	return str_cut(rest, '\n');
}

/* Lines that begin with a blank go on with the value. */
static struct str
unfold(struct loader *l, struct str value, struct str *rest, unsigned *lines)
{
	struct buf b = BUF_INIT;

	if (rest->n == 0 || !ascii_blank((unsigned char)rest->p[0]))
		return str_trim(value);
	buf_adds(&b, str_trim(value));
	while (rest->n > 0 && ascii_blank((unsigned char)rest->p[0])) {
		value = str_trim(next_line(rest));
		(*lines)++;
		if (value.n == 0)
			continue;
		buf_addc(&b, ' ');
		buf_adds(&b, value);
	}
	value = arena_str(l->arena, buf_str(&b));
	buf_release(&b);
	return value;
}

int
mailing_head(
    struct loader *l, struct str *text, unsigned *line, struct err *err)
{
	struct str rest = *text, field, value;
	size_t colon;
	unsigned lines = 1, at;

	while (rest.n > 0) {
		at = lines++;
		field = next_line(&rest);
		if (field.n == 0)
			break;
		colon = str_find(field, ':');
		if (colon == field.n || colon == 0 ||
		    str_find(field, ' ') < colon)
			return err_set(err, STATUS_DATA,
			    "%s:%u: got '%.*s', wanted a head field or an "
			    "empty line before the text",
			    l->path, at, STR_ARG(str_sub(field, 0, 40)));
		value = str_sub(field, colon + 1, field.n);
		field = str_sub(field, 0, colon);
		colon++;
		while (value.n > 0 && ascii_blank((unsigned char)*value.p)) {
			value = str_sub(value, 1, value.n);
			colon++;
		}
		value = unfold(l, value, &rest, &lines);
		if (put_head(l, field, value, at, (unsigned)colon + 1, err) < 0)
			return -1;
	}
	*text = rest;
	*line = lines;
	return 0;
}

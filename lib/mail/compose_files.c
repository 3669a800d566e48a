/* SPDX-License-Identifier: MIT */
/* Attachments: files below one folder, whatever the data says. */
#include "mail/compose_int.h"

#include <errno.h>
#include <unistd.h>

#include "base/io.h"

enum { FILES_MAX = 25 * 1024 * 1024 }; /* together */

static const char *
type_of(struct str name)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".pdf", "application/pdf" },
		{ ".png", "image/png" },
		{ ".jpg", "image/jpeg" },
		{ ".jpeg", "image/jpeg" },
		{ ".gif", "image/gif" },
		{ ".webp", "image/webp" },
		{ ".svg", "image/svg+xml" },
		{ ".csv", "text/csv" },
		{ ".ics", "text/calendar" },
		{ ".vcf", "text/vcard" },
		{ ".zip", "application/zip" },
		{ ".odt", "application/vnd.oasis.opendocument.text" },
		{ ".docx", "application/vnd.openxmlformats-officedocument."
			   "wordprocessingml.document" },
		{ ".xlsx", "application/vnd.openxmlformats-officedocument."
			   "spreadsheetml.sheet" },
	};
	struct str ending;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		ending = str_of(types[i].ending);
		if (name.n > ending.n &&
		    str_ieq(str_sub(name, name.n - ending.n, ending.n), ending))
			return types[i].type;
	}
	return "application/octet-stream";
}

static bool
is_cid_char(char c)
{
	return ascii_alnum((unsigned char)c) || c == '.' || c == '_' ||
	       c == '-';
}

/* Whether the HTML has `cid:NAME`. */
static bool
is_shown(struct str html, struct str name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (!is_cid_char(name.p[i]))
			return false;
	while ((i = str_search(html, STR("cid:"))) < html.n) {
		html = str_sub(html, i + 4, html.n);
		if (str_starts(html, name) &&
		    (html.n == name.n || !is_cid_char(html.p[name.n])))
			return true;
	}
	return false;
}

static int
read_file(struct composing *c, struct str path, size_t *left, struct err *err)
{
	struct mail_file f = { 0 };
	struct buf bytes = BUF_INIT;
	const char *shown =
	    arena_printf(c->arena, "Attach: %.*s", STR_ARG(path)).p;
	int fd = io_open_below(c->run->attach_dir, path);
	int rc;

	if (fd < 0)
		return err_sys(err, STATUS_DATA, errno, "%s", shown);
	rc = io_slurp_fd(fd, shown, *left, &bytes, err);
	(void)close(fd); /* only read from */
	if (rc == 0) {
		*left -= bytes.n;
		while (str_find(path, '/') < path.n)
			(void)str_cut(&path, '/');
		f.name = path;
		f.type = type_of(f.name);
		f.bytes = arena_str(c->arena, buf_str(&bytes));
		f.within = c->html.p != NULL && is_shown(c->html, f.name);
		vec_push(&c->files, f);
	}
	buf_release(&bytes);
	return rc;
}

int
compose_files(struct composing *c, struct err *err)
{
	size_t left = FILES_MAX, i;
	struct str path;

	for (i = 0; i < c->m->nattach; i++) {
		if (compose_value(c, c->m->attach[i], "Attach", &path, err) < 0)
			return -1;
		/* One that a contact has none of. */
		if (path.n == 0)
			continue;
		if (read_file(c, path, &left, err) < 0)
			return -1;
	}
	return 0;
}

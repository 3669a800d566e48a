/* SPDX-License-Identifier: MIT */
/* Templates: their files and parts. */
#include "mail/mailing_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/utf8.h"

enum {
	FILE_MAX = 1024 * 1024,
	FILES_MAX = 4 * FILE_MAX, /* with partials */
	SHOWN_MAX = 12,           /* templates that a message lists */
};

/* --- files --- */

/* Text of a file as templates have it: UTF-8 without NUL, LF line ends. */
static int
clean_text(const struct loader *l, const char *path, struct buf *text,
    struct str *out, struct err *err)
{
	struct str s = buf_str(text);
	size_t bad = utf8_check(s), i, n = 0;
	char *p;

	if (bad == s.n)
		bad = str_find(s, '\0');
	if (bad < s.n)
		return err_set(
		    err, STATUS_DATA, "%s: byte %zu is no text", path, bad + 1);
	if (str_starts(s, STR("\xEF\xBB\xBF")))
		s = str_sub(s, 3, s.n);
	p = arena_alloc(l->arena, s.n + 1);
	for (i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			p[n++] = s.p[i];
	p[n] = '\0';
	*out = str_n(p, n);
	return 0;
}

static int
read_text(struct loader *l, int fd, const char *path, struct str *out,
    struct err *err)
{
	size_t max = l->left < FILE_MAX ? l->left : FILE_MAX;
	struct buf text = BUF_INIT;
	int rc = io_slurp_fd(fd, path, max, &text, err);

	if (rc == 0) {
		l->left -= text.n;
		rc = clean_text(l, path, &text, out, err);
	}
	buf_release(&text);
	return rc;
}

/* A file that the user names: links are his.  1; 0: there is none. */
static int
read_named(struct loader *l, const char *path, struct str *out, struct err *err)
{
	/* A FIFO is not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st = { 0 };
	int rc = -1;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return err_sys(err, STATUS_NOPERM, errno, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		err_set(err, STATUS_DATA, "%s: no regular file", path);
	else if (read_text(l, fd, path, out, err) == 0)
		rc = 1;
	(void)close(fd); /* only read from */
	return rc;
}

static int
read_partial(void *arg, struct str name, struct str *text, struct err *err)
{
	struct loader *l = arg;
	struct str file;
	int fd, rc;

	if (str_find(name, '/') < name.n || name.p[0] == '.')
		return err_set(err, STATUS_DATA,
		    "%s: partial '%.*s': wanted a file beside the template",
		    l->path, STR_ARG(name));
	file = str_find(name, '.') < name.n
		   ? arena_str(l->arena, name)
		   : arena_printf(l->arena, "%.*s%s", STR_ARG(name), l->ending);
	fd = io_open_below(l->dir, file);
	if (fd < 0)
		return err_sys(
		    err, STATUS_DATA, errno, "%s: partial %s", l->path, file.p);
	rc = read_text(l, fd, file.p, text, err);
	(void)close(fd); /* only read from */
	return rc == 0 ? 1 : -1;
}

/* --- a template --- */

int
mailing_part(struct loader *l, struct str text, unsigned line, unsigned column,
    struct mustache **out, struct err *err)
{
	struct mustache_source src = { text, l->path, line, column,
		read_partial, l };

	return mustache_parse(out, &src, l->arena, err);
}

static bool
is_empty(struct str s)
{
	return str_trim(s).n == 0;
}

/* html: of the file beside it, or none. */
static int
load_text(struct loader *l, struct str text, struct str html,
    const char *html_path, struct err *err)
{
	struct mailing *m = l->m;
	unsigned line = 1;

	l->path = m->path;
	l->ending = html.p != NULL && html_path == m->path ? ".html" : ".txt";
	if (html_path == m->path) { /* it has the head itself */
		if (mailing_head(l, &html, &line, err) < 0)
			return -1;
	} else {
		if (mailing_head(l, &text, &line, err) < 0)
			return -1;
		if (html.p == NULL || !is_empty(text)) {
			if (mailing_part(l, text, line, 1, &m->text, err) < 0)
				return -1;
		}
		line = 1;
	}
	if (html.p == NULL)
		return 0;
	l->path = html_path;
	l->ending = ".html";
	return mailing_part(l, html, line, 1, &m->html, err);
}

static bool
is_name(struct str word)
{
	return word.n > 0 && str_find(word, '/') == word.n &&
	       str_find(word, '.') == word.n;
}

/* The names of a folder's templates that are nearest to one that is not there,
 * and some of them. */
static int
refuse_name(const struct loader *l, struct str word, const char *folder,
    struct err *err)
{
	DIR *d = folder != NULL ? opendir(folder) : NULL;
	VEC(const char *) names = VEC_INIT;
	const struct dirent *e;
	const char *near;
	struct buf list = BUF_INIT;
	struct str s;
	size_t i;

	/* Only looked through for a message. */
	while (d != NULL && names.n < 1000 && (e = readdir(d)) != NULL) {
		s = str_of(e->d_name);
		if (s.n > 4 && s.p[0] != '.' && str_ends(s, STR(".txt")))
			vec_push(&names,
			    arena_str(l->arena, str_sub(s, 0, s.n - 4)).p);
	}
	if (d != NULL)
		(void)closedir(d);
	near = str_suggest(word, names.v, names.n);
	if (near != NULL)
		err_set(err, STATUS_NOINPUT,
		    "no template '%.*s'; did you mean '%s'?", STR_ARG(word),
		    near);
	else
		err_set(err, STATUS_NOINPUT, "no template '%.*s' in %s",
		    STR_ARG(word), folder != NULL ? folder : "no folder");
	for (i = 0; i < names.n && i < SHOWN_MAX; i++)
		buf_addf(&list, "%s%s", i > 0 ? ", " : "", names.v[i]);
	if (names.n > 0)
		err_add(err, "\nTemplates: %s%s", list.p,
		    names.n > SHOWN_MAX ? ", ..." : ".");
	vec_release(&names);
	buf_release(&list);
	return -1;
}

/* The files of a template: *html_path is the file's own path where it is HTML
 * alone. */
static int
find_files(struct loader *l, struct str word, const char *folder,
    struct str *text, struct str *html, const char **html_path, struct err *err)
{
	struct mailing *m = l->m;
	bool named = is_name(word), alone;
	struct str stem = word, path, other;
	int got;

	if (named && folder == NULL)
		return refuse_name(l, word, folder, err);
	if (named)
		stem = arena_printf(l->arena, "%s/%.*s", folder, STR_ARG(word));
	else if (str_ends(word, STR(".txt")))
		stem.n -= 4;
	else if (str_ends(word, STR(".html")))
		stem.n -= 5;
	path = named ? arena_printf(l->arena, "%s.txt", stem.p)
		     : arena_str(l->arena, word);
	other = arena_printf(l->arena, "%.*s.html", (int)stem.n, stem.p);
	m->path = path.p;
	*html_path = other.p;
	alone = str_eq(path, other);
	got = alone ? 0 : read_named(l, path.p, text, err);
	if (got < 0 || read_named(l, other.p, html, err) < 0)
		return -1;
	if (got > 0)
		return 0;
	if (html->p != NULL && (named || alone))
		m->path = *html_path;
	else if (named)
		return refuse_name(l, word, folder, err);
	else
		return err_set(
		    err, STATUS_NOINPUT, "no template %.*s", STR_ARG(word));
	return 0;
}

/* The folder of the file: partials lie in it. */
static int
open_folder(struct loader *l, struct err *err)
{
	struct str path = str_of(l->m->path);
	const char *dir = ".";

	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	if (path.n > 0)
		dir = arena_str(l->arena, path).p;
	l->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->dir < 0)
		return err_sys(err, STATUS_NOPERM, errno, "%s", dir);
	return 0;
}

/* NAME without folder and ending. */
static struct str
bare_name(struct str path)
{
	size_t i = path.n;

	while (i > 0 && path.p[i - 1] != '/')
		i--;
	path = str_sub(path, i, path.n);
	if (str_ends(path, STR(".txt")))
		path.n -= 4;
	else if (str_ends(path, STR(".html")))
		path.n -= 5;
	return path;
}

static void *
keep(struct arena *a, const void *v, size_t n, size_t size)
{
	void *p = arena_array(a, n, size);

	if (n > 0)
		memcpy(p, v, n * size);
	return p;
}

int
mailing_load(struct mailing *m, struct str word, const char *folder,
    struct arena *arena, struct err *err)
{
	struct loader l = { .m = m, .arena = arena, .dir = -1 };
	struct str text = STR_NONE, html = STR_NONE;
	const char *html_path = NULL;
	int rc = -1;

	memset(m, 0, sizeof(*m));
	l.left = FILES_MAX;
	if (find_files(&l, word, folder, &text, &html, &html_path, err) < 0 ||
	    open_folder(&l, err) < 0 ||
	    load_text(&l, text, html, html_path, err) < 0)
		goto out;
	m->name = bare_name(str_of(m->path));
	if (m->purpose.p == NULL)
		m->purpose = STR("marketing");
	m->more = keep(arena, l.more.v, l.more.n, sizeof(*l.more.v));
	m->nmore = l.more.n;
	m->attach = keep(arena, l.attach.v, l.attach.n, sizeof(*l.attach.v));
	m->nattach = l.attach.n;
	rc = 0;
out:
	if (l.dir >= 0)
		(void)close(l.dir); /* a folder */
	vec_release(&l.more);
	vec_release(&l.attach);
	return rc;
}

/* --- names --- */

struct asking {
	bool (*fn)(void *arg, struct str name, enum mustache_use,
	    const char *where, unsigned line, unsigned column);
	void *arg;
};

static bool
ask(void *arg, struct str name, enum mustache_use use,
    const struct mustache_place *at)
{
	const struct asking *a = arg;

	return a->fn(a->arg, name, use, at->name, at->line, at->column);
}

bool
mailing_names(const struct mailing *m,
    bool (*fn)(void *arg, struct str name, enum mustache_use, const char *where,
	unsigned line, unsigned column),
    void *arg)
{
	const struct mustache *parts[] = { m->subject, m->from, m->reply_to,
		m->cc, m->list_id, m->text, m->html };
	struct asking a = { fn, arg };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i] != NULL && !mustache_names(parts[i], ask, &a))
			return false;
	for (i = 0; i < m->nmore; i++)
		if (!mustache_names(m->more[i].value, ask, &a))
			return false;
	for (i = 0; i < m->nattach; i++)
		if (!mustache_names(m->attach[i], ask, &a))
			return false;
	return true;
}

/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *(*translate)(const char *fmt)BASE_FORMAT_ARG(1);

void
err_set_translation(const char *(*fn)(const char *fmt))
{
	translate = fn;
}

const char *
err_text(const char *fmt)
{
	return translate != NULL ? translate(fmt) : fmt;
}

/*
 * After vsnprintf wanted `len` bytes for msg: a cut text must not end within
 * a character, so the bytes of one that is not whole go too.
 */
static void
cut_whole(char *msg, size_t size)
{
	size_t n = strlen(msg);
	size_t i = n;
	size_t want;
	unsigned char c;

	if (n + 1 < size)
		return;
	while (i > 0 && n - i < 4 && ((unsigned char)msg[i - 1] & 0xC0) == 0x80)
		i--;
	if (i == 0)
		return;
	c = (unsigned char)msg[i - 1];
	if (c < 0xC0)
		return;
	want = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
	if (n - (i - 1) < want)
		msg[i - 1] = '\0';
}

static void fill(char *at, size_t room, const char *fmt, va_list ap)
    BASE_PRINTF(3, 0);

static void
fill(char *at, size_t room, const char *fmt, va_list ap)
{
	int n;

	n = vsnprintf(at, room, err_text(fmt), ap);
	if (n < 0)
		at[0] = '\0';
	else if ((size_t)n >= room)
		cut_whole(at, room);
}

/* Appends z, cut at a character. */
static void
append(struct err *err, const char *z)
{
	size_t n = strlen(err->msg);
	size_t k = strlen(z);

	if (k > sizeof(err->msg) - 1 - n)
		k = sizeof(err->msg) - 1 - n;
	memcpy(err->msg + n, z, k);
	err->msg[n + k] = '\0';
	if (z[k] != '\0')
		cut_whole(err->msg, sizeof(err->msg));
}

int
err_vset(struct err *err, int status, const char *fmt, va_list ap)
{
	if (err == NULL || err->status != 0)
		return -1;
	err->status = status;
	fill(err->msg, sizeof(err->msg), fmt, ap);
	return -1;
}

int
err_set(struct err *err, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)err_vset(err, status, fmt, ap); /* always -1 */
	va_end(ap);
	return -1;
}

int
err_sys(struct err *err, int status, int errnum, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	if (err == NULL || err->status != 0)
		return -1;
	err->status = status;
	err->sys = errnum;
	va_start(ap, fmt);
	fill(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	if (strerror_r(errnum, text, sizeof(text)) != 0)
		memcpy(text, "unknown error", sizeof("unknown error"));
	if (err->msg[0] != '\0')
		append(err, ": ");
	append(err, text);
	return -1;
}

int
err_prefix(struct err *err, const char *fmt, ...)
{
	char old[ERR_MSG_MAX];
	va_list ap;

	if (err == NULL || err->status == 0)
		return -1;
	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	fill(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	append(err, ": ");
	append(err, old);
	return -1;
}

int
err_add(struct err *err, const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	if (err == NULL || err->status == 0)
		return -1;
	va_start(ap, fmt);
	fill(text, sizeof(text), fmt, ap);
	va_end(ap);
	append(err, text);
	return -1;
}

void
err_clear(struct err *err)
{
	if (err == NULL)
		return;
	err->status = 0;
	err->sys = 0;
	err->msg[0] = '\0';
}

void
bug_at(const char *file, int line, const char *what)
{
	char msg[256];
	char digits[16];
	size_t n = 0;
	size_t d = sizeof(digits);
	unsigned left = line > 0 ? (unsigned)line : 0;
	const char *part[6];

	digits[--d] = '\0';
	do {
		digits[--d] = (char)('0' + left % 10);
		left /= 10;
	} while (left != 0);
	part[0] = "bug at ";
	part[1] = file;
	part[2] = ":";
	part[3] = digits + d;
	part[4] = ": ";
	part[5] = what;
	for (size_t i = 0; i < 6; i++) {
		size_t k = strlen(part[i]);

		if (k > sizeof(msg) - 1 - n)
			k = sizeof(msg) - 1 - n;
		memcpy(msg + n, part[i], k);
		n += k;
	}
	msg[n++] = '\n';
	/* One call, whatever stdio holds; there is nobody left to tell of a
	 * failure. */
	if (write(STDERR_FILENO, msg, n) < 0)
		_exit(STATUS_BUG);
	_exit(STATUS_BUG);
}

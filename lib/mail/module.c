/* SPDX-License-Identifier: MIT */
#include "mail/module.h"

#include <dlfcn.h>
#include <unistd.h>

#include "base/buf.h"

enum { PATH_BYTES = 4096 };

static const char file_name[] = "/crm-utils/mail.so";

/* Beside the program's own folder: build/bin, what DESTDIR and PREFIX made of
 * it.  The environment has no say in what is loaded. */
static bool
beside_program(struct buf *path)
{
	char self[PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	size_t len;

	if (n <= 0 || (size_t)n >= sizeof(self) || self[0] != '/')
		return false;
	len = (size_t)n;
	for (int slashes = 0; slashes < 2 && len > 0;)
		slashes += self[--len] == '/';
	buf_add(path, self, len);
	buf_addz(path, "/lib");
	buf_addz(path, file_name);
	return access(path->p, F_OK) == 0;
}

static int
missing(const char *installed, struct err *err)
{
	return err_set(err, STATUS_UNAVAILABLE,
	    "mail.so, which reads mail, is not installed: looked in "
	    "lib/crm-utils beside the program and below %s",
	    installed);
}

static int
take(
    void *so, const char *path, const struct mail_module **out, struct err *err)
{
	const struct mail_module *m = dlsym(so, MAIL_MODULE_SYMBOL);

	if (!m || m->abi != MAIL_MODULE_ABI ||
	    m->size != sizeof(struct incoming))
		return err_set(err, STATUS_UNAVAILABLE,
		    "%s: is of another release of crm-utils", path);
	*out = m;
	return 0;
}

int
mail_module_load(const struct mail_module **out, const char *installed,
    void (*no_memory)(size_t n), struct err *err)
{
	static const struct mail_module *loaded;
	struct buf path = BUF_INIT;
	void *so = NULL;
	int rc = 0;

	if (loaded)
		goto out;
	if (!beside_program(&path)) {
		buf_clear(&path);
		buf_addz(&path, installed);
		buf_addz(&path, file_name);
		if (access(path.p, F_OK) < 0) {
			rc = missing(installed, err);
			goto out;
		}
	}
	so = dlopen(path.p, RTLD_NOW | RTLD_LOCAL);
	if (!so)
		rc = err_set(err, STATUS_UNAVAILABLE, "%s", dlerror());
	else
		rc = take(so, path.p, &loaded, err);
	if (loaded && no_memory)
		loaded->on_no_memory(no_memory);
out:
	*out = loaded;
	buf_release(&path);
	return rc;
}

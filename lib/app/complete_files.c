/* SPDX-License-Identifier: MIT */
/* Answers from the user's folders. */
#include <dirent.h>

#include "app/complete.h"
#include "app/config.h"

void
own_files(const char *below, struct str ending,
    void (*fn)(void *arg, struct str name), void *arg)
{
	struct buf folder = BUF_INIT;
	struct err none = ERR_INIT;
	struct dirent *e;
	DIR *d = NULL;

	if (config_dir("XDG_CONFIG_HOME", ".config", &folder, &none) == 0) {
		buf_addz(&folder, below);
		d = opendir(folder.p);
	}
	while (d && (e = readdir(d))) {
		struct str name = str_of(e->d_name);

		if (str_ends(name, ending) && name.p[0] != '.')
			fn(arg, str_sub(name, 0, name.n - ending.n));
	}
	if (d)
		closedir(d);
	buf_release(&folder);
}

static void
answer(void *arg, struct str name)
{
	(void)arg;
	complete_add(name, NULL);
}

void
complete_templates(void)
{
	own_files("/crm/templates", STR(".txt"), answer, NULL);
}

void
complete_maps(void)
{
	own_files("/crm/maps", STR(".yaml"), answer, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Answers from the user's folders. */
#include <dirent.h>

#include "app/complete.h"
#include "app/config.h"

static void
answer_files(const char *below, struct str ending)
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
			complete_add(str_sub(name, 0, name.n - ending.n), NULL);
	}
	if (d)
		closedir(d);
	buf_release(&folder);
}

void
complete_templates(void)
{
	answer_files("/crm/templates", STR(".txt"));
}

void
complete_maps(void)
{
	answer_files("/crm/maps", STR(".yaml"));
}

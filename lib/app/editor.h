/* SPDX-License-Identifier: MIT */
/*
 * The user's editor over a private file: $VISUAL, else $EDITOR, else vi, run
 * as git does (CLI.md section 7, RELIABILITY.md Processes).  No store is open
 * meanwhile: a child must not have it, and a person may take hours.
 */
#ifndef APP_EDITOR_H
#define APP_EDITOR_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct editor {
	struct buf dir, path; /* a folder of mode 0700 in $TMPDIR, the file */
	bool made;
};

/* Makes the folder; `name` is the file's in it.  73. */
int editor_open(struct editor *, const char *name, struct err *) BASE_MUST;
/*
 * Writes the text, runs the editor, and puts what it left into text (nothing
 * where the file is gone).  69: it is missing or failed; the file stays as it
 * is then.
 */
int editor_run(struct editor *, struct buf *text, struct err *) BASE_MUST;
/* Removes the folder with all in it; `keep`: it stays. */
void editor_close(struct editor *, bool keep);
/* Whether a person is there to mend what is refused. */
bool editor_has_person(void);

#endif

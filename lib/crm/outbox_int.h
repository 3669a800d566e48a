/* SPDX-License-Identifier: MIT */
/* What outbox.c (messages), outbox_step.c (queue, claim, result),
 * outbox_file.c and outbox_owner.c share. */
#ifndef CRM_OUTBOX_INT_H
#define CRM_OUTBOX_INT_H

#include "base/vec.h"
#include "crm/outbox.h"

enum { OWNER_HOST = 64, OWNER_TEXT = 64 };

/* A process: the name of its machine, its number, when it began in that boot.
 * Empty texts: nobody. */
struct outbox_owner {
	char host[OWNER_HOST + 1];
	char pid[OWNER_TEXT + 1];
	char started[OWNER_TEXT + 1];
};
void owner_self(struct outbox_owner *);
bool owner_same(const struct outbox_owner *, const struct outbox_owner *);
/* Of another machine nothing can be seen: it counts as alive for a day from
 * `since` on. */
bool owner_alive(const struct outbox_owner *, const struct outbox_owner *self,
    int64_t since, int64_t now);

struct outbox {
	struct db *db;
	const struct crm_env *env;
	struct outbox_owner self;
	struct buf folder; /* NAME.outbox */
	int lock;          /* of the folder; -1: none held */
	bool made;
	bool shared;          /* with the group of the store */
	VEC(struct id) fresh; /* written, not synced */
};

/* ---- outbox.c ---- */
/* The message in a row; the texts are views. */
void message_read(struct outbox *, const struct row *, struct outbox_message *);
/* A field of the row anew, none: without it. */
void message_set(struct outbox *, struct op *, struct row *, struct arena *,
    const char *label, struct str text);
/* A row that can be changed while the other stays; values are shared. */
void message_copy(struct row *to, const struct row *from, struct arena *);
void message_own(struct outbox *, struct op *, struct row *, struct arena *,
    const struct outbox_owner *);

/* ---- outbox_file.c ---- */
int files_sync(struct outbox *, struct err *) BASE_MUST;
void files_path(const struct outbox *, const struct id *, struct buf *);
/* Removes those that no message needs, unless another run is writing some. */
int files_tidy(struct outbox *, struct err *) BASE_MUST;
void files_unlock(struct outbox *);

#endif

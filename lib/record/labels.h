/* SPDX-License-Identifier: MIT */
/*
 * Numbers of built-in labels and kinds in stored records: constants of the
 * source, never reused.  One number a label over all kinds.  Labels of users'
 * fields and x.NAME are numbered by the store's dictionary from
 * LABEL_OWN_FIRST up.
 */
#ifndef RECORD_LABELS_H
#define RECORD_LABELS_H

#include "base/str.h"

enum { LABEL_OWN_FIRST = 512, KIND_OWN_FIRST = 64, ENUM_OWN_FIRST = 256 };

/* 0 / NULL where there is none. name=1 email=2 phone=3 company_id=4 stage=5
 * owner=6 tag=7 (STORE.md's example fixes 1, 2 and 7). */
unsigned label_no(struct str name);
const char *label_name(unsigned no);
unsigned kind_builtin_no(struct str name);

#endif

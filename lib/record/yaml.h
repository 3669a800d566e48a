/* SPDX-License-Identifier: MIT */
/*
 * A bounded reader of YAML events over libyaml, the only one in the project:
 * file 256 KiB, depth 32, 10,000 nodes; aliases, anchors, tags, merge keys, a
 * second document and duplicate keys are refused; every scalar is a string
 * (RELIABILITY.md, Input).  Gives a plain tree with positions.
 */
#ifndef RECORD_YAML_H
#define RECORD_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum yaml_type { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_type type;
	size_t line, col;  /* from 1 */
	bool plain;        /* a scalar without quotes (null, ~) */
	struct str s;      /* scalar */
	struct yaml **v;   /* list items; map: values */
	struct yaml **key; /* map: keys (scalars) */
	size_t n;
};

/* The only document of text; NULL root for an empty one.  err (65 or as
 * given by status): "NAME:LINE:COL: what". */
int yaml_read(struct yaml **root, struct str text, const char *name,
    struct arena *, struct err *) BASE_MUST;
/* Several documents, each within the limits (crm-add -i yaml): reads the one
 * that begins at *pos and moves it; root NULL at the end. */
int yaml_next(struct yaml **root, struct str text, size_t *pos,
    const char *name, struct arena *, struct err *) BASE_MUST;
const struct yaml *yaml_get(const struct yaml *map, const char *key);
/* Writes a scalar so that every YAML reader takes it as this string. */
void yaml_put_scalar(struct buf *, struct str);

#endif

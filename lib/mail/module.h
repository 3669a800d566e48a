/* SPDX-License-Identifier: MIT */
/*
 * The module that reads mail: lib/crm-utils/mail.so beside the folder of the
 * program.  GMime and what it needs are 18 shared objects and 4 ms of start:
 * only who reads mail pays for them.  It is loaded before the program is
 * confined, stays until the program ends, and holds its own copy of lib/base.
 */
#ifndef MAIL_MODULE_H
#define MAIL_MODULE_H

#include <stddef.h>

#include "base/err.h"
#include "mail/incoming.h"

/* Raised whenever struct incoming or the table changes. */
enum { MAIL_MODULE_ABI = 1 };
#define MAIL_MODULE_SYMBOL "crm_mail_module"

struct mail_module {
	unsigned abi;
	size_t size; /* of struct incoming */
	/* What is done where there is no memory left: base/mem.h. */
	void (*on_no_memory)(void (*fn)(size_t n));
	incoming_read_fn *read;
};

/* 69: it is not there, or of another release.  installed: the folder of
 * libraries, where it is not beside the program.  no_memory may be NULL. */
int mail_module_load(const struct mail_module **, const char *installed,
    void (*no_memory)(size_t n), struct err *) BASE_MUST;

#endif

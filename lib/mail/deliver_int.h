/* SPDX-License-Identifier: MIT */
/*
 * What the two sides of deliver.h say to each other, over a socket that keeps
 * the borders of messages.  Both are one program, so they are structs.
 */
#ifndef MAIL_DELIVER_INT_H
#define MAIL_DELIVER_INT_H

#include "mail/deliver.h"

struct deliver_order { /* the descriptor of the message travels along */
	uint64_t no;
	int64_t timeout;
	char sender[DELIVER_ADDRESS_MAX + 1], rcpt[DELIVER_ADDRESS_MAX + 1];
};
struct deliver_result {
	uint64_t no;
	int code;
	bool timed_out;
	char error[DELIVER_ERROR];
};

/* words: of the command, NULL at the end.  Returns when the other side has
 * closed the socket and nothing runs any more. */
void deliver_serve(int sock, char *const *words, size_t nwords);

#endif

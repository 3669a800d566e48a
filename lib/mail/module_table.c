/* SPDX-License-Identifier: MIT */
/* What the module shows of itself: this table and nothing else. */
#include "base/mem.h"
#include "mail/module.h"

#if defined(__GNUC__)
#define MODULE_SHOWN __attribute__((visibility("default")))
#else
#define MODULE_SHOWN
#endif

extern const struct mail_module crm_mail_module;

MODULE_SHOWN const struct mail_module crm_mail_module = {
	.abi = MAIL_MODULE_ABI,
	.size = sizeof(struct incoming),
	.on_no_memory = mem_set_handler,
	.read = incoming_read,
};

/* operations/transfer/folders.h: the mailboxes of an IMAP server to import, their order
 * and targets. Private to the folder. */
#ifndef TRANSFER_FOLDERS_H
#define TRANSFER_FOLDERS_H
#include "operations/transfer/transfer.h"

/* One listed mailbox; strings live as long as the plan. */
struct listed {
	struct listed *next;
	struct str name; /* as received       */
	char separator;  /* 0: no hierarchy   */
	struct str role; /* as in struct said */
	uint64_t messages;
};

struct listing {
	const struct listed *first;
	size_t count;
	const struct str *spaces; /* prefixes of mailboxes that are not the user's own
	                           * (RFC 2342) */
	size_t space_count;
};

/* All of them, in a, in the order of the import: views last, since they need the ids of
 * all others. */
struct transfer_folder *folders_plan(const struct listing *list, const struct transfer_rule *rules,
                                     size_t rule_count, struct arena *a);

#endif

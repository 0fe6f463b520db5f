/* operations/transfer/folders.h: which mailboxes of an IMAP server are brought, in which order,
 * and where they go. Private to the folder. */
#ifndef TRANSFER_FOLDERS_H
#define TRANSFER_FOLDERS_H
#include "operations/transfer/transfer.h"

/* One that the server lists; strings live as long as the plan. */
struct listed {
	struct listed *next;
	struct str name; /* as it came          */
	char separator;  /* 0: there are no levels */
	struct str role; /* as struct said has it */
	uint64_t messages;
};

struct listing {
	const struct listed *first;
	size_t count;
	const struct str *spaces; /* prefixes of what is not the user's own (RFC 2342) */
	size_t space_count;
};

/* All of them, in a, in the order in which they are to be brought: views last, since it must be
 * known by then what the others have. */
struct transfer_folder *folders_plan(const struct listing *list, const struct transfer_rule *rules,
                                     size_t rule_count, struct arena *a);

#endif

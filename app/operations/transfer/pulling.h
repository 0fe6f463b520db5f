/* operations/transfer/pulling.h: one mailbox during a pull: pull_look.c finds its
 * messages, pull_mailbox.c imports them. */
#ifndef TRANSFER_PULLING_H
#define TRANSFER_PULLING_H
#include "operations/transfer/pull_body.h"

struct pulling {
	struct pull *p;
	const struct transfer_folder *folder;
	struct memory_key key;
	struct memory memory; /* as it will be stored */
	uint32_t uidvalidity, exists;
	bool uids_stay; /* UIDs are persistent (RFC 4315 3, UIDNOTSTICKY) */
	struct pull_items items;
	size_t first, end; /* of the current group */
	size_t done;
};

/* Select it: uidvalidity, exists and uids_stay. */
enum err pulling_examine(struct pulling *m, struct why *why) MUST_USE;
/* Read memory, the progress of earlier runs, and items: messages that are new since or
 * were skipped; for a view, without those that mailboxes have shown. The caller frees
 * items.items, also on error. */
enum err pulling_look(struct pulling *m, struct why *why) MUST_USE;

/* Search from first to before end; NULL if none has that UID. */
struct pull_item *pull_item_find(const struct pull_items *l, size_t first, size_t end,
                                 uint32_t uid);

#endif

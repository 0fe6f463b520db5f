/* operations/transfer/pulling.h: one mailbox that is being pulled: what pull_look.c finds there,
 * pull_mailbox.c brings. */
#ifndef TRANSFER_PULLING_H
#define TRANSFER_PULLING_H
#include "operations/transfer/pull_body.h"

struct pulling {
	struct pull *p;
	const struct transfer_folder *folder;
	struct memory_key key;
	struct memory memory; /* as it will be stored */
	uint32_t uidvalidity, exists;
	bool uids_stay; /* they mean the same next time (RFC 4315 3, UIDNOTSTICKY) */
	struct pull_items items;
	size_t first, end; /* of the group that is asked for */
	size_t done;
};

/* Select it: uidvalidity, exists and uids_stay. */
enum err pulling_examine(struct pulling *m, struct why *why) MUST_USE;
/* memory: what was brought before. items: what is new since, or was left out then; of a view, those
 * that mailboxes have shown came already. The caller frees items.items, also on error. */
enum err pulling_look(struct pulling *m, struct why *why) MUST_USE;

/* Of those from first on and before end; NULL when none has that UID. */
struct pull_item *pull_item_find(const struct pull_items *l, size_t first, size_t end,
                                 uint32_t uid);

#endif

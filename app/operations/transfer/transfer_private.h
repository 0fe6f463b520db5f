/* operations/transfer/transfer_private.h: what the files of this folder share, by file. */
#ifndef TRANSFER_PRIVATE_H
#define TRANSFER_PRIVATE_H
#include "foundation/base/buf.h"
#include "operations/transfer/import.h"
#include "operations/transfer/pull_body.h"
#include "operations/transfer/remote.h"
#include "operations/transfer/transfer.h"

struct stream;

/* --- folders.c ------------------------------------------------------------------------------ */

/* The mailboxes of an IMAP server to import, their order and targets. Private to the folder. */

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

/* --- import_record.c ------------------------------------------------------------------------ */

/* An import as a record of the store: a version, 1, then the members in the order of
 * import_pack. */

enum { IMPORT_RECORD_MAX = 16 << 20 };

/* All but the id, which is in the key. b, with the maximum above, overflows if it is too
 * small. */
void import_pack(struct buf *b, const struct import *i);
/* Into a. False: the record is damaged. */
bool import_unpack(struct str record, struct arena *a, struct import *out);

/* --- pulling -------------------------------------------------------------------------------- */

/* One mailbox during a pull: pull_look.c finds its messages, pull_mailbox.c imports them. */

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

/* --- remote_body ---------------------------------------------------------------------------- */

/* A connection to the IMAP server, for remote.c and remote_open.c. */

struct remote {
	const struct transfer_pull *from;
	struct stream *stream;
	unsigned bad;
	unsigned tag;
	struct buf response;
	struct buf command;
	size_t secret; /* offset of the password in a login command */
	struct arena arena; /* of one response */
	struct buf capable; /* its last capabilities */
};

/* Read the greeting. ERR_SYNTAX: it is invalid. */
enum err remote_greet(struct remote *r, struct why *why) MUST_USE;

#endif

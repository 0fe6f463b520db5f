/* operations/transfer/pull_body.h: what the files of a pull share; pulling.h has what is of one
 * mailbox. */
#ifndef TRANSFER_PULL_BODY_H
#define TRANSFER_PULL_BODY_H
#include "foundation/base/arena.h"
#include "operations/transfer/memory.h"
#include "operations/transfer/remote.h"
#include "operations/transfer/sink.h"

enum { PULL_COMMAND_MAX = 16384 };

/* One message there. */
struct pull_item {
	uint32_t uid, size;
	uint64_t id; /* the same in every mailbox that shows it; 0: not known */
	bool came;   /* it was brought, or known                              */
	bool left;   /* it was left out, and that was told                    */
};
struct pull_items {
	struct pull_item *items; /* by UID */
	size_t count, cap;
};

struct pull {
	const struct transfer *t;
	const struct transfer_pull *from;
	struct remote *remote;
	struct sink *sink;
	struct arena arena;
	struct transfer_folder *folders;
	size_t folder_count;
	bool views;       /* there are some to be brought                     */
	struct {          /* ids of all messages of mailboxes, if there are   */
		uint64_t *items;
		size_t count, cap;
	} seen;
};

/* A command, made of a format. fn gets arg. */
enum err pull_ask(struct remote *r, remote_fn *fn, void *arg, struct why *why, const char *fmt, ...)
	PRINTF(5, 6) MUST_USE;
/* verb, the mailbox's name, and what follows. ERR_LIMIT: it cannot be said. */
enum err pull_ask_about(struct remote *r, const char *verb, struct str name, const char *rest,
                        remote_fn *fn, void *arg, struct why *why) MUST_USE;

/* pull_list.c: what there is, and where it goes, in a. */
enum err pull_list(struct remote *r, const struct transfer_pull *from, struct arena *a,
                   struct transfer_folder **out, size_t *count, struct why *why) MUST_USE;

/* pull_mailbox.c: bring one. ERR_MISSING, ERR_SYNTAX, ERR_LIMIT with the connection open: it is
 * left out, and why says why. */
enum err pull_mailbox(struct pull *p, const struct transfer_folder *f, size_t index,
                      struct why *why) MUST_USE;
/* pull_look.c: only remember what it has, for the views. */
enum err pull_note_seen(struct pull *p, const struct transfer_folder *f, struct why *why) MUST_USE;

#endif

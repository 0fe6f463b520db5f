/* operations/transfer/pull_body.h: shared by the files of a pull; transfer_private.h is about one
 * mailbox. */
#ifndef TRANSFER_PULL_BODY_H
#define TRANSFER_PULL_BODY_H
#include "foundation/base/arena.h"
#include "operations/transfer/memory.h"
#include "operations/transfer/remote.h"
#include "operations/transfer/sink.h"

enum { PULL_COMMAND_MAX = 16384 };

/* A message on the server. */
struct pull_item {
	uint32_t uid, size;
	uint64_t id; /* the same in every mailbox that shows it; 0: unknown */
	bool came;   /* it was imported, or existed already                 */
	bool left;   /* it was skipped, and that was reported               */
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
	bool views;       /* some of the folders are views                   */
	struct {          /* ids of all messages in mailboxes, for the views */
		uint64_t *items;
		size_t count, cap;
	} seen;
};

/* Send a command, made from a format. fn gets arg. */
enum err pull_ask(struct remote *r, remote_fn *fn, void *arg, struct why *why, const char *fmt, ...)
	PRINTF(5, 6) MUST_USE;
/* Send verb, the mailbox's name, and rest. ERR_LIMIT: the name cannot be sent. */
enum err pull_ask_about(struct remote *r, const char *verb, struct str name, const char *rest,
                        remote_fn *fn, void *arg, struct why *why) MUST_USE;

/* pull_list.c: list the server's mailboxes and their targets, in a. */
enum err pull_list(struct remote *r, const struct transfer_pull *from, struct arena *a,
                   struct transfer_folder **out, size_t *count, struct why *why) MUST_USE;

/* pull_mailbox.c: import one. ERR_MISSING, ERR_SYNTAX, ERR_LIMIT with the connection
 * open: it is skipped, and why has the reason. */
enum err pull_mailbox(struct pull *p, const struct transfer_folder *f, size_t index,
                      struct why *why) MUST_USE;
/* pull_look.c: only record its ids, for the views. */
enum err pull_note_seen(struct pull *p, const struct transfer_folder *f, struct why *why) MUST_USE;

#endif

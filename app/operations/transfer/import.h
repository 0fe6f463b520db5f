/* operations/transfer/import.h: a pull that the server does by itself (imports.h): what was asked
 * for, and how far it is. In the store it is space PULL; while it runs, the server's memory knows
 * better.
 *
 * The password is no part of it: it lives in the memory of the run that it was given for. */
#ifndef TRANSFER_IMPORT_H
#define TRANSFER_IMPORT_H
#include "operations/transfer/transfer.h"

struct arena;
struct txn;

enum import_state {
	IMPORT_WAITING, /* for its turn                                        */
	IMPORT_RUNNING,
	IMPORT_DONE,
	IMPORT_FAILED,      /* problem says why; run it again                  */
	IMPORT_CANCELLED,
	IMPORT_INTERRUPTED, /* the server ended: run it again, it goes on      */
	IMPORT_STATES,
};
/* "waiting" and so on. */
const char *import_state_name(enum import_state state);
/* Waiting or running. */
bool import_is_active(enum import_state state);

struct import_folder {
	struct str from, to; /* as in transfer_folder; to empty: it is left out */
	uint64_t messages, done;
	struct transfer_counts counts;
	bool ended;
};
/* Something that did not come. */
struct import_left {
	struct str folder, what, why; /* what empty: the folder itself */
};

struct import {
	uint32_t id; /* of the account's */
	/* what was asked for */
	struct str host, user;
	uint16_t port;
	bool tls_first;
	bool public_only;
	struct str roots; /* PEM; empty: those built in */
	const struct transfer_rule *rules;
	size_t rule_count;
	struct str by; /* who had it run last: an address; empty: a command */
	int64_t created_ms, started_ms, ended_ms;
	/* what came of it */
	enum import_state state;
	struct str problem; /* also of a run that tries again by itself */
	uint64_t brought, bytes;
	const struct import_folder *folders; /* LIMIT_import_folders of them at most */
	size_t folder_count;
	const struct import_left *left; /* LIMIT_import_left of them at most */
	size_t left_count;
};
/* What all folders have together. */
struct import_sums {
	uint64_t messages, done, known, skipped;
	size_t folders, ended; /* without those left out */
};
struct import_sums import_sums(const struct import *i);

/* All of it in a. */
struct import import_dup(struct arena *a, const struct import *i);

struct import_list {
	struct import *items; /* newest first */
	size_t count;
};
/* The account's, in a. */
enum err import_list(struct txn *t, uint32_t account, struct arena *a,
                     struct import_list *out) MUST_USE;
/* ERR_MISSING: there is no such one. */
enum err import_get(struct txn *t, uint32_t account, uint32_t id, struct arena *a,
                    struct import *out) MUST_USE;
/* Write. A new one, waiting; gives it its id. The oldest that has ended goes when there are
 * LIMIT_imports_kept. ERR_CONFLICT: one of the account's is active; in words. */
enum err import_add(struct txn *t, uint32_t account, struct import *i, struct why *why) MUST_USE;
/* Write. Put it to waiting again, without what came of it before; as import_add. */
enum err import_again(struct txn *t, uint32_t account, struct import *i, struct why *why) MUST_USE;
/* Write. Replace one. ERR_MISSING: it is gone. */
enum err import_put(struct txn *t, uint32_t account, const struct import *i) MUST_USE;
/* Write. Forget one; what it brought stays, and stays known. ERR_CONFLICT: it is active. */
enum err import_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why) MUST_USE;
/* Write. Forget all of an account. */
enum err import_erase(struct txn *t, uint32_t account) MUST_USE;
/* Write, a txn_fn without arg: those that were active when the server ended have been
 * interrupted. */
enum err import_sweep(struct txn *t, void *arg) MUST_USE;

/* Every row is well-formed, and of an account that exists; for transfer_fsck. */
struct fsck_report;
enum err import_fsck(struct txn *t, struct fsck_report *r) MUST_USE;

#endif

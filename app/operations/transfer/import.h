/* operations/transfer/import.h: an import from an IMAP server in the background
 * (imports.h): its parameters and progress. Stored in space PULL; while it runs, the
 * server's memory is more recent. The password is not part of it: it lives only in the
 * memory of its run. */
#ifndef TRANSFER_IMPORT_H
#define TRANSFER_IMPORT_H
#include "operations/transfer/transfer.h"

struct arena;
struct txn;

enum import_state {
	IMPORT_WAITING, /* for a free thread                                   */
	IMPORT_RUNNING,
	IMPORT_DONE,
	IMPORT_FAILED,      /* problem has the reason; can be run again        */
	IMPORT_CANCELLED,
	IMPORT_INTERRUPTED, /* the server was stopped: run it again to continue */
	IMPORT_STATES,
};
/* "waiting" and so on. */
const char *import_state_name(enum import_state state);
/* Waiting or running. */
bool import_is_active(enum import_state state);

struct import_folder {
	struct str from, to; /* as in transfer_folder; to empty: excluded */
	uint64_t messages, done;
	struct transfer_counts counts;
	bool ended;
};
/* An item that was not imported. */
struct import_left {
	struct str folder, what, why; /* what empty: the folder itself */
};

struct import {
	uint32_t id; /* within the account */
	/* parameters */
	struct str host, user;
	uint16_t port;
	bool tls_first;
	bool public_only;
	struct str roots; /* PEM; empty: the built-in ones */
	const struct transfer_rule *rules;
	size_t rule_count;
	struct str by; /* address of the user who started the last run; empty: a command */
	int64_t created_ms, started_ms, ended_ms;
	/* result */
	enum import_state state;
	struct str problem; /* also of an attempt that will be retried */
	uint64_t imported, bytes;
	const struct import_folder *folders; /* LIMIT_import_folders of them at most */
	size_t folder_count;
	const struct import_left *left; /* LIMIT_import_left of them at most */
	size_t left_count;
};
/* Sums over all folders. */
struct import_sums {
	uint64_t messages, done, known, skipped;
	size_t folders, ended; /* without excluded ones */
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
/* ERR_MISSING. */
enum err import_get(struct txn *t, uint32_t account, uint32_t id, struct arena *a,
                    struct import *out) MUST_USE;
/* Write. Add a new one, waiting; sets its id. Removes the oldest finished one if there
 * are LIMIT_imports_kept. ERR_CONFLICT: one of the account's is active; in words. */
enum err import_add(struct txn *t, uint32_t account, struct import *i, struct why *why) MUST_USE;
/* Write. Set it to waiting again, without its earlier results; as import_add. */
enum err import_again(struct txn *t, uint32_t account, struct import *i, struct why *why) MUST_USE;
/* Write. Replace one. ERR_MISSING: it was removed. */
enum err import_put(struct txn *t, uint32_t account, const struct import *i) MUST_USE;
/* Write. Remove one; its mail stays, and is still recognized by later imports.
 * ERR_CONFLICT: it is active. */
enum err import_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why) MUST_USE;
/* Write. Remove all of an account. */
enum err import_erase(struct txn *t, uint32_t account) MUST_USE;
/* Write, a txn_fn without arg: at the start, set active ones to interrupted. */
enum err import_sweep(struct txn *t, void *arg) MUST_USE;

/* Is every row well-formed, and of an existing account? For transfer_fsck. */
struct fsck_report;
enum err import_fsck(struct txn *t, struct fsck_report *r) MUST_USE;

#endif

/* model/directory/login/login_recent.h: the recent logins of an account, with source and
 * credential.
 *
 * One row for each combination of service, address, credential and outcome, with its first and last
 * time and a count, so that a phone that connects every few minutes does not push out an unexpected
 * login. LIMIT_logins_kept rows of each outcome, the oldest are removed.
 *
 * Rows are written shortly after the login, many at once, by a thread that exists only meanwhile,
 * so a login does not wait for the disk. Unwritten rows of a killed process are lost. */
#ifndef DIRECTORY_LOGIN_RECENT_H
#define DIRECTORY_LOGIN_RECENT_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct store;
struct txn;

struct login_recent {
	uint32_t account;
	bool ok;
	uint32_t app_password; /* its number; 0: the account's own password */
	struct str service, peer;
	struct str client; /* name of the client program; may be empty */
	int64_t first_ms, last_ms;
	uint64_t count; /* 0 for recents_note: only the client's name is new */
};

struct login_recent_list {
	struct login_recent *items; /* newest first */
	size_t count;
};

enum err login_recent_list(struct txn *t, uint32_t account, struct arena *a,
                           struct login_recent_list *out) MUST_USE;

struct recents;

/* s is borrowed and outlives it. */
struct recents *recents_new(struct store *s) MUST_USE;
/* Writes pending rows. NULL is a no-op; clears *r. */
void recents_free(struct recents **r);
/* Record a login of now; sets its times. Copies its data. Thread-safe. */
void recents_note(struct recents *r, const struct login_recent *seen);

#endif

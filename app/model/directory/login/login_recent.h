/* model/directory/login/login_recent.h: from where and with what an account was logged in to
 * lately.
 *
 * One row for each combination of service, address, credential and outcome, with its first and
 * last time and how often: a phone that connects every few minutes does not push out the one
 * login its owner should see. LIMIT_logins_kept rows of each outcome, the oldest go.
 *
 * Rows are written a moment after the login, many at once, by a thread that exists only
 * meanwhile: a login waits for no disk. What a killed process had not written is lost. */
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
	uint32_t app_password; /* whose number it is; 0: the account's own        */
	struct str service, peer;
	struct str client; /* as it calls itself; empty when it does not      */
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
/* Writes what waits. NULL is a no-op; clears *r. */
void recents_free(struct recents **r);
/* Something of now; its times are set here. Copies what it needs. Any thread. */
void recents_note(struct recents *r, const struct login_recent *seen);

#endif

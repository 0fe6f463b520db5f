/* console/api/access/session.h: who is logged in to the console. Kept in the store, so that a
 * restart logs nobody out. A session ends LIMIT_session_idle_s after its last use, and
 * LIMIT_session_s after its login whatever happens. Only this file's source reads and writes the
 * space SESSION. */
#ifndef API_SESSION_H
#define API_SESSION_H
#include "console/api/access/ticket.h"
#include "foundation/base/err.h"

struct kv_iter;
struct txn;

struct session {
	int64_t created_ms, used_ms;
};

/* Begin one for the ticket's account; those that have ended go, and beyond LIMIT_sessions the
 * one that was used least lately. */
enum err session_add(struct txn *t, const struct ticket *ticket, int64_t now_ms) MUST_USE;

/* ERR_MISSING: there is none, or it has ended. */
enum err session_get(struct txn *t, const struct ticket *ticket, int64_t now_ms,
                     struct session *out) MUST_USE;

enum err session_of_key(struct txn *t, const struct ticket_key *key, int64_t now_ms,
                        struct session *out) MUST_USE;

/* To be asked for when session_stale: a minute of idle time more or less is not worth a commit
 * for each call. ERR_MISSING: it is gone. */
enum err session_touch(struct txn *t, const struct ticket *ticket, int64_t now_ms) MUST_USE;
bool session_stale(const struct session *s, int64_t now_ms);

/* Log out. One that is not there is OK. */
enum err session_rm(struct txn *t, const struct ticket *ticket) MUST_USE;

/* Log an account out everywhere, but for the session with this key (api_who.session): whenever
 * its password changes, its second factor, or it goes. */
enum err sessions_end(struct txn *t, uint32_t account, struct str but) MUST_USE;

/* The row under an iterator over SPACE_SESSION; false when it cannot be read. */
bool session_read(const struct kv_iter *it, uint32_t *account, struct session *out);

#endif

/* model/directory/login/live_login.h: the logins of open sessions, and their end.
 *
 * A mail client logs in once and may stay connected for days. Its session ends when the same login
 * would fail now: the password was changed, the app password was removed or has expired, the
 * account was disabled or removed, two-factor login was turned on (after which mail clients need
 * app passwords). A session by certificate or token ends when that has expired, and also with a new
 * password of the account, because its user expects all devices to log in again. A new name, role
 * or quota ends no session.
 *
 * The trigger is in the store, so the change may come from any process: each such write increments
 * a counter (row_login_moves), which a thread reads every LIVE_LOOK_MS while there are sessions.
 * When it has changed, each login is looked up; those that ended are marked and their connections
 * woken. Cost: one row twice a second, and three rows a login after a change. */
#ifndef DIRECTORY_LIVE_LOGIN_H
#define DIRECTORY_LIVE_LOGIN_H
#include "foundation/base/list.h"
#include "model/directory/login/login.h"
#include "network/runtime/conn.h"

#include <stdatomic.h>

enum { LIVE_LOOK_MS = 500 };

struct live_logins;

/* Part of a session; all-zero is one that was not added. */
struct live_login {
	struct live_logins *of; /* NULL: not added */
	struct list link;       /* its lock        */
	uint32_t account, app_password;
	int64_t credential_ms;
	int64_t expires_ms; /* of a certificate or token; 0: never */
	struct waker waker;
	atomic_bool ended;
};

/* s is borrowed. */
struct live_logins *live_logins_new(struct store *s) MUST_USE;
/* Every login must have been removed. NULL is a no-op; clears *l. */
void live_logins_free(struct live_logins **l);

/* login is from login_check, at any earlier time: changes since then end it as well. */
void live_login_add(struct live_logins *ls, struct live_login *l, const struct login *login,
                    struct waker waker);
/* A no-op for one that was not added, or was removed. */
void live_login_remove(struct live_login *l);
/* Would the login fail now? Stays true. */
bool live_login_ended(const struct live_login *l);

/* Is the login of these fields still allowed? Lowers *until_ms to the time at which it expires. For
 * credentials that the store keeps. */
enum err live_login_stands(struct txn *t, const struct live_login *l, struct arena *a,
                           int64_t now_ms, bool *yes, int64_t *until_ms) MUST_USE;

#endif

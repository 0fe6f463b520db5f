/* model/directory/login/live_login.h: logins of sessions that last, and what ends them.
 *
 * A mail program logs in once and may stay for days. When that which let it in would not do so
 * any more, its session ends: the password was changed, the app password was removed or has
 * expired, the account was disabled or removed, two-factor login was turned on (after which mail
 * programs need app passwords). Who came by a certificate or a token leaves when that has expired,
 * and with a new password of the account too: whoever sets one wants everybody to log in again. A
 * new name, role or quota ends nothing.
 *
 * The store says so itself, so it does not matter which process made the change: each such write
 * moves a counter (row_login_moves), at which a thread looks every LIVE_LOOK_MS while anybody is
 * logged in. Where it has moved, each login is looked up, those that ended are marked and their
 * connections woken. Cost: one row twice a second, and three rows a login after a change. */
#ifndef DIRECTORY_LIVE_LOGIN_H
#define DIRECTORY_LIVE_LOGIN_H
#include "foundation/base/list.h"
#include "model/directory/login/login.h"
#include "network/runtime/conn.h"

#include <stdatomic.h>

enum { LIVE_LOOK_MS = 500 };

struct live_logins;

/* Part of a session; all zero is one that nobody looks at. */
struct live_login {
	struct live_logins *of; /* NULL: not added */
	struct list link;       /* its lock        */
	uint32_t account, app_password;
	int64_t credential_ms;
	int64_t expires_ms; /* of what is no password; 0: never */
	struct waker waker;
	atomic_bool ended;
};

/* s is borrowed. */
struct live_logins *live_logins_new(struct store *s) MUST_USE;
/* Every login must have been removed. NULL is a no-op; clears *l. */
void live_logins_free(struct live_logins **l);

/* login is of login_check, however long ago: what changed since then ends it as well. */
void live_login_add(struct live_logins *ls, struct live_login *l, const struct login *login,
                    struct waker waker);
/* One that was not added, or was removed, is a no-op. */
void live_login_remove(struct live_login *l);
/* Would it not be let in any more? Stays true. */
bool live_login_ended(const struct live_login *l);

#endif

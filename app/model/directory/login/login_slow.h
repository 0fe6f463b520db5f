/* model/directory/login/login_slow.h: logins that are delayed before they are checked, after
 * failures.
 *
 * Attempts with the same key are serialised, with a fixed interval, over all connections. A delay
 * blocks a thread, so few are allowed: an eighth of the threads that serve connections, at most
 * LIMIT_login_slowed, and half of them for one key. */
#ifndef DIRECTORY_LOGIN_SLOW_H
#define DIRECTORY_LOGIN_SLOW_H
#include "foundation/base/str.h"

struct login_slow;

struct login_slow *login_slow_new(void) MUST_USE;
/* NULL is a no-op; clears *s. No thread may wait any more. */
void login_slow_free(struct login_slow **s);
/* The number of threads that serve connections; at first, enough for LIMIT_login_slowed. */
void login_slow_workers(struct login_slow *s, unsigned workers);
/* Block this thread until the next slot of key. False, at once: too many wait. */
bool login_slow_wait(struct login_slow *s, struct str key, int64_t ms) MUST_USE;

#endif

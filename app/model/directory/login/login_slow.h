/* model/directory/login/login_slow.h: logins that wait before they are checked, because somebody
 * has guessed.
 *
 * Tries with the same key follow each other, each so long after the one before, however many
 * connections they come by. A wait holds a thread, so there are few: an eighth of the threads that
 * serve connections, at most LIMIT_login_slowed, and half of them for one key. */
#ifndef DIRECTORY_LOGIN_SLOW_H
#define DIRECTORY_LOGIN_SLOW_H
#include "foundation/base/str.h"

struct login_slow;

struct login_slow *login_slow_new(void) MUST_USE;
/* NULL is a no-op; clears *s. Nobody may wait any more. */
void login_slow_free(struct login_slow **s);
/* How many threads serve connections; before, as many as LIMIT_login_slowed needs. */
void login_slow_workers(struct login_slow *s, unsigned workers);
/* Wait on this thread for the next turn of key. False, at once: too many wait. */
bool login_slow_wait(struct login_slow *s, struct str key, int64_t ms) MUST_USE;

#endif

/* model/directory/login/known_network.h: the networks from which an account has logged in.
 *
 * One row for each: a /24 of IPv4 or a /64 of IPv6, and the day of its last login. An account has
 * at most LIMIT_login_networks rows; the one with the oldest login is replaced. A network is known
 * for LIMIT_login_known_s. Failures from other networks never lock a login for a known network
 * (login.h); the rows are in the store, so a restart does not end this protection. Further logins
 * from a known network write once a day at most. */
#ifndef DIRECTORY_KNOWN_NETWORK_H
#define DIRECTORY_KNOWN_NETWORK_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct addr;
struct txn;

enum { KNOWN_NETWORK_KEY = 1 + 8 };

/* The network of an address, in to; empty: none (a socket of this machine). */
struct str known_network_key(const struct addr *a, char to[static KNOWN_NETWORK_KEY]);

/* ERR_MISSING: not known at now_ms. */
enum err known_network_find(struct txn *t, uint32_t account, struct str network,
                            int64_t now_ms) MUST_USE;
/* Record a successful login from there. */
enum err known_network_put(struct txn *t, uint32_t account, struct str network,
                           int64_t now_ms) MUST_USE;

/* For fsck: the account of a row, and whether the row is well-formed. */
struct kv_iter;
bool known_network_read(const struct kv_iter *it, uint32_t *account);

#endif

/* model/directory/login/known_network.h: the networks from which an account has logged in.
 *
 * A row for each: a /24 of IPv4, a /64 of IPv6, and the day of its last login. An account has
 * LIMIT_login_networks of them at most; the one whose last login is the oldest makes way. A network
 * is known for LIMIT_login_known_s. Failures by strangers never lock a login for a known network
 * (login.h), so the rows are kept in the store: a restart must not open that door. A login from a
 * network that is known already writes once a day at most. */
#ifndef DIRECTORY_KNOWN_NETWORK_H
#define DIRECTORY_KNOWN_NETWORK_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct addr;
struct txn;

enum { KNOWN_NETWORK_KEY = 1 + 8 };

/* The network of an address, in to; empty: it has none (a socket of this machine). */
struct str known_network_key(const struct addr *a, char to[static KNOWN_NETWORK_KEY]);

/* ERR_MISSING: it is not known now. */
enum err known_network_find(struct txn *t, uint32_t account, struct str network,
                            int64_t now_ms) MUST_USE;
/* A login from there succeeded. */
enum err known_network_put(struct txn *t, uint32_t account, struct str network,
                           int64_t now_ms) MUST_USE;

/* For fsck: the account of a row, and whether the row can be read. */
struct kv_iter;
bool known_network_read(const struct kv_iter *it, uint32_t *account);

#endif

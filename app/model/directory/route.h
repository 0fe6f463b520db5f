/* model/directory/route.h: addresses that name other addresses: the targets of aliases and the
 * catch-alls of domains; for this folder only.
 *
 * A target at a domain of ours may carry a tag ("user+tag"), and which byte begins a tag is
 * a setting that can change. So here a target counts as naming "user" when any byte that
 * is no letter or digit follows that name. */
#ifndef DIRECTORY_ROUTE_H
#define DIRECTORY_ROUTE_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct txn;

/* ERR_MISSING unless the address is a row, or would be with a tag cut off. Folded. */
enum err route_exists(struct txn *t, const struct mailaddr *address) MUST_USE;

/* OK when an account, alias or group could get this address: ERR_MISSING without its domain,
 * ERR_CONFLICT when somebody has it. Folded. */
enum err route_free(struct txn *t, const struct mailaddr *address, struct why *why) MUST_USE;

/* What has this address: "account", "group", "alias" or "list"; static. */
struct route_row;
const char *route_kind(const struct route_row *row);

/* Its address as text in a; a pattern as it is, without quotes. */
struct str route_text(struct arena *a, const struct route_row *row);

/* Read a target as an administrator types it: in normal form when it is at a domain of
 * ours, where it must exist, else as it is. ERR_SYNTAX, ERR_MISSING. */
enum err route_target_parse(struct txn *t, struct str text, struct mailaddr *out,
                            struct why *why) MUST_USE;

/* Who sends mail to this address, or, when its local part is empty, to any address of its
 * domain: the first such alias or catch-all of another domain, in words in txn_arena.
 * ERR_MISSING when nobody does. */
enum err route_user_find(struct txn *t, struct mailaddr address, struct str *user) MUST_USE;

/* The row of this address is gone: take it out of all aliases and catch-alls, and with it
 * the aliases that have no other target, and so on. */
enum err route_forget(struct txn *t, struct mailaddr address) MUST_USE;

#endif

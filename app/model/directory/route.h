/* model/directory/route.h: addresses that refer to other addresses: the targets of aliases and the
 * catch-alls of domains; for this folder only.
 *
 * A local target may have a tag ("user+tag"), and the separator is a setting that can change. So a
 * target refers to "user" when any byte other than a letter or digit follows that name. */
#ifndef DIRECTORY_ROUTE_H
#define DIRECTORY_ROUTE_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct txn;

/* ERR_MISSING unless the address has a row, also without its tag. Folded. */
enum err route_exists(struct txn *t, const struct mailaddr *address) MUST_USE;

/* OK when an account, alias or group could get this address: ERR_MISSING without its domain,
 * ERR_CONFLICT when the address exists. Folded. */
enum err route_free(struct txn *t, const struct mailaddr *address, struct why *why) MUST_USE;

/* The kind of its owner: "account", "group", "alias" or "list"; static. */
struct route_row;
const char *route_kind(const struct route_row *row);

/* Its address as text in a; a pattern without quotes. */
struct str route_text(struct arena *a, const struct route_row *row);

/* Parse a target as an administrator types it. A local one is in normal form and must exist; a
 * remote one is unchanged. ERR_SYNTAX, ERR_MISSING. */
enum err route_target_parse(struct txn *t, struct str text, struct mailaddr *out,
                            struct why *why) MUST_USE;

/* The first reference to this address or, when its local part is empty, to any address of its
 * domain: an alias or catch-all of another domain, in words in txn_arena. ERR_MISSING when there is
 * none. */
enum err route_user_find(struct txn *t, struct mailaddr address, struct str *user) MUST_USE;

/* After the row of this address was deleted: remove it from all aliases and catch-alls, then the
 * aliases without another target, and so on. */
enum err route_forget(struct txn *t, struct mailaddr address) MUST_USE;

#endif

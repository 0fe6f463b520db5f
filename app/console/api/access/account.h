/* console/api/access/account.h: an account as a whole: what directory/ and mailbox/ each keep of
 * it. */
#ifndef API_ACCOUNT_H
#define API_ACCOUNT_H
#include "model/directory/directory.h"

struct store;

/* account_add, and the mailboxes of a new user. Write transaction. id may be NULL.
 * ERR_SYNTAX: new->name has control characters. */
enum err account_create(struct txn *t, const struct account_new *new, uint32_t *id,
                        struct why *why) MUST_USE;
/* Hash a new password for the account of this address. Not inside a transaction. ERR_SYNTAX:
 * password_rule.h's; else as credential_make. *hash lives in a. */
enum err account_password_hash(struct store *s, struct str password, struct str address,
                               struct arena *a, struct str *hash, struct why *why) MUST_USE;
/* account_change. Write transaction. ERR_SYNTAX: to->name has control characters. */
enum err account_alter(struct txn *t, const struct account *to, struct why *why) MUST_USE;
/* account_rm, and all the mail, sessions and tokens. Write transaction. */
enum err account_destroy(struct txn *t, struct str address, struct why *why) MUST_USE;

#endif

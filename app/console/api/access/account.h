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
 * password_check's; else as credential_make. *hash lives in a. */
enum err account_password_hash(struct store *s, struct str password, struct str address,
                               struct arena *a, struct str *hash, struct why *why) MUST_USE;
/* account_change. Write transaction. ERR_SYNTAX: to->name has control characters. */
enum err account_alter(struct txn *t, const struct account *to, struct why *why) MUST_USE;
/* account_rm, and all the mail, sessions and tokens. Write transaction. */
enum err account_destroy(struct txn *t, struct str address, struct why *why) MUST_USE;

/* --- password_rule.c ----------------------------------------------------------------------- */

/* Which passwords people may choose, and how hard one is to guess. One rule wherever a
 * password is set: console, setup, command line, environment (NIST SP 800-63B 5.1.1.2: length, and
 * none that is guessed at once; no rules about kinds of characters). */

/* 0 (at once) to 4 (not in a lifetime), against somebody who has the hash and knows the
 * address. *advice is static, empty from 3 on. Pure. */
int password_strength(struct str password, struct str address, struct str *advice);

/* May the account of this address have it? ERR_SYNTAX, with a sentence for the person: shorter
 * than LIMIT_password_least, no text that a login could carry (RFC 4616 2: UTF-8 without NUL), the
 * account's own name in it, or of strength 0, as everything is that leaked lists begin with.
 * Pure. */
enum err password_check(struct str password, struct str address, struct why *why) MUST_USE;

#endif

/* model/directory/role.h: the administrative rights of an account; for this folder only. */
#ifndef DIRECTORY_ROLE_H
#define DIRECTORY_ROLE_H
#include "model/directory/row.h"

/* Put role and domains into row, in normal form; domains count for ROLE_ADMIN only. ERR_MISSING:
 * one of them is not local; ERR_LIMIT: more than admin_domains. They live in txn_arena. */
enum err role_set(struct txn *t, enum role role, struct str domains, struct account_row *row,
                  struct why *why) MUST_USE;

/* Remove a deleted domain from all domain administrators. */
enum err role_domain_forget(struct txn *t, struct str domain) MUST_USE;

#endif

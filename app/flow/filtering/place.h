/* flow/filtering/place.h: the mailbox and the flags that an action names (struct action_place). */
#ifndef FILTERING_PLACE_H
#define FILTERING_PLACE_H
#include "model/envelope/action.h"
#include "model/mailbox/flags.h"
#include "model/mailbox/mailbox.h"

/* Does the place name a mailbox at all? If not, it is the one where the message would be without
 * filters. */
bool place_given(const struct action_place *place);

/* By id, else by special use, else by name. Write if place->create. ERR_MISSING: there is no such
 * mailbox, or its name is not valid. */
enum err place_find(const struct mail_txn *m, const struct action_place *place,
                    struct mailbox *out) MUST_USE;

/* The mailbox of a MAILBOXID, "F1-7" (RFC 9042). ERR_MISSING. */
enum err place_find_id(const struct mail_txn *m, struct str id, struct mailbox *out) MUST_USE;

/* The role of a special use, "\Junk" in any case (RFC 8579); ROLE_NONE: there is none. */
enum mailbox_role place_role(struct str special_use);

/* Write. The set of flags that these names, separated by spaces, mean. Names that are not valid or
 * that the account has no room for are left out. */
enum err place_flags(const struct mail_txn *m, struct str names, struct flags *out) MUST_USE;

#endif

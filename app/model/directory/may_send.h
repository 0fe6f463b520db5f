/* model/directory/may_send.h: may an account use this sender address? */
#ifndef DIRECTORY_MAY_SEND_H
#define DIRECTORY_MAY_SEND_H
#include "model/directory/resolve.h"

/* OK when mail to sender is delivered to this account only: its own address, with any tag; an alias
 * with it as the only target, also through other aliases; an address that only the domain's
 * catch-all accepts, if that is this account; postmaster of local domains for the owner who gets
 * its mail. ERR_DENIED with a sentence for the user: any other, a list's, and any remote address.
 * Every enabled account may use the null sender. Other errors are the store's. For submission's
 * MAIL FROM (RFC 6409 6.1) and its From field alike, where no address is null
 * (formats/message/authors.h). */
enum err directory_may_send(struct txn *t, uint32_t account, struct mailaddr sender,
                            const struct resolve_config *config, struct why *why) MUST_USE;

#endif

/* protocols/jmap/types/identity_read.h: the identities of an account (RFC 8621 6): a name, replies
 * and signatures for an address that it may send from.
 *
 * The primary address of an account and each alias that leads to it alone have an identity
 * without a row; its number is made from the address. When it is changed it gets a row, which is
 * marked, and keeps its number. Other identities are rows that the user has created; their number
 * is the row's.
 *
 * The state of Identity has the modseq of the rows and a hash of these addresses, because the
 * directory may change them: then changes cannot be calculated. */
#ifndef JMAP_IDENTITY_READ_H
#define JMAP_IDENTITY_READ_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "model/mailbox/mail.h"

struct identity {
	uint64_t number; /* of its id */
	uint64_t row;    /* of OBJECT_IDENTITY; 0: none */
	bool given;      /* it is that of an address of the account */
	struct str email, name, text_signature, html_signature;
	struct str reply_to, bcc; /* JSON: null, or a list of EmailAddress */
};
struct identities {
	struct identity *items; /* those of the account's addresses first */
	size_t n;
};

/* All identities, in a. Reads each alias of the server. */
enum err identities_get(const struct mail_txn *m, struct arena *a,
                        struct identities *out) MUST_USE;
/* ERR_MISSING. */
enum err identity_find(const struct mail_txn *m, uint64_t number, struct arena *a,
                       struct identity *out) MUST_USE;

#endif

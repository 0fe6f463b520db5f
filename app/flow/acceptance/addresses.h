/* flow/acceptance/addresses.h: what the directory says of a message's sender and recipients: the
 * same of one that comes by SMTP and of one that a program submits without it (submit.h). */
#ifndef ACCEPTANCE_ADDRESSES_H
#define ACCEPTANCE_ADDRESSES_H
#include "formats/message/mailaddr.h"
#include "formats/smtp_wire/reply.h"
#include "foundation/config/settings.h"

struct accept_check {
	struct store *store;
	const struct settings *settings;
	uint32_t account;     /* that sends; 0: nobody is logged in   */
	struct mailaddr from; /* of the envelope                      */
	uint64_t size;        /* of the message; 0: not known         */
	bool anywhere;        /* to other domains than ours as well   */
};

/* Would delivery/ take mail for this address? Then *targets (1 or more) is how many places it leads
 * to. False: *answer says why not; 4yz when it may be tried again. */
bool accept_recipient(const struct accept_check *look, const struct mailaddr *rcpt, size_t *targets,
                  struct smtp_answer *answer);
/* RFC 5321 4.5.3.1.10: what is said when the others of the message lead to too many places. */
extern const struct smtp_answer accept_too_many;
/* The reply to an unknown local address, and whether a reply is this one. */
extern const struct smtp_answer accept_unknown;
bool accept_is_unknown(const struct smtp_answer *answer);
/* The reply if delivery_accept returns the error e. */
const struct smtp_answer *accept_error_answer(enum err e);
/* May the account use the sender of the envelope? */
bool accept_sender(const struct accept_check *look, struct smtp_answer *answer);
/* May it use the authors that the header names? */
bool accept_author(const struct accept_check *look, struct str header, struct smtp_answer *answer);

#endif

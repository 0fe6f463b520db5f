/* smtp/in_look.h: what the directory says of a message's sender and recipients: the same of one
 * that comes by SMTP and of one that a program submits without it (submit.h). */
#ifndef SMTP_IN_LOOK_H
#define SMTP_IN_LOOK_H
#include "smtp/in_session.h"

struct in_look {
	struct store *store;
	const struct settings *settings;
	uint32_t account;     /* that sends; 0: nobody is logged in   */
	struct mailaddr from; /* of the envelope                      */
	uint64_t size;        /* of the message; 0: not known         */
	bool anywhere;        /* to other domains than ours as well   */
};

/* Would delivery/ take mail for this address? Then *targets (1 or more) is how many places it leads
 * to. False: *answer says why not; 4yz when it may be tried again. */
bool in_look_rcpt(const struct in_look *look, const struct mailaddr *rcpt, size_t *targets,
                  struct in_answer *answer);
/* RFC 5321 4.5.3.1.10: what is said when the others of the message lead to too many places. */
extern const struct in_answer in_too_many;
/* What is said of a name that nobody here has, and whether this is that. */
extern const struct in_answer in_unknown;
bool in_look_unknown(const struct in_answer *answer);
/* What is said when delivery_accept of a message comes to e, which is not OK. */
const struct in_answer *in_look_error(enum err e);
/* May the account use the sender of the envelope? */
bool in_look_sender(const struct in_look *look, struct in_answer *answer);
/* May it use the authors that the header names? */
bool in_look_author(const struct in_look *look, struct str header, struct in_answer *answer);

#endif

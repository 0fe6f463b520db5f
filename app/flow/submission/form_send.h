/* flow/submission/form_send.h: delivers a filled-in contact form (form_rules.h) as a message. */
#ifndef SUBMISSION_FORM_SEND_H
#define SUBMISSION_FORM_SEND_H
#include "flow/submission/form_letter.h"
#include "flow/submission/form_rules.h"
#include "network/runtime/addr.h"

struct delivery;
struct store;

struct form_send {
	struct store *store;
	const struct delivery *delivery;
	struct str hostname; /* of this server                    */
	struct str id;       /* of the request, for log and trace */
	struct addr peer;
	bool tls;
	struct str origin; /* of the page; may be empty */
};

/* Build and deliver the message; OK: it is durable. Not inside a transaction. ERR_SYNTAX: nothing
 * was filled in. ERR_LIMIT: the message is too long. ERR_MISSING: an address of the rule is not
 * local; else as delivery_accept, of which ERR_SYNTAX and ERR_LIMIT become ERR_IO. */
enum err form_send(const struct form_send *s, const struct form_rule *rule,
                   const struct form_fields *fields, struct arena *a, struct why *why) MUST_USE;

#endif

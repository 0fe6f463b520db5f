/* protocols/jmap/types/submission_send.h: sends the email of a new EmailSubmission (RFC 8621 7.5),
 * or another message of a user, as the submission port would: flow/submission/submit.h. */
#ifndef JMAP_SUBMISSION_SEND_H
#define JMAP_SUBMISSION_SEND_H
#include "protocols/jmap/request/call.h"
#include "protocols/jmap/types/envelope_read.h"

struct sending {
	struct jmap_call *call;
	struct str identity_id, email_id; /* as the client gave them */
	struct json envelope;             /* null or missing: from the header */

	/* Results. */
	uint64_t object; /* OBJECT_SUBMISSION */
	uint64_t email, thread;
	int64_t created_ms;
	struct jmap_envelope made;

	/* When it is refused: the SetError and its member. */
	const char *error, *property;
	struct why why;
	const char *detail_name;  /* NULL: none */
	struct str detail;        /* JSON */
};

/* OK; ERR_DENIED: refused, error is set; else errors of the store. Blocks while checks wait for
 * others. Not inside a transaction. */
enum err submission_send(struct sending *s) MUST_USE;

/* Send body for the call's account with no object kept: for MDN/send. As above. */
enum err submission_send_body(struct sending *s, struct str body) MUST_USE;

#endif

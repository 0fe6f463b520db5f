/* protocols/jmap/types/envelope_read.h: the envelope of an EmailSubmission (RFC 8621 7). */
#ifndef JMAP_ENVELOPE_READ_H
#define JMAP_ENVELOPE_READ_H
#include "foundation/text/json.h"
#include "flow/submission/submit.h"

struct letter_addresses;

enum { ENVELOPE_TEXT_MAX = 48 << 10 }; /* bytes of its JSON */

struct jmap_envelope {
	struct mailaddr sender;
	unsigned flags; /* enum envelope_flags */
	int8_t priority;
	struct str envid; /* xtext */
	enum envelope_by by_mode;
	bool by_trace;
	int64_t by_ms;
	int64_t release_ms; /* of HOLDFOR or HOLDUNTIL; 0: none */
	struct submit_rcpt *rcpts; /* without duplicates */
	size_t rcpt_count;
	struct str text; /* the envelope as JSON, for the client */
	/* When it is refused: */
	const char *error; /* type of the SetError, static */
	struct str invalid; /* of "invalidRecipients": a list, as JSON */
};

/* Read the client's envelope; at most max recipients. False: refused, *why is for the client. All
 * memory is a's. Parameters are those that the SMTP server offers (RFC 8621 1.3.2). */
bool jmap_envelope_read(struct json v, size_t max, bool tls, struct arena *a,
                        struct jmap_envelope *out, struct why *why);
/* The envelope of a sender and recipients without parameters. False: as above. */
bool jmap_envelope_make(const struct mailaddr *sender, const struct letter_addresses *rcpts,
                        struct arena *a, struct jmap_envelope *out, struct why *why);

/* The extensions of which it takes parameters, into the open object "submissionExtensions". */
void jmap_envelope_extensions_put(struct json_writer *w);

#endif

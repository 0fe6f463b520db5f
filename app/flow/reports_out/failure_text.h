/* flow/reports_out/failure_text.h: a failure report as text (RFC 5965 3, RFC 6591 3, RFC 7489
 * 7.3.1). Pure. */
#ifndef REPORTS_OUT_FAILURE_TEXT_H
#define REPORTS_OUT_FAILURE_TEXT_H
#include "flow/reports_out/failure.h"
#include "foundation/base/buf.h"

struct out_failure_about {
	struct str host;     /* of this server                        */
	struct str agent;    /* "Roost/1.0"                           */
	struct str spf;      /* the record of f->spf_domain, or empty */
	uint64_t incidents;  /* how many messages it stands for       */
	const struct out_failure *failure;
};

/* Append text for people, lines of ASCII; at most OUT_FAILURE_WORDS bytes. */
enum { OUT_FAILURE_WORDS = 4096 };
void out_failure_words_put(struct buf *out, const struct out_failure_about *about);

/* Append the fields of message/feedback-report; at most OUT_FAILURE_FIELDS bytes. A value
 * cannot add another field. */
enum { OUT_FAILURE_FIELDS = 32768 };
void out_failure_fields_put(struct buf *out, const struct out_failure_about *about,
                            struct arena *a);

/* The Subject of the report, in a (RFC 5965 2 f). */
struct str out_failure_subject(const struct out_failure *f, struct arena *a);

#endif

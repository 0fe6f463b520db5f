/* model/query/search_email.h: does one message match a program? */
#ifndef QUERY_SEARCH_EMAIL_H
#define QUERY_SEARCH_EMAIL_H
#include "formats/message/mime.h"
#include "foundation/base/arena.h"
#include "model/mailbox/email.h"
#include "model/query/search_plan.h"

/* How much of a message must be read. Each level costs much more than the one before. */
enum search_level {
	LEVEL_ROW,    /* flags, size, internal date */
	LEVEL_RECORD, /* the Date field             */
	LEVEL_HEADER,
	LEVEL_BODY,
	LEVEL_LEVELS
};

struct search_email {
	const struct mail_txn *m;
	const struct message_limits *limits;
	const struct search_plan *plan; /* results of the index; may be NULL */
	struct email_row row;
	/* QUERY_CALLER: does that step match the row? At any level; NULL without such steps. */
	enum verdict (*test)(const struct search_email *x, size_t step, void *arg);
	void *arg;
	int64_t now_ms;
	bool scored;    /* the score is requested */
	unsigned score; /* of a match: 1 to 100; 100 unless scored */

	/* private: parts read so far */
	const struct query_program *program;
	enum search_level level;
	struct arena arena;
	struct email email;
	struct buf raw; /* the header, or all of it at LEVEL_BODY */
	bool dated;     /* the Date field could be read */
	int64_t sent_day;
	bool vague; /* a fuzzy step needs to read more of the message */
};

/* Evaluate the program on x->row. Reads no more of the message than the result needs. Returns
 * errors of the store. An expunged message, or one too damaged to decide, does not match. */
enum err search_email_run(struct search_email *x, const struct query_program *p,
                          bool *match) MUST_USE;

/* Does text, of any size and in UTF-8, contain pattern, which is in search form? */
bool search_text_has(struct str text, struct str pattern);

#endif

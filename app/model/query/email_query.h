/* model/query/email_query.h: lists of an account's emails by filter and sort, as JMAP's Email/query
 * asks for them (RFC 8621 4.4).
 *
 * Lists by date read by_date.h and stop at the end of the page, so a page of an inbox costs the
 * same in a mailbox of any size. Words come from the index (model/search/). Other sorts read the
 * columns of the index. Messages are read only for what neither has: headers of other names, and
 * mail that is not yet indexed. */
#ifndef QUERY_EMAIL_QUERY_H
#define QUERY_EMAIL_QUERY_H
#include "model/mailbox/placement.h"
#include "model/query/program.h"

struct message_limits;

/* The test of a QUERY_CALLER step of the filter. */
enum email_test {
	EMAIL_IN_MAILBOX,       /* mailboxes: one */
	EMAIL_IN_OTHER_MAILBOX, /* in a mailbox that is none of these */
	EMAIL_ALL_IN_THREAD,    /* flag */
	EMAIL_SOME_IN_THREAD,
	EMAIL_HAS_ATTACHMENT,
};
struct email_condition {
	enum email_test what;
	const uint32_t *mailboxes;
	size_t count;
	int flag; /* number in struct flags; -1: no email has it */
};

enum email_sort_by {
	EMAIL_BY_RECEIVED,
	EMAIL_BY_SENT,
	EMAIL_BY_SIZE,
	EMAIL_BY_FROM, /* the name of the first address, else the address */
	EMAIL_BY_TO,
	EMAIL_BY_SUBJECT, /* its base (RFC 5256 2.1) */
	EMAIL_BY_FLAG,    /* ascending: those with it come last (RFC 8621 4.4.2) */
	EMAIL_BY_ALL_IN_THREAD,
	EMAIL_BY_SOME_IN_THREAD,
};
struct email_sort_key {
	enum email_sort_by by;
	bool descending;
	int flag;
};

struct email_query {
	struct query_program filter; /* no steps: all emails */
	const struct email_condition *conditions; /* by the number of the step */
	const struct email_sort_key *sort;        /* 0 of them: by received, descending */
	size_t sort_count;
	const struct message_limits *limits;
	bool collapse; /* the first email of each thread only */
	int64_t position; /* negative: from the end */
	uint64_t anchor; /* 0: none */
	int64_t anchor_offset;
	size_t limit;
	bool want_total;
};
struct email_query_result {
	uint64_t *emails; /* memory is a's */
	size_t n;
	uint64_t position; /* of the first */
	uint64_t total;    /* with want_total */
};
/* Emails that are shown to m->who only (placement.h). Equal ones are in the order of ids, the same
 * direction as the first sort key. ERR_MISSING: the anchor is not in the list. ERR_LIMIT: more than
 * LIMIT_query_emails would have to be looked at. */
enum err email_query(const struct mail_txn *m, const struct email_query *what, struct arena *a,
                     struct email_query_result *out) MUST_USE;

#endif

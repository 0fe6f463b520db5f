/* model/query/email_query.h: lists of an account's emails by filter and sort, as JMAP's Email/query
 * asks for them (RFC 8621 4.4). IMAP's SEARCH, SORT and THREAD use the parts below it.
 *
 * Lists by date read by_date.h and stop at the end of the page, so a page of an inbox costs the same
 * in a mailbox of any size. Words come from the index (model/search/). Other sorts read the columns
 * of the index. Messages are read only for what neither has: headers of other names, and mail that
 * is not yet indexed. */
#ifndef QUERY_EMAIL_QUERY_H
#define QUERY_EMAIL_QUERY_H
#include "model/mailbox/placement.h"

enum email_condition {
	EMAIL_IN_MAILBOX,       /* numbers: one */
	EMAIL_IN_OTHER_MAILBOX, /* numbers: in a mailbox that is none of these */
	EMAIL_BEFORE,           /* time_ms: internal date before it */
	EMAIL_AFTER,            /* at or after it */
	EMAIL_MIN_SIZE,         /* size: at least */
	EMAIL_MAX_SIZE,         /* less than */
	EMAIL_ALL_IN_THREAD,    /* flag */
	EMAIL_SOME_IN_THREAD,
	EMAIL_NONE_IN_THREAD,
	EMAIL_HAS_FLAG,
	EMAIL_NOT_FLAG,
	EMAIL_HAS_ATTACHMENT, /* yes */
	EMAIL_TEXT,           /* text */
	EMAIL_FROM,
	EMAIL_TO,
	EMAIL_CC,
	EMAIL_BCC,
	EMAIL_SUBJECT,
	EMAIL_BODY,
	EMAIL_HEADER, /* header, text; empty: the field exists */
	/* Operators over the last count results of a filter in postfix form. */
	EMAIL_AND,
	EMAIL_OR,
	EMAIL_NOT, /* none of them */
};
enum { EMAIL_FLAG_NONE = -1 }; /* a keyword that no email of the account has */

struct email_filter_step {
	enum email_condition what;
	const uint32_t *numbers;
	size_t count;
	int64_t time_ms;
	uint32_t size;
	int flag; /* number in struct flags, or EMAIL_FLAG_NONE */
	bool yes;
	struct str text, header; /* UTF-8 */
};

enum email_sort_by {
	EMAIL_BY_RECEIVED,
	EMAIL_BY_SENT,
	EMAIL_BY_SIZE,
	EMAIL_BY_FROM,
	EMAIL_BY_TO,
	EMAIL_BY_SUBJECT,
	EMAIL_BY_FLAG, /* RFC 8621 4.4.2: hasKeyword: those with it come last, ascending */
	EMAIL_BY_ALL_IN_THREAD,
	EMAIL_BY_SOME_IN_THREAD,
};
struct email_sort_key {
	enum email_sort_by by;
	bool descending;
	int flag;
};

struct email_query {
	const struct email_filter_step *filter; /* postfix; one result */
	size_t filter_count;                    /* 0: all emails */
	const struct email_sort_key *sort;      /* 0 of them: by received, descending */
	size_t sort_count;
	bool collapse; /* the first email of each thread only */
	int64_t position;
	uint64_t anchor; /* 0: none */
	int64_t anchor_offset;
	size_t limit;
	bool want_total;
};
struct email_query_result {
	uint64_t *emails; /* memory is a's */
	size_t n;
	uint64_t position; /* of the first */
	uint64_t total;
};
/* Emails that are shown to m->who only (placement.h). ERR_MISSING: the anchor is not in the list.
 * ERR_LIMIT: it would cost more than LIMIT_query_work. */
enum err email_query(const struct mail_txn *m, const struct email_query *what, struct arena *a,
                     struct email_query_result *out) MUST_USE;

#endif

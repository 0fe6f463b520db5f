/* model/query/email_match.h: does an email match the filter of an email_query? Private to
 * email_query.c. */
#ifndef QUERY_EMAIL_MATCH_H
#define QUERY_EMAIL_MATCH_H
#include "model/query/email_query.h"
#include "foundation/base/arena.h"
#include "model/query/search_plan.h"

struct email_matcher {
	const struct mail_txn *m;
	const struct email_query *what;
	struct email_viewer *viewer;
	struct search_plan plan;
	struct arena arena; /* of one email */
	enum err error;     /* of a condition */
	struct email_view view;
};

/* Looks up the words of the filter. Call deinit in either case. */
enum err email_matcher_init(struct email_matcher *x, const struct mail_txn *m,
                            const struct email_query *what, struct arena *a) MUST_USE;
void email_matcher_deinit(struct email_matcher *x);
/* Sets x->view, which is valid until the next call, when it matches. */
enum err email_matcher_test(struct email_matcher *x, uint64_t email, bool *match) MUST_USE;
/* Do all, or some, shown emails of the thread of x->view have the flag? */
enum err email_matcher_thread(struct email_matcher *x, int flag, bool all, bool *yes) MUST_USE;

#endif

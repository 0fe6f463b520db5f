/* model/query/search_plan.h: uses the index (model/search/search.h) for a
 * SEARCH, so that most messages need not be read and many not even visited. */
#ifndef QUERY_SEARCH_PLAN_H
#define QUERY_SEARCH_PLAN_H
#include "model/query/program.h"
#include "model/mailbox/uids.h"
#include "model/search/find.h"

struct arena;
struct mail_txn;

struct search_plan {
	const struct query_program *what;
	struct search_found **found; /* by step; NULL: not looked up */
	size_t next;                 /* to be looked up              */
	unsigned patterns;           /* looked up so far             */
};

/* found lives in a; the rest is freed by deinit. */
void search_plan_init(struct search_plan *p, struct arena *a, const struct query_program *what);
void search_plan_deinit(struct search_plan *p);

/* Look up the next pattern; false if there is none. *e is an error of the store. */
bool search_plan_look(struct search_plan *p, const struct mail_txn *m, enum err *e);

/* The fields that the step, a HEADER, BODY or TEXT, searches: BIT(enum search_field).
 * *all: any text in them, not only the field that it names. */
unsigned search_plan_fields(const struct query_step *step, bool *all);

/* Does that email match the step, a HEADER, BODY or TEXT? VERDICT unknown if the index
 * cannot tell, or p is NULL. */
enum verdict search_plan_says(const struct search_plan *p, const struct query_step *step,
                              uint64_t email);

/* How well it matches the fuzzy step, for which search_plan_says returned VERDICT_YES. */
unsigned search_plan_score(const struct search_plan *p, const struct query_step *step,
                           uint64_t email);

/* True: few messages of the mailbox can match, and *out, empty before, has the UIDs of
 * all that can. False: visit all of them. */
enum err search_plan_candidates(const struct search_plan *p, const struct mail_txn *m,
                                uint32_t mailbox, uint32_t exists, struct uids *out,
                                bool *few) MUST_USE;

/* The same for the whole account. False: every email may match. Otherwise *out, empty before, has
 * the ids up to *known_to of those that can; all emails above it may. The caller frees *out in
 * either case. */
bool search_plan_ids(const struct search_plan *p, struct ids *out, uint64_t *known_to);

#endif

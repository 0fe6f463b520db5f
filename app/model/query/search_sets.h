/* model/query/search_sets.h: evaluates a search program over sets: the messages
 * that can match. Keys with a known set narrow the result. All other keys leave it
 * unchanged, and so does NOT, because a set holds possible matches and not certain
 * ones. */
#ifndef QUERY_SEARCH_SETS_H
#define QUERY_SEARCH_SETS_H
#include "model/query/program.h"
#include "model/mailbox/uids.h"
#include "model/search/ids.h"

/* Members of a set, of either kind. All-zero is the empty set. */
union search_members {
	struct uids uids;
	struct ids ids;
};

struct search_set_kind {
	/* a becomes the union, or the intersection */
	void (*unite)(union search_members *a, const union search_members *b);
	void (*intersect)(union search_members *a, const union search_members *b);
	void (*deinit)(union search_members *a);
};

extern const struct search_set_kind search_uid_sets, search_id_sets;

/* Put the possible matches of a step other than AND, OR and NOT into *out, which is empty
 * before. False: every message may match, and *out is unchanged. */
typedef bool search_set_fn(const struct query_step *step, const void *arg,
                           union search_members *out);

/* Put the possible matches of the program into *out, empty before; the caller frees it.
 * False: every message may match, and *out is empty. */
bool search_sets_run(const struct query_program *what, const struct search_set_kind *kind,
                     search_set_fn *of, const void *arg, union search_members *out);

#endif

/* protocols/imap/search/search_sets.h: a search program run over sets instead of verdicts: the
 * messages that it can want. Keys whose messages are known make the set smaller, all others
 * leave everything possible; so does NOT, for a set says what may match and not what does. */
#ifndef IMAP_SEARCH_SETS_H
#define IMAP_SEARCH_SETS_H
#include "formats/imap_wire/search.h"
#include "model/mailbox/uids.h"
#include "model/search/ids.h"

/* Members of a set, whichever kind the program is run over. All-zero is the empty set. */
union search_members {
	struct uids uids;
	struct ids ids;
};

struct search_set_kind {
	/* a becomes what is in either, or in both */
	void (*unite)(union search_members *a, const union search_members *b);
	void (*intersect)(union search_members *a, const union search_members *b);
	void (*deinit)(union search_members *a);
};

extern const struct search_set_kind search_uid_sets, search_id_sets;

/* What may match a step that is no AND, OR or NOT: put it into *out, which is empty before. False:
 * anything may, and *out is left alone. */
typedef bool search_set_fn(const struct imap_search_step *step, const void *arg,
                           union search_members *out);

/* What may match the program, into *out, empty before; to be freed by the caller. False: anything
 * may, and *out is empty. */
bool search_sets_run(const struct imap_search *what, const struct search_set_kind *kind,
                     search_set_fn *of, const void *arg, union search_members *out);

#endif

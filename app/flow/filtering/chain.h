/* flow/filtering/chain.h: the programs that run over a message for an account, in the order of
 * filtering.h. Private to flow/filtering. */
#ifndef FILTERING_CHAIN_H
#define FILTERING_CHAIN_H
#include "flow/filtering/filtering.h"

struct txn;

enum { CHAIN_MAX = 7 };

struct chain_program {
	struct str name; /* for people: "script main" */
	struct str text, program;
	bool own; /* of the account, whose owner is notified when it fails */
	bool replies; /* the vacation: it also runs over mail that the rules before it have filed */
};

struct chain {
	struct chain_program items[CHAIN_MAX];
	size_t n;
};

/* The programs that are to run, borrowed from t, with names in a. Costs a look-up for each
 * place. */
enum err chain_load(struct txn *t, const struct filtering_mail *m, struct arena *a,
                    struct chain *out) MUST_USE;

/* Run them over raw, the parts of m: as filtering_run. */
enum err chain_run(struct txn *t, const struct filtering_mail *m, struct str raw,
                   const struct chain *chain, struct arena *a,
                   const struct action **out) MUST_USE;

#endif

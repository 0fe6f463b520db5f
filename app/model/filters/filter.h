/* model/filters/filter.h: the filters that a user makes without a script.
 *
 * Both are compiled to Sieve programs like scripts; the order in which the programs of an account
 * run is in flow/filtering/filtering.h. */
#ifndef FILTERS_FILTER_H
#define FILTERS_FILTER_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

/* Part of keys: a number keeps its meaning. */
enum filter_kind {
	FILTER_RULES = 1,    /* flow/filtering/rules.h    */
	FILTER_VACATION = 2, /* flow/filtering/vacation.h */
};

enum { FILTER_SETTINGS_MAX = 1 << 20 };

struct filter {
	struct str settings; /* JSON */
	struct str script;   /* the Sieve text of the settings; empty when nothing is to be done */
	struct str program;  /* of script                                                        */
};

/* Borrowed from t. ERR_MISSING: it was never set. */
enum err filter_get(struct txn *t, uint32_t account, enum filter_kind kind,
                    struct filter *out) MUST_USE;
/* Write. */
enum err filter_put(struct txn *t, uint32_t account, enum filter_kind kind,
                    const struct filter *filter) MUST_USE;

#endif

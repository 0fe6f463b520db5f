/* formats/mailauth/spf_match.h: does a mechanism match the client (RFC 7208 5)? And the state of a
 * check; for spf*.c only. */
#ifndef MAILAUTH_SPF_MATCH_H
#define MAILAUTH_SPF_MATCH_H
#include "formats/mailauth/spf.h"
#include "formats/mailauth/spf_macro.h"

/* A record during its evaluation. */
struct spf_frame {
	struct str domain;
	struct spf_record record;
	size_t at; /* the next term */
};

struct spf_check {
	const struct spf_query *q;
	struct arena *a;
	struct str local, origin;
	struct spf_frame frames[SPF_LOOKUPS_MAX + 1]; /* each but the first is a lookup */
	size_t depth;
	unsigned lookups, voids;
	bool named; /* the client's names are known */
	struct str names[SPF_NAMES_MAX];
	size_t name_count;
	bool explaining; /* the result is final; later errors do not count */
	bool overrun;    /* a macro exceeded the limit of lookups */
	struct str why;
};

struct spf_frame *spf_top(struct spf_check *c);
/* The deadline of a query that begins now. */
int64_t spf_question_end(const struct spf_check *c);
/* Set the reason and return the result. */
enum spf_result spf_permerror(struct spf_check *c, struct str why);
enum spf_result spf_temperror(struct spf_check *c, struct str name);

/* RFC 7208 4.6.4: counts a term with a query. False: too many, with the result in *end. */
bool spf_may_ask(struct spf_check *c, enum spf_result *end);

/* The domain-spec of a term of the topmost record, with macros expanded; without one, that record's
 * domain. False: too many lookups, with the result in *end. */
bool spf_target(struct spf_check *c, struct str spec, struct str *name, enum spf_result *end);
struct spf_macros spf_macros_of(struct spf_check *c);

/* The evaluation of a term: does it match, or has the check ended? */
enum spf_found { SPF_FOUND_NOT, SPF_FOUND, SPF_FOUND_END };
/* For all mechanisms except SPF_INCLUDE. *end is the result of a check that has ended. */
enum spf_found spf_match(struct spf_check *c, const struct spf_term *t, enum spf_result *end);

#endif

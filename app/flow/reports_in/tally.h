/* flow/reports_in/tally.h: sums of what reports say, a row for a day of a domain and what is
 * summed. A report adds its sums in the transaction that takes it in; when it is removed they go
 * too. */
#ifndef REPORTS_IN_TALLY_H
#define REPORTS_IN_TALLY_H
#include "flow/reports_in/reports_in.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/base/map.h"

struct arena;
struct txn;

/* What a row sums up; part of its key. */
enum report_tally_what {
	REPORT_TALLY_DMARC = 'D',    /* all DMARC rows of the day                                 */
	REPORT_TALLY_SOURCE = 'd',   /* those of one source; name: its address, empty: of many    */
	REPORT_TALLY_TLS = 't',      /* all sessions                                              */
	REPORT_TALLY_TLS_FAIL = 'x', /* those that failed alike: result, NUL, MX host             */
	REPORT_TALLY_ARF = 'f',      /* of one message each; name: the type                       */
	REPORT_TALLY_MAKER = 'o',    /* name: kind as a digit, and who reported                   */
};

/* The numbers of a row. */
enum {
	REPORT_N_COUNT,  /* DMARC: messages; TLS: good sessions; ARF: incidents; MAKER: reports */
	REPORT_N_PASSED, /* TLS: failed sessions; MAKER: messages                               */
	REPORT_N_NONE,
	REPORT_N_QUARANTINE,
	REPORT_N_REJECT,
	REPORT_N_DKIM,
	REPORT_N_SPF,
	REPORT_N_FORWARDED,
	REPORT_NS
};
/* Its lists of names, of which each has the first few, and how often each was named; and how often
 * those were that found no room. Once there are such, no name comes to the list until all of them
 * are taken off again: so one that is in the list was counted each time, and goes when the last
 * report that named it does. */
enum { REPORT_NAMES_MAKERS, REPORT_NAMES_DKIM, REPORT_NAMES_SPF, REPORT_NAMES };
enum { REPORT_NAMES_MAX = 6, REPORT_TALLY_NAME_MAX = 200 };

struct report_tally {
	uint64_t n[REPORT_NS];
	struct str names[REPORT_NAMES][REPORT_NAMES_MAX];
	uint64_t named[REPORT_NAMES][REPORT_NAMES_MAX];
	size_t name_count[REPORT_NAMES];
	uint64_t unnamed[REPORT_NAMES];
};
/* Strings stay borrowed. */
void report_tally_add(struct report_tally *to, const struct report_tally *more);
/* Take off what was added. False: nothing is left. */
bool report_tally_take_off(struct report_tally *from, const struct report_tally *more);
/* A name that was named so often; an empty one is none. */
void report_tally_name(struct report_tally *to, unsigned list, struct str name, uint64_t times);

struct report_tally_key {
	struct str domain;
	enum report_tally_what what;
	uint32_t day; /* since 1970 */
	struct str name;
};
bool report_tally_key_parse(struct str key, struct report_tally_key *out);
/* Borrows from val. */
bool report_tally_parse(struct str val, struct report_tally *out);

/* The rows of a domain of one what, from a day on until a day, inclusive; fn says false to end. At
 * most LIMIT_report_in_look rows. */
typedef bool report_tally_fn(void *arg, const struct report_tally_key *key,
                             const struct report_tally *tally);
enum err report_tally_each(struct txn *t, struct str domain, enum report_tally_what what,
                           uint32_t from_day, uint32_t to_day, report_tally_fn *fn,
                           void *arg) MUST_USE;

/* Add, or take off, what more has. Borrows nothing. */
enum err report_tally_put(struct txn *t, const struct report_tally_key *key,
                          const struct report_tally *more, bool off) MUST_USE;

/* Forget rows of days before this one, at most max, beginning behind the key in *after, which is
 * moved on; empty once all were looked at. */
enum err report_tally_expire(struct txn *t, uint32_t before_day, size_t max,
                             struct buf *after) MUST_USE;

#endif

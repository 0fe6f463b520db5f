/* flow/reports_in/tally.h: sums of reports: one row for a day, domain and subject. A
 * report adds its sums in the transaction that stores it, and its removal subtracts
 * them. */
#ifndef REPORTS_IN_TALLY_H
#define REPORTS_IN_TALLY_H
#include "flow/reports_in/reports_in.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/base/map.h"

struct arena;
struct txn;

/* Subject of a row; part of its key. */
enum report_tally_what {
	REPORT_TALLY_DMARC = 'D',    /* all DMARC rows of the day                                 */
	REPORT_TALLY_SOURCE = 'd',   /* those of one source; name: its address, empty:
	                              * several sources */
	REPORT_TALLY_TLS = 't',      /* all sessions                               */
	REPORT_TALLY_TLS_FAIL = 'x', /* failures of one type: result, NUL, MX host */
	REPORT_TALLY_ARF = 'f',      /* of single messages; name: the type         */
	REPORT_TALLY_MAKER = 'o',    /* name: kind as a digit, and the reporter    */
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
/* Lists of names, each with its first few names and their counts, and the count of names
 * without room. While that count is not 0, no name is added to the list. So a listed name
 * was counted each time, and is removed with the last report that named it. */
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
/* Subtract what was added. False: nothing is left. */
bool report_tally_take_off(struct report_tally *from, const struct report_tally *more);
/* Count a name times times; an empty one is ignored. */
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

/* The rows of a domain and subject from from_day to to_day, inclusive, until fn returns
 * false. At most LIMIT_report_in_look rows. */
typedef bool report_tally_fn(void *arg, const struct report_tally_key *key,
                             const struct report_tally *tally);
enum err report_tally_each(struct txn *t, struct str domain, enum report_tally_what what,
                           uint32_t from_day, uint32_t to_day, report_tally_fn *fn,
                           void *arg) MUST_USE;

/* Add or subtract more. Borrows nothing. */
enum err report_tally_put(struct txn *t, const struct report_tally_key *key,
                          const struct report_tally *more, bool off) MUST_USE;

/* Remove rows of earlier days, at most max, starting after the key in *after. *after
 * becomes the last key, or empty at the end. */
enum err report_tally_expire(struct txn *t, uint32_t before_day, size_t max,
                             struct buf *after) MUST_USE;

#endif

/* flow/filtering/vacation.h: vacation replies without a script (RFC 5230).
 *
 * The settings are JSON, the shape "vacation" of console/api/shapes.def. They become a Sieve script
 * with one vacation action. Which mail gets no reply is decided where that action runs: mail of
 * lists and of automatic senders (RFC 3834), and mail that is addressed to none of the account's
 * addresses, of which its aliases are some. */
#ifndef FILTERING_VACATION_H
#define FILTERING_VACATION_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/text/json.h"

enum {
	VACATION_SUBJECT_MAX = 200, /* bytes */
	VACATION_TEXT_MAX = 20000,  /* bytes */
	VACATION_DAYS_MAX = 30,
	VACATION_DAYS = 7, /* when none are given */
};

struct vacation {
	bool on;
	int64_t from_ms, until_ms; /* 0: no limit */
	struct str zone;           /* IANA name, in which people see these times; not used here */
	struct str subject;        /* empty: that of the message, after "Auto: " (RFC 5230 5.3) */
	struct str text;
	bool has_html; /* JMAP has set it (RFC 8621 8): text may be empty */
	struct str html; /* becomes the text if that is empty; also empty: a standard text */
	unsigned days;    /* between replies to the same sender */
	struct str *only; /* reply to these addresses and domains only; none: to all senders */
	size_t only_n;
};

/* As rules_read. */
enum err vacation_read(struct arena *a, struct json settings, struct vacation *out,
                       struct why *why) MUST_USE;
void vacation_put(struct json_writer *w, const char *name, const struct vacation *v);
/* Append the script; nothing when it is off. */
void vacation_sieve(const struct vacation *v, struct buf *out);

#endif

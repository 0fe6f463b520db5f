/* flow/reports_in/report_intake.h: receives mail that may have reports, and owns the thread that
 * reads them.
 *
 * The mail itself is delivered like any other. The transaction that delivers it adds a
 * row that it is to be read (waiting.h), and the thread reads one after the other.
 * Pending mail is read after a restart or a kill. Mail beyond the limit is dropped with
 * an event. */
#ifndef REPORTS_IN_REPORT_INTAKE_H
#define REPORTS_IN_REPORT_INTAKE_H
#include "flow/reports_in/mail.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct live;
struct report_desk;
struct store;
struct txn;

/* Everything is borrowed and outlives it. */
struct report_desk_config {
	struct store *store;
	struct live *live;
	const struct message_limits *limits;
};

/* Starts the thread. */
enum err report_desk_open(const struct report_desk_config *config, struct report_desk **out,
                          struct why *why) MUST_USE;
/* Pending mail is read after the next start. NULL is a no-op; clears *d. */
void report_desk_close(struct report_desk **d);

/* Is this address one of ROOST_REPORTS_TO? Does not check that its domain is local. */
bool report_desk_wants(struct report_desk *d, const struct mailaddr *rcpt);

/* May it have a report, by its size and the type in its header? */
bool report_desk_may(struct str raw);

/* In the transaction that has stored it: add it to the pending mail (number and begun are
 * ignored). Any thread, quick. Errors are the store's. */
struct report_waiting;
enum err report_desk_put(struct report_desk *d, struct txn *t,
                         const struct report_waiting *w) MUST_USE;

/* The thread's work, for tests: read one message and store its reports. */
struct report_offer {
	struct str id;      /* of the session, for the log       */
	struct str results; /* our Authentication-Results fields */
	struct str raw;
	bool ours;          /* made by this server                              */
};
void report_desk_read(const struct report_desk_config *config, const struct report_offer *o);
/* Remove reports older than ROOST_REPORTS_DAYS. */
enum err report_desk_expire(const struct report_desk_config *config, int64_t now_ms,
                            struct why *why) MUST_USE;

#endif

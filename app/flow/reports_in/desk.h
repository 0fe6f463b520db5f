/* flow/reports_in/desk.h: where mail that may have reports in it is left, and the thread that reads
 * it.
 *
 * The mail itself is delivered like any other, whatever becomes of the report: in the transaction
 * that delivers it a row says that it waits to be read (waiting.h), and the thread reads one
 * after the other. What waits when the server stops or is killed is read when it starts again; what
 * is too much is turned away with an event. */
#ifndef REPORTS_IN_DESK_H
#define REPORTS_IN_DESK_H
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
/* What waits is read another time. NULL is a no-op; clears *d. */
void report_desk_close(struct report_desk **d);

/* Do reports come to this address, by ROOST_REPORTS_TO? Whether its domain is ours is not asked. */
bool report_desk_wants(struct report_desk *d, const struct mailaddr *rcpt);

/* May a report be in it, by its size and the type in its header? */
bool report_desk_may(struct str raw);

/* In the transaction that has stored it: it waits to be read (its number and begun are not looked
 * at). Any thread, quick. Errors are the store's. */
struct report_waiting;
enum err report_desk_put(struct report_desk *d, struct txn *t,
                         const struct report_waiting *w) MUST_USE;

/* What the thread does, for tests: read one, and put what is in it into the store. */
struct report_offer {
	struct str id;      /* of the session, for the log                       */
	struct str results; /* fields that say what was found of who sent it     */
	struct str raw;
	bool ours;          /* this server made it                              */
};
void report_desk_read(const struct report_desk_config *config, const struct report_offer *o);
/* Forget what is older than ROOST_REPORTS_DAYS. */
enum err report_desk_expire(const struct report_desk_config *config, int64_t now_ms,
                            struct why *why) MUST_USE;

#endif

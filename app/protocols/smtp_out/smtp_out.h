/* protocols/smtp_out/smtp_out.h: the SMTP client: takes due mail from the queue and
 * delivers it to remote servers.
 *
 * Chapter. runner.c is one thread that sleeps until an entry is due, takes a batch for
 * one destination (queue_take) and hands it to a pool of threads. batch.c delivers one
 * batch. The way follows from the routing rules (route_resolve.c), hosts and addresses from MX
 * records or relays (route.c, hops.c). Then come the connection (dial.c), the session
 * (session.c: greeting, EHLO, TLS, login), and one transaction for each message
 * (transaction.c). Results are reported to the queue after each message. A reusable
 * session is kept for the next batch (idle.c). model/queue/destinations/pace.h and the rules at the
 * top of runner.c limit the number of connections. */
#ifndef SMTP_OUT_H
#define SMTP_OUT_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct delivery;
struct dns;
struct live;
struct queue;
struct remotes;
struct smtp_out;
struct store;

/* Everything is borrowed and outlives the client. */
struct smtp_out_config {
	struct store *store;
	struct queue *queue;
	const struct delivery *delivery; /* for local recipients; NULL: there are none */
	struct dns *dns;
	/* Host name for EHLO, the smarthost and its roots, the port of remote servers:
	 * each batch uses the settings of its start. */
	struct live *live;
	struct remotes *remote; /* policies of other domains, and where results of TLS are
	                         * recorded; NULL in tests: neither */
};

/* Check the settings of a smarthost and its roots, empty for none; why names the wrong
 * variable. ERR_IO: the file is unreadable. */
enum err smtp_out_check(struct str smarthost, struct str ca, struct why *why) MUST_USE;
/* The same for ROOST_ROUTES and ROOST_RELAYS: every rule has a target, roots are
 * readable. why has no secret. */
enum err smtp_out_routes_check(struct str routes, struct str relays, struct why *why) MUST_USE;

/* Start the client. The settings have passed both checks. */
enum err smtp_out_start(const struct smtp_out_config *config, struct smtp_out **out,
                        struct why *why) MUST_USE;

/* Check for due entries now. From any thread, never blocks. NULL is a no-op. */
void smtp_out_wake(struct smtp_out *o);

/* Start no more deliveries, and wait for the running ones until deadline_ms
 * (clock_mono_ms). True: none is left, *o is freed and cleared. False: some still wait
 * for a slow remote. The process may only exit now, or call again to wait longer;
 * unanswered mail stays in the queue. NULL is true. */
bool smtp_out_stop(struct smtp_out **o, int64_t deadline_ms) MUST_USE;

#endif

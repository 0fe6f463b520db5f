/* protocols/smtp_out/smtp_out.h: the SMTP client: takes due mail from the queue and gives it to
 * other servers.
 *
 * Chapter. runner.c is one thread that sleeps until something is due, takes a batch for
 * one destination (queue_take) and hands it to a pool of threads. batch.c brings one
 * batch to its destination: the way that the rules of routes say (way.c), hosts and their
 * addresses (route.c, hops.c: MX records or relays), connection (dial.c), session
 * (session.c: greeting, EHLO, TLS, login), and one transaction per message
 * (transaction.c), with the results reported to the queue after each message. A session that
 * is good for more waits a while for the next batch (idle.c). How many connections there may
 * be, and to whom, is said by model/queue/pace.h and the rules at the top of runner.c. */
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
	const struct delivery *delivery; /* for recipients who are here; NULL: nobody is */
	struct dns *dns;
	/* What we call ourselves in EHLO, the smarthost and the roots it must show, the port of
	 * other servers: each batch goes by the settings of the moment it begins. */
	struct live *live;
	struct remotes *remote; /* policies of other domains, and where to tell how TLS went; NULL
	                        * in tests: no policies, nobody to tell                      */
};

/* Check the settings of a smarthost and of its roots, empty for none; why names the variable
 * that is wrong. ERR_IO: the file cannot be read. */
enum err smtp_out_check(struct str smarthost, struct str ca, struct why *why) MUST_USE;
/* The same of ROOST_ROUTES and ROOST_RELAYS: every rule leads somewhere, roots can be read. No
 * secret is in why. */
enum err smtp_out_routes_check(struct str routes, struct str relays, struct why *why) MUST_USE;

/* Begin to deliver. The settings have passed both checks. */
enum err smtp_out_start(const struct smtp_out_config *config, struct smtp_out **out,
                        struct why *why) MUST_USE;

/* Something may be due: look now. From any thread, never blocks. NULL is a no-op. */
void smtp_out_wake(struct smtp_out *o);

/* Start no more deliveries and give those under way until deadline_ms (clock_mono_ms) to
 * finish. True: none is left, *o is freed and cleared. False: some are stuck with a slow
 * remote; the process may only end now, or wait more by another call, and what was not
 * answered stays in the queue. NULL is true. */
bool smtp_out_stop(struct smtp_out **o, int64_t deadline_ms) MUST_USE;

#endif

/* protocols/smtp_out/run.h: a batch on its way, which the files of batch.h share: batch.c takes
 * entries and reports them, turns.c leads each from host to host, part.c brings a part of
 * one to a host. */
#ifndef SMTP_OUT_RUN_H
#define SMTP_OUT_RUN_H
#include "protocols/smtp_out/batch.h"
#include "protocols/smtp_out/hosts.h"

struct out_local;
struct trust;

enum { OUT_LISTENS_MAX = 20 };

struct out_run {
	const struct out_batch *b;
	struct out_session session;
	struct out_route route;
	struct arena route_arena;
	struct trust *own_trust; /* or NULL */
	const struct trust *trust;
	uint16_t listens[OUT_LISTENS_MAX];
	size_t listen_count;
	bool routed;
	/* No hop would take messages with such a wish, and why; in route_arena. */
	bool dead[OUT_TLS_WISHES];
	struct queue_result why_dead[OUT_TLS_WISHES];
	struct out_hosts hosts;
	/* Of the message at hand: */
	bool begun;             /* a host has answered its MAIL                       */
	bool troubled;          /* by one that has others behind it, and not told yet */
	bool trouble_late;      /* it did not answer in time                          */
	struct str trouble_text; /* what it said; in the item's arena                 */

	bool proven; /* a message was taken                              */
	bool crowd;  /* b->trouble says that there are too many of us    */
	bool halted; /* what is left of the batch is not tried now       */
	bool away;   /* nobody there talks to us at all                  */
	int64_t each_ms; /* a message of the last batch took             */
};

enum out_tried {
	OUT_TRIED,       /* and results say what came of it                 */
	OUT_TRIED_STALE, /* an old connection had ended: try another        */
	OUT_TRIED_CROWD, /* nothing has happened; it is to be given back    */
};

/* Which way it went, for the queue's lanes and history; strings live in a. */
void out_run_path(const struct out_run *r, struct arena *a, struct queue_path *path);
/* What an entry demands of TLS. */
enum out_tls_wish out_run_wish(const struct queue_item *item);
/* The same answer for all. */
void out_run_answer(struct queue_result *results, size_t count, struct queue_result answer);
/* Who counts is told, and says whether it was one connection too many. A destination where nothing
 * was ever taken, and which now lets us wait, is left alone as if nobody was there. */
void out_run_trouble(struct out_run *r, bool late, struct str text);

/* For as many of part's recipients as one transaction may have: part is cut to them, and results
 * say what came of it. */
enum out_tried out_part_try(struct out_run *r, struct queue_item *part, struct arena *a,
                            struct queue_result *results);

/* The recipients of an entry who are not here, at one host after the other (RFC 5321 5.1). */
enum out_tried out_turns_try(struct out_run *r, struct queue_item *item, struct out_local *local,
                             struct arena *a, struct queue_result *results);

#endif

/* protocols/smtp_out/run.h: a running batch, shared by the files of batch.h: batch.c
 * takes entries and reports them, remote_try.c tries one host after another, part.c delivers
 * a part of an entry to a host. */
#ifndef SMTP_OUT_RUN_H
#define SMTP_OUT_RUN_H
#include "model/queue/take.h"
#include "protocols/smtp_out/batch.h"
#include "protocols/smtp_out/hosts.h"

struct delivery_local;
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
	/* No hop accepts messages with this need of TLS, and why; in route_arena. */
	bool dead[OUT_TLS_NEEDS];
	struct queue_result why_dead[OUT_TLS_NEEDS];
	struct out_hosts hosts;
	/* State of the current message: */
	bool begun;             /* a host has answered its MAIL                         */
	bool troubled;          /* by a host that has others after it; not reported yet */
	bool trouble_late;      /* it exceeded a timeout                                */
	struct str trouble_text; /* its reply; in the item's arena                    */

	bool proven; /* a message was accepted                   */
	bool crowd;  /* b->trouble reported too many connections */
	bool halted; /* the rest of the batch is not tried now   */
	bool away;   /* no host of the destination answers       */
	int64_t each_ms; /* duration of a message of the last batch      */
};

enum out_tried {
	OUT_TRIED,       /* results are filled                         */
	OUT_TRIED_STALE, /* a reused connection had ended: try another */
	OUT_TRIED_CROWD, /* nothing was tried: give the entry back     */
};

/* The path taken, for the queue's destinations and history; strings live in a. */
void out_run_path(const struct out_run *r, struct arena *a, struct queue_path *path);
/* The TLS that an entry needs. */
enum out_tls_need out_run_need(const struct queue_item *item);
/* Set the same result for all. */
void out_run_answer(struct queue_result *results, size_t count, struct queue_result answer);
/* Report to b->trouble, which returns whether it was one connection too many. A
 * destination that never accepted a message and now delays the connection is paused like
 * an unreachable one. */
void out_run_trouble(struct out_run *r, bool late, struct str text);

/* Try as many of part's recipients as one transaction may have: part is cut to them, and
 * results has their results. */
enum out_tried out_part_try(struct out_run *r, struct queue_item *part, struct arena *a,
                            struct queue_result *results);

/* Try the remote recipients of an entry, at one host after another (RFC 5321 5.1). */
enum out_tried out_remote_try(struct out_run *r, struct queue_item *item,
                              struct delivery_local *local,
                             struct arena *a, struct queue_result *results);

#endif

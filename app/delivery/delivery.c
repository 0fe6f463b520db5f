/* delivery/delivery.c: see delivery.h. */
#include "delivery/delivery.h"

#include "base/mem.h"
#include "delivery/plan.h"
#include "delivery/report.h"
#include "queue/queue.h"
#include "store/store.h"

/* The message, and when some mailboxes are full the report of that to its sender. */
struct accept {
	struct plan plan;
	struct report report;
};

static enum err accept_put(struct txn *t, void *arg)
{
	struct accept *a = arg;
	enum err e = plan_put(&a->plan, t);

	return e == OK ? report_put(&a->report, t) : e;
}

/* Each round that ends in ERR_LIMIT marks more mailboxes as full, of the message or of the
 * report, so this ends. */
static enum err accept_write(struct accept *a, struct why *why)
{
	enum err e;

	while ((e = store_write(a->plan.d->store, accept_put, a, why)) == ERR_LIMIT) {
		if (!plan_any(&a->plan))
			return fail(why, ERR_LIMIT, "mailbox full");
		if (report_covers(&a->report, &a->plan))
			continue;
		report_deinit(&a->report);
		if ((e = report_make(&a->report, &a->plan, why)))
			return e;
	}
	return e;
}

/* *a needs no initialisation and must be given to accept_deinit in any case. */
static enum err accept_try(struct accept *a, const struct delivery *d,
                           const struct delivery_message *m, struct why *why)
{
	enum err e;

	*a = (struct accept){ 0 };
	e = plan_make(&a->plan, d, m, why);
	return e == OK ? accept_write(a, why) : e;
}

static void accept_deinit(struct accept *a)
{
	report_deinit(&a->report);
	plan_deinit(&a->plan);
}

enum err delivery_accept(const struct delivery *d, const struct delivery_message *m,
                         struct why *why)
{
	struct accept a;
	enum err e = accept_try(&a, d, m, why);

	/* What was prepared went away before it was put (blob_put): prepare it again. Once: the
	 * peer has more patience than we have. */
	if (e == ERR_RETRY) {
		accept_deinit(&a);
		e = accept_try(&a, d, m, why);
	}
	if (e == OK)
		plan_announce(&a.plan);
	accept_deinit(&a);
	return e;
}

/* --- reports of the queue ---------------------------------------------------------- */

/* A plan and the message it borrows. */
struct bounced {
	struct delivery_message m;
	struct plan plan;
	enum err made; /* ERR_MISSING: nobody takes it */
};

static enum err bounce_prepare(const struct queue_bounce *b, void **made, void *arg,
                               struct why *why)
{
	struct bounced *out = NEW(struct bounced);

	out->m = (struct delivery_message){ .service = STR("queue"),
		                            .rcpts = &b->to,
		                            .rcpt_count = 1,
		                            .body = b->raw,
		                            .ours = true,
		                            .flags = b->flags };
	out->made = plan_make(&out->plan, arg, &out->m, why);
	if (out->made != OK && out->made != ERR_MISSING) {
		enum err e = out->made;

		plan_deinit(&out->plan);
		mem_free(out);
		return e;
	}
	*made = out;
	return OK;
}

static enum err bounce_put(struct txn *t, const struct queue_bounce *b, void *made, void *arg)
{
	struct bounced *out = made;

	(void)b, (void)arg;
	return out->made == OK ? plan_put(&out->plan, t) : out->made;
}

static void bounce_done(void *made, void *arg)
{
	struct bounced *out = made;

	(void)arg;
	plan_deinit(&out->plan);
	mem_free(out);
}

void delivery_host_init(struct queue_host *host, struct delivery *d)
{
	*host = (struct queue_host){ .bounce_prepare = bounce_prepare,
		                     .bounce_put = bounce_put,
		                     .bounce_done = bounce_done,
		                     .arg = d };
}

/* delivery/report.c: see report.h. */
#include "delivery/report.h"

#include "base/clock.h"
#include "config/settings.h"
#include "mailbox/email_new.h"
#include "queue/bounce.h"

enum { REPORT_MAX = 256 << 10, REPORT_RCPT_MAX = 4096 };

static const struct queue_reply mailbox_full = {
	.code = 552,
	.status = STR("5.2.2"),
	.text = STR("mailbox full"),
};

static size_t full_count(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->local_count; i++)
		n += p->locals[i].full;
	return n;
}

static size_t full_rcpts(struct arena *a, const struct plan *about, struct bounce_rcpt **out)
{
	struct queue_rcpt *rcpts = arena_array(a, struct queue_rcpt, about->local_count);
	size_t n = 0;

	*out = arena_array(a, struct bounce_rcpt, about->local_count);
	for (size_t i = 0; i < about->local_count; i++) {
		if (!about->locals[i].full)
			continue;
		rcpts[n] = (struct queue_rcpt){ .address = about->locals[i].address };
		(*out)[n] = (struct bounce_rcpt){ .rcpt = &rcpts[n], .reply = mailbox_full };
		n++;
	}
	return n;
}

static void raw_make(struct report *r, const struct plan *about)
{
	struct arena a = { 0 };
	const struct email *email = email_new_get(about->email);
	struct queue_item item = {
		.sender = about->m->from,
		.created_ms = clock_real_ms(),
		.size_bytes = email->size_bytes,
		.flags = about->m->flags,
	};
	/* The stored header begins with what we put in front of it. */
	uint64_t added = email->size_bytes - about->m->body.n;
	struct bounce b = {
		.action = BOUNCE_FAILED,
		.item = &item,
		.original = str_sub(about->m->body, 0, email->header_bytes - added),
		.hostname = about->settings->hostname,
		.now_ms = item.created_ms,
	};
	struct bounce_rcpt *rcpts;

	b.rcpt_count = full_rcpts(&a, about, &rcpts);
	b.rcpts = rcpts;
	buf_init(&r->raw, REPORT_MAX + b.rcpt_count * REPORT_RCPT_MAX);
	bounce_put(&r->raw, &b, &r->m.flags);
	arena_deinit(&a);
}

enum err report_make(struct report *r, const struct plan *about, struct why *why)
{
	enum err e;

	*r = (struct report){ 0 };
	if (mailaddr_is_null(&about->m->from))
		return OK;
	raw_make(r, about);
	r->m.service = STR("report");
	r->m.ours = true;
	r->m.rcpts = &about->m->from;
	r->m.rcpt_count = 1;
	r->m.body = buf_str(&r->raw);
	e = plan_make(&r->plan, about->d, &r->m, why);
	r->made = true;
	r->full = full_count(about);
	if (e == ERR_MISSING) {
		report_deinit(r);
		return OK;
	}
	return e;
}

bool report_covers(const struct report *r, const struct plan *about)
{
	return r->made && r->full == full_count(about);
}

/* A report that finds a full mailbox itself goes nowhere: there is no sender to tell. */
enum err report_put(struct report *r, struct txn *t)
{
	return r->made && plan_any(&r->plan) ? plan_put(&r->plan, t) : OK;
}

void report_deinit(struct report *r)
{
	if (!r->made)
		return;
	plan_deinit(&r->plan);
	buf_deinit(&r->raw);
	*r = (struct report){ 0 };
}

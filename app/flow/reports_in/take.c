/* flow/reports_in/take.c: the work of the desk's thread; see report_intake.h. */
#include "flow/reports_in/report_intake.h"
#include "flow/reports_in/reports_in_private.h"
#include "flow/reports_in/store.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"

enum { DAY_MS = 86400000, EXPIRE_AT_ONCE = 50, TALLIES_AT_ONCE = 1000 };

/* --- reading ------------------------------------------------------------------------------- */

struct taking {
	const struct report_desk_config *config;
	struct str id;
	struct report_draft *draft;
	struct report_parts parts; /* of a TLS report */
	enum report_put how[REPORT_PARTS_MAX];
};

static enum err take_put(struct txn *t, void *arg)
{
	struct taking *k = arg;
	enum err e;

	k->how[0] = REPORT_PUT_FOREIGN;
	if (k->draft->head.kind != REPORT_TLS)
		return report_in_put(t, k->draft, &k->how[0]);
	report_parts_free(&k->parts); /* the function may run again */
	e = report_split(t, k->draft, &k->parts);
	for (size_t i = 0; e == OK && i < k->parts.count; i++)
		e = report_in_put(t, k->parts.items[i], &k->how[i]);
	return e;
}

static const char *how_text(enum report_put how)
{
	switch (how) {
	case REPORT_PUT_KNOWN:
		return "it has come before";
	case REPORT_PUT_FOREIGN:
		return "it is about no domain of ours";
	case REPORT_PUT_FLOOD:
		return "too many have come today from its author's domain for this domain";
	default:
		return "too many have come today for this domain";
	}
}

static void taken_tell(const struct taking *k, const struct report_in *h)
{
	event(report_received, k->id, ev_z(report_kind_name(h->kind)), ev_str(h->domain),
	      ev_str(h->organization), ev_str(h->from), ev_int((int64_t)h->messages),
	      ev_z(h->proven ? "yes" : "no"));
}

static void refused_tell(const struct taking *k, const char *why)
{
	const struct report_in *h = &k->draft->head;

	event(report_refused, k->id, ev_str(h->from), ev_str(h->organization), ev_z(why));
}

static void put_tell(const struct taking *k, const struct report_in *head, enum report_put how)
{
	if (how == REPORT_PUT_TAKEN)
		taken_tell(k, head);
	else
		refused_tell(k, how_text(how));
}

static void take_item(void *arg, struct report_draft *d, enum err e, const struct why *why)
{
	struct taking *k = arg;
	struct why failed = { "" };

	k->draft = d;
	if (e != OK) {
		refused_tell(k, why->text);
		return;
	}
	e = store_write(k->config->store, take_put, k, &failed);
	if (e != OK)
		refused_tell(k, err_words(e, &failed));
	else if (k->parts.count == 0)
		put_tell(k, &d->head, k->how[0]);
	for (size_t i = 0; e == OK && i < k->parts.count; i++)
		put_tell(k, &k->parts.items[i]->head, k->how[i]);
	report_parts_free(&k->parts);
}

static uint64_t days_of(const struct report_desk_config *c)
{
	const struct settings *s = settings_ref(c->live);
	uint64_t days = s->reports_days;

	settings_unref(s);
	return days;
}

void report_desk_read(const struct report_desk_config *config, const struct report_offer *o)
{
	struct taking k = { .config = config, .id = o->id };
	const struct report_mail_taker taker = { take_item, &k };
	const struct report_mail m = { .results = o->results,
		                       .raw = o->raw,
		                       .ours = o->ours,
		                       .received_ms = clock_real_ms(),
		                       .days = days_of(config),
		                       .limits = config->limits };

	report_mail_read(&m, &taker);
}

/* --- expiry -------------------------------------------------------------------------------- */

struct expiring {
	int64_t before_ms;
	bool more;
	struct buf after;
};

static enum err reports_expire(struct txn *t, void *arg)
{
	struct expiring *x = arg;

	return report_in_expire(t, x->before_ms, EXPIRE_AT_ONCE, &x->more);
}

static enum err tallies_expire(struct txn *t, void *arg)
{
	struct expiring *x = arg;

	return report_tally_expire(t, (uint32_t)(x->before_ms / DAY_MS), TALLIES_AT_ONCE,
	                           &x->after);
}

enum err report_desk_expire(const struct report_desk_config *config, int64_t now_ms,
                            struct why *why)
{
	uint64_t days = MIN(days_of(config), (uint64_t)(now_ms / DAY_MS));
	struct expiring x = { .before_ms = now_ms - (int64_t)days * DAY_MS, .more = true };
	enum err e = OK;

	buf_init(&x.after, 600);
	while (e == OK && x.more)
		e = store_write(config->store, reports_expire, &x, why);
	do
		e = e == OK ? store_write(config->store, tallies_expire, &x, why) : e;
	while (e == OK && x.after.n != 0);
	buf_deinit(&x.after);
	return e;
}

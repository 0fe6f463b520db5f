/* model/remote/evidence.c: collecting and storing notes; see evidence.h. */
#include "model/remote/evidence.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/metrics.h"
#include "model/remote/evidence_row.h"
#include "model/remote/remote_body.h"
#include "model/store/store.h"

enum {
	GATHER_MAX = 1000,
	PRESS_AT = 500, /* write them early */
	NAME_MAX_BYTES = 255,
	REASON_MAX = 200,
	POLICY_MAX = 16384,
};

/* Notes that are not written yet. */
struct gathered {
	struct arena arena;
	struct {
		uint32_t day;
		struct tls_note note;
	} items[GATHER_MAX];
	size_t count;
	uint64_t lost;
};

const char *tls_policy_name(enum tls_policy policy)
{
	static const char *const names[TLS_POLICIES] = {
		[TLS_POLICY_NONE] = "no-policy-found",
		[TLS_POLICY_STS] = "sts",
		[TLS_POLICY_TLSA] = "tlsa",
	};

	return names[policy];
}

uint32_t tls_day_of(int64_t time_ms)
{
	return (uint32_t)(MAX(time_ms, 0) / ((int64_t)86400 * 1000));
}

/* --- collecting --------------------------------------------------------------------------- */

static struct str cut_dup(struct arena *a, struct str s, size_t max)
{
	return str_dup(a, str_sub(s, 0, max));
}

static void gather(struct gathered *g, const struct tls_note *n)
{
	struct tls_note *to = &g->items[g->count].note;

	*to = *n;
	to->domain = str_sub(str_lower(&g->arena, n->domain), 0, NAME_MAX_BYTES);
	to->policy = cut_dup(&g->arena, n->policy, POLICY_MAX);
	to->reason = cut_dup(&g->arena, n->reason, REASON_MAX);
	to->mx = str_sub(str_lower(&g->arena, n->mx), 0, NAME_MAX_BYTES);
	to->helo = cut_dup(&g->arena, n->helo, NAME_MAX_BYTES);
	to->ip = cut_dup(&g->arena, n->ip, NAME_MAX_BYTES);
	to->our_ip = cut_dup(&g->arena, n->our_ip, NAME_MAX_BYTES);
	g->items[g->count++].day = tls_day_of(clock_real_ms());
}

static bool kept_at_all(struct remotes *r)
{
	const struct settings *s = settings_ref(r->config.live);
	bool kept = s->tls_evidence_days != 0;

	settings_unref(s);
	return kept;
}

void tls_note(struct remotes *r, const struct tls_note *note)
{
	bool press;

	if (r == NULL || note->domain.n == 0 || !kept_at_all(r))
		return;
	pthread_mutex_lock(&r->notes_lock);
	if (r->notes == NULL)
		r->notes = NEW(struct gathered);
	if (r->notes->count < GATHER_MAX)
		gather(r->notes, note);
	else
		metric_add(METRIC_tls_notes_lost, 1);
	press = r->notes->count == PRESS_AT;
	pthread_mutex_unlock(&r->notes_lock);
	if (press)
		remotes_press(r);
}

/* --- counting ----------------------------------------------------------------------------- */

static struct tls_tally *tally_of(struct tls_day *d, const struct tls_note *n)
{
	for (size_t i = 0; i < d->tally_count; i++)
		if (d->tallies[i].type == n->type && str_eq(d->tallies[i].policy, n->policy))
			return &d->tallies[i];
	if (d->tally_count == LIMIT_tls_evidence_policies)
		return NULL;
	d->tallies[d->tally_count] = (struct tls_tally){ .type = n->type, .policy = n->policy };
	return &d->tallies[d->tally_count++];
}

static bool failure_same(const struct tls_failure *f, const struct tls_note *n)
{
	return str_eq(f->result_type, str_of(n->result_type)) && str_eq(f->reason, n->reason) &&
	       str_eq(f->mx, n->mx) && str_eq(f->helo, n->helo) && str_eq(f->ip, n->ip) &&
	       str_eq(f->our_ip, n->our_ip);
}

static void failure_count(struct tls_tally *t, const struct tls_note *n, struct arena *a)
{
	for (size_t i = 0; i < t->failure_count; i++) {
		if (!failure_same(&t->failures[i], n))
			continue;
		t->failures[i].count++;
		return;
	}
	if (t->failure_count == LIMIT_tls_evidence_failures)
		return;
	if (t->failures == NULL)
		t->failures = arena_array(a, struct tls_failure, LIMIT_tls_evidence_failures);
	t->failures[t->failure_count++] = (struct tls_failure){
		.result_type = str_of(n->result_type),
		.reason = n->reason,
		.mx = n->mx,
		.helo = n->helo,
		.ip = n->ip,
		.our_ip = n->our_ip,
		.count = 1,
	};
}

/* --- writing ------------------------------------------------------------------------------ */

/* Is there room for one more domain on this day? */
static enum err room_look(struct txn *t, uint32_t day, bool *room)
{
	char key[EVIDENCE_KEY_MAX];
	struct kv_iter it;
	uint64_t n = 0;

	kv_iter_prefix(&it, t, SPACE_TLS_EVIDENCE, evidence_key(key, day, STR_EMPTY));
	while (n < LIMIT_tls_evidence_domains && kv_iter_next(&it))
		n++;
	*room = n < LIMIT_tls_evidence_domains;
	return kv_iter_end(&it);
}

static enum err day_get(struct txn *t, struct arena *a, struct tls_day *d, bool *room)
{
	char key[EVIDENCE_KEY_MAX];
	struct str row;
	enum err e = kv_get(t, SPACE_TLS_EVIDENCE, evidence_key(key, d->day, d->domain), &row);

	*room = true;
	if (e == OK && evidence_row_parse(str_dup(a, row), a, d))
		return OK;
	if (e == ERR_MISSING)
		e = room_look(t, d->day, room);
	d->tally_count = 0;
	d->tallies = arena_array(a, struct tls_tally, LIMIT_tls_evidence_policies);
	return e;
}

static enum err note_write(struct txn *t, const struct tls_note *n, uint32_t day, uint64_t *lost)
{
	struct tls_day d = { .day = day, .domain = n->domain };
	struct arena a = { 0 };
	struct tls_tally *tally;
	bool room;
	enum err e = day_get(t, &a, &d, &room);

	tally = e == OK && room ? tally_of(&d, n) : NULL;
	if (tally == NULL) {
		*lost += e == OK;
	} else {
		tally->good += n->result_type == NULL;
		tally->bad += n->result_type != NULL;
		if (n->result_type != NULL)
			failure_count(tally, n, &a);
		e = evidence_row_put(t, &d);
	}
	arena_deinit(&a);
	return e;
}

static enum err gathered_write(struct txn *t, void *arg)
{
	struct gathered *g = arg;
	enum err e = OK;

	g->lost = 0;
	for (size_t i = 0; e == OK && i < g->count; i++)
		e = note_write(t, &g->items[i].note, g->items[i].day, &g->lost);
	return e;
}

enum err tls_notes_flush(struct remotes *r, struct why *why)
{
	struct gathered *g;
	enum err e = OK;

	pthread_mutex_lock(&r->notes_lock);
	g = r->notes;
	r->notes = NULL;
	pthread_mutex_unlock(&r->notes_lock);
	if (g == NULL)
		return OK;
	e = store_write(r->config.store, gathered_write, g, why);
	metric_add(METRIC_tls_notes_lost, e == OK ? g->lost : g->count);
	arena_deinit(&g->arena);
	mem_free(g);
	return e;
}

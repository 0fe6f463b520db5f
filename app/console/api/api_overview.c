/* console/api/api_overview.c: GET /api/overview: the state and the activity of the server.
 * Domain administrators get the same for their domains: api_private.h. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/api_private.h"
#include "console/api/settings/warnings.h"
#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/observe/history.h"
#include "model/store/store.h"

enum { DAY_MS = 86400 * 1000 };

static void put_history(struct json_writer *w, const struct history_point *points)
{
	json_open(w, "history", '{');
	json_put_u64(w, "step_s", HISTORY_STEP_S);
	json_open(w, "points", '[');
	for (size_t i = 0; i < HISTORY_STEPS; i++) {
		json_open(w, NULL, '{');
		json_put_time(w, "time", points[i].time_ms);
		json_put_u64(w, "in", points[i].counts[HISTORY_IN]);
		json_put_u64(w, "out", points[i].counts[HISTORY_OUT]);
		json_put_u64(w, "refused", points[i].counts[HISTORY_REFUSED]);
		json_close(w);
	}
	json_close(w);
	json_close(w);
}

static void put_identity(struct api_call *c)
{
	const struct settings *s = settings_ref(c->admin->live);

	json_put_str(c->out, "version", c->admin->version);
	json_put_str(c->out, "commit", c->admin->commit);
	json_put_str(c->out, "hostname", str_dup(c->arena, s->hostname));
	json_put_i64(c->out, "uptime_s", (clock_mono_ms() - c->admin->begun_mono_ms) / 1000);
	settings_unref(s);
}

static void put_storage(struct json_writer *w, uint64_t used_bytes, uint64_t free_bytes)
{
	json_open(w, "storage", '{');
	json_put_u64(w, "used_bytes", used_bytes);
	json_put_u64(w, "free_bytes", free_bytes);
	json_close(w);
}

static void put_warnings(struct api_call *c, const struct health *h)
{
	struct warning list[WARNINGS_MAX];
	size_t count = warnings_find(h, c->arena, list);

	json_open(c->out, "warnings", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(c->out, NULL, '{');
		json_put_str(c->out, "id", str_of(list[i].id));
		json_put_str(c->out, "text", list[i].text);
		json_put_str(c->out, "advice", str_of(list[i].advice));
		json_put_str(c->out, "page", str_of(list[i].page));
		json_close(c->out);
	}
	json_close(c->out);
}

static void put_counts(struct json_writer *w, const uint64_t today[static HISTORY_WHATS],
                       uint64_t queue)
{
	json_put_u64(w, "received_today", today[HISTORY_IN]);
	json_put_u64(w, "sent_today", today[HISTORY_OUT]);
	json_put_u64(w, "refused_today", today[HISTORY_REFUSED]);
	json_put_u64(w, "queue", queue);
}

/* The part of the last 24 hours since midnight UTC. */
static void today_of(const struct history_point *points, int64_t now_ms,
                     uint64_t today[static HISTORY_WHATS])
{
	for (size_t i = 0; i < HISTORY_STEPS; i++)
		for (size_t what = 0; what < HISTORY_WHATS; what++)
			if (points[i].time_ms >= now_ms - now_ms % DAY_MS)
				today[what] += points[i].counts[what];
}

/* Disk, certificates and what is wrong with either are not a domain's. */
static enum err overview_of_domains(struct api_call *c)
{
	struct health h = { .now_ms = clock_real_ms(), .certificate_ends_ms = INT64_MAX };
	uint64_t today[HISTORY_WHATS] = { 0 };
	struct overview_scope mine;
	enum err e = overview_scope_look(c, h.now_ms, &mine);

	if (e != OK)
		return e;
	h.queue_oldest_ms = mine.queue_oldest_ms;
	today_of(mine.points, h.now_ms, today);
	json_open(c->out, NULL, '{');
	put_identity(c);
	put_counts(c->out, today, mine.queue);
	put_storage(c->out, mine.used_bytes, 0);
	json_open(c->out, "certificates", '[');
	json_close(c->out);
	put_warnings(c, &h);
	put_history(c->out, mine.points);
	json_close(c->out);
	return OK;
}

static enum err overview_of_all(struct api_call *c)
{
	struct history_point points[HISTORY_STEPS];
	uint64_t today[HISTORY_WHATS];
	struct health h;
	enum err e = health_look(c->admin, c->arena, &h);

	if (e != OK)
		return e;
	history_today(h.now_ms, today);
	history_get(h.now_ms, points);
	json_open(c->out, NULL, '{');
	put_identity(c);
	put_counts(c->out, today, h.queue);
	put_storage(c->out, h.store.file_bytes, h.free_bytes);
	json_open(c->out, "certificates", '[');
	e = certificates_put(c->admin, c->arena, c->out);
	json_close(c->out);
	put_warnings(c, &h);
	put_history(c->out, points);
	json_close(c->out);
	return e;
}

enum err api_overview(struct api_call *c)
{
	return c->who.role == API_OWNER ? overview_of_all(c) : overview_of_domains(c);
}

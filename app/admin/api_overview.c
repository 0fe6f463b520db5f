/* admin/api_overview.c: GET /api/overview: is the server well, and what has it done? */
#include "admin/admin.h"
#include "admin/api.h"
#include "admin/certificates.h"
#include "admin/warnings.h"
#include "base/clock.h"
#include "config/live.h"
#include "observe/history.h"
#include "queue/queue.h"
#include "store/store.h"

static void put_history(struct json_writer *w, int64_t now_ms)
{
	struct history_point points[HISTORY_STEPS];

	history_get(now_ms, points);
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
	json_put_str(c->out, "hostname", str_dup(c->arena, s->hostname));
	json_put_i64(c->out, "uptime_s", (clock_mono_ms() - c->admin->begun_mono_ms) / 1000);
	settings_unref(s);
}

static void put_storage(struct json_writer *w, const struct health *h)
{
	json_open(w, "storage", '{');
	json_put_u64(w, "used_bytes", h->store.file_bytes);
	json_put_u64(w, "free_bytes", h->free_bytes);
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
		json_close(c->out);
	}
	json_close(c->out);
}

enum err api_overview(struct api_call *c)
{
	uint64_t today[HISTORY_WHATS];
	struct health h;
	enum err e = health_look(c->admin, c->arena, &h);

	if (e != OK)
		return e;
	history_today(h.now_ms, today);
	json_open(c->out, NULL, '{');
	put_identity(c);
	json_put_u64(c->out, "received_today", today[HISTORY_IN]);
	json_put_u64(c->out, "sent_today", today[HISTORY_OUT]);
	json_put_u64(c->out, "refused_today", today[HISTORY_REFUSED]);
	json_put_u64(c->out, "queue", h.queue);
	put_storage(c->out, &h);
	json_open(c->out, "certificates", '[');
	e = certificates_put(c->admin, c->arena, c->out);
	json_close(c->out);
	put_warnings(c, &h);
	put_history(c->out, h.now_ms);
	json_close(c->out);
	return e;
}

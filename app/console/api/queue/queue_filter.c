/* console/api/queue/queue_filter.c: see queue_private.h. */
#include "console/api/queue/queue_private.h"

#include "console/api/api.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/clock.h"
#include "model/queue/admin.h"

enum { AGE_MAX_S = 3650 * 86400, TEXT_MAX = 200 };

static const char *const names[] = { "q", "domain", "sender", "state", "queue" };
enum { Q, DOMAIN, SENDER, STATE, QUEUE };

/* A domain, or with "@" an address, in normal form; other text stays as it is. */
static struct str normal(struct arena *a, struct str text)
{
	struct mailaddr address;

	if (str_find_byte(text, '@') < 0)
		return mailaddr_domain_normal(a, text);
	return mailaddr_of(text, a, MAILADDR_UTF8, &address) ? mailaddr_text(a, &address) : text;
}

/* The default queue has no name, which here means that it does not matter. */
static bool filter_take(struct api_call *c, const struct str values[static COUNT(names)],
                        int64_t age_s, struct queue_query *out)
{
	*out = (struct queue_query){ .text = values[Q],
		                     .domain = normal(c->arena, values[DOMAIN]),
		                     .sender = normal(c->arena, values[SENDER]),
		                     .in_queue = values[QUEUE].n != 0,
		                     .now_ms = clock_real_ms() };
	if (!str_eq(values[QUEUE], STR("default")))
		out->queue = values[QUEUE];
	if (age_s > 0)
		out->before_ms = out->now_ms - 1000 * MIN(age_s, (int64_t)AGE_MAX_S);
	if (queue_state_parse(values[STATE], &out->state))
		return true;
	(void)!api_invalid(c, "state", values[STATE], "waiting, delayed, active or held");
	return false;
}

bool queue_filter_query(struct api_call *c, struct queue_query *out)
{
	struct str values[COUNT(names)];

	for (size_t i = 0; i < COUNT(names); i++)
		values[i] = api_argument(c, names[i]);
	return filter_take(c, values, (int64_t)api_argument_u64(c, "age", 0, AGE_MAX_S), out);
}

bool queue_filter_body(struct api_call *c, struct queue_query *out)
{
	struct str values[COUNT(names)] = { 0 };
	int64_t age_s = 0;

	for (size_t i = 0; i < COUNT(names); i++)
		(void)json_str(json_get(c->body, names[i]), &values[i]);
	(void)json_i64(json_get(c->body, "age"), &age_s);
	return filter_take(c, values, age_s, out);
}

struct str queue_filter_text(struct api_call *c)
{
	struct str text;
	struct buf b;
	int64_t age_s;

	buf_init(&b, 8 * TEXT_MAX);
	for (size_t i = 0; i < COUNT(names); i++)
		if (json_str(json_get(c->body, names[i]), &text) && text.n != 0)
			buf_fmt(&b, "%s%s=%.*s", b.n != 0 ? " " : "", names[i],
			        STR_ARG(str_sub(text, 0, TEXT_MAX)));
	if (json_i64(json_get(c->body, "age"), &age_s))
		buf_fmt(&b, "%sage=%" PRId64, b.n != 0 ? " " : "", age_s);
	text = str_dup(c->arena, buf_str(&b));
	buf_deinit(&b);
	return text;
}

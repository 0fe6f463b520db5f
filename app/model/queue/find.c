/* model/queue/find.c: searches entries; see queue.h. */
#include "foundation/base/arena.h"
#include "foundation/config/rules.h"
#include "model/queue/add.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/find.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/take.h"
#include "model/store/store.h"

static const char *const state_names[] = {
	[QUEUE_STATE_ANY] = "",
	[QUEUE_STATE_WAITING] = "waiting",
	[QUEUE_STATE_DELAYED] = "delayed",
	[QUEUE_STATE_ACTIVE] = "active",
	[QUEUE_STATE_HELD] = "held",
};

const char *queue_state_name(enum queue_state state)
{
	return state_names[state];
}

bool queue_state_parse(struct str name, enum queue_state *out)
{
	for (size_t i = 0; i < COUNT(state_names); i++) {
		if (str_eq(name, str_of(state_names[i]))) {
			*out = (enum queue_state)i;
			return true;
		}
	}
	return false;
}

enum queue_state queue_state_of(const struct queue_item *item, int64_t now_ms)
{
	if (item->holder != 0 && item->due_ms > now_ms)
		return QUEUE_STATE_ACTIVE;
	if (item->held)
		return QUEUE_STATE_HELD;
	return item->attempts != 0 ? QUEUE_STATE_DELAYED : QUEUE_STATE_WAITING;
}

uint32_t queue_attempts_by(const struct queue_item *item, struct str route)
{
	for (size_t i = 0; i < item->tried_count; i++)
		if (str_eq(item->tried[i].route, route))
			return item->tried[i].attempts;
	return 0;
}

static bool has_part(struct str in, struct str text)
{
	for (size_t i = 0; i + text.n <= in.n; i++)
		if (str_eqi(str_from(in.p + i, text.n), text))
			return true;
	return false;
}

struct find_text find_text(struct str typed, struct arena *a)
{
	struct find_text text = { typed, typed };

	(void)!rule_domains(a, typed, &text.ascii);
	return text;
}

bool find_in(struct str in, const struct find_text *text)
{
	return has_part(in, text->typed) ||
	       (text->ascii.p != text->typed.p && has_part(in, text->ascii));
}

/* "example.org", or with "@" an address. */
static bool sender_fits(const struct queue_item *item, struct str sender, struct arena *a)
{
	return str_find_byte(sender, '@') < 0
	               ? str_eqi(sender, item->envelope.sender.domain)
	               : str_eqi(sender, queue_address_text(a, &item->envelope.sender));
}

static bool domain_fits(const struct queue_item *item, struct str domain)
{
	bool fits = str_eqi(item->destination, domain);

	for (size_t i = 0; !fits && i < item->envelope.rcpt_count; i++)
		fits = str_eqi(item->envelope.rcpts[i].address.domain, domain);
	return fits;
}

static bool rest_fits(const struct queue_item *item, const struct queue_query *q, struct arena *a)
{
	return (q->domain.n == 0 || domain_fits(item, q->domain)) &&
	       (q->sender.n == 0 || sender_fits(item, q->sender, a)) &&
	       (!q->in_queue || str_eq(item->queue, q->queue)) &&
	       (q->before_ms == 0 || item->created_ms < q->before_ms);
}

bool queue_fits(const struct queue_item *item, const struct queue_query *q, struct arena *a)
{
	struct find_text text = find_text(q->text, a);
	bool found;

	if (q->keep != NULL && !q->keep(item, q->arg))
		return false;
	if (!rest_fits(item, q, a))
		return false;
	if (q->state != QUEUE_STATE_ANY && queue_state_of(item, q->now_ms) != q->state)
		return false;
	found = q->text.n == 0 || find_in(item->destination, &text) ||
	        find_in(queue_address_text(a, &item->envelope.sender), &text);
	for (size_t i = 0; !found && i < item->envelope.rcpt_count; i++)
		found = find_in(queue_address_text(a, &item->envelope.rcpts[i].address), &text) ||
		        find_in(item->envelope.rcpts[i].reply.text, &text);
	return found;
}

enum err queue_find(struct txn *t, const struct queue_query *query, struct arena *a,
                    struct queue_list *out)
{
	struct arena look = { 0 };
	struct kv_iter it;
	enum err e = OK, walked;

	*out = (struct queue_list){ .items = arena_array(a, struct queue_item, query->max) };
	record_iter(&it, t, query->after + 1);
	while (e == OK && out->more == 0 && kv_iter_next(&it)) {
		struct queue_item item;

		arena_reset(&look);
		e = record_read(&it, &look, &item);
		if (e == ERR_CORRUPT)
			e = OK; /* fsck reports it */
		else if (e == OK && queue_fits(&item, query, &look)) {
			if (out->count == query->max)
				out->more = 1;
			else
				e = record_read(&it, a, &out->items[out->count++]);
		}
	}
	walked = kv_iter_end(&it);
	arena_deinit(&look);
	return e != OK ? e : walked;
}

/* Ids grow with time, so the first readable entry is the oldest. */
enum err queue_size(struct txn *t, uint64_t *count, int64_t *oldest_ms)
{
	struct queue_count all;
	struct queue_item item;
	struct kv_iter it;
	enum err e = queue_count_of(t, &all), walked;

	*count = all.messages;
	*oldest_ms = INT64_MAX;
	record_iter(&it, t, 1);
	while (e == OK && *oldest_ms == INT64_MAX && kv_iter_next(&it))
		if (record_glance(&it, &item) == OK)
			*oldest_ms = item.created_ms;
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

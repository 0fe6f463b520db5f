/* model/queue/quota.c: see quota.h; queue_room is in add.h. */
#include "model/queue/quota.h"

#include "foundation/base/arena.h"
#include "foundation/config/settings.h"
#include "foundation/config/value.h"
#include "model/queue/add.h"
#include "model/queue/count.h"
#include "model/store/store.h"

static const struct rule_key keys[] = {
	{ "each", false }, { "from", true },       { "submitter", false },
	{ "most", false }, { "most-size", false },
};

bool quota_is(const struct rule *r)
{
	struct str v;

	return rule_get(r, STR("most"), &v) || rule_get(r, STR("most-size"), &v);
}

static bool each_is(const struct rule *r, struct str what)
{
	struct str v;

	return rule_get(r, STR("each"), &v) && str_eq(v, what);
}

enum err quota_check(const struct rule *r, struct why *why)
{
	enum err e = rule_check(r, keys, COUNT(keys), why);
	struct str v;
	uint64_t n;

	if (e != OK)
		return e;
	if (!each_is(r, STR("account")) && !each_is(r, STR("domain")))
		return rule_fail(r, why, "a limit says each=account or each=domain");
	if (rule_get(r, STR("submitter"), &v) &&
	    (!each_is(r, STR("account")) || !value_count(v, &n)))
		return rule_fail(r, why, "submitter: give the number of an account, with "
		                         "each=account");
	if (rule_get(r, STR("most"), &v) && !value_count(v, &n))
		return rule_fail(r, why, "most: give a number");
	if (rule_get(r, STR("most-size"), &v) && !value_bytes(v, &n))
		return rule_fail(r, why, "most-size: give a size like 200M");
	return OK;
}

/* --- is there room? ---------------------------------------------------------------------- */

static bool fits(const struct rule *r, const struct queue_room *room)
{
	bool asked = false, fit = false;
	struct arena a = { 0 };
	struct str v;
	uint64_t n;

	if (rule_get(r, STR("submitter"), &v) && (!value_count(v, &n) || n != room->submitter))
		return false;
	for (size_t i = 0; i < r->count; i++) {
		if (!str_eq(r->words[i].key, STR("from")))
			continue;
		asked = true;
		fit = fit || (rule_domains(&a, r->words[i].value, &v) &&
		              rule_fits(v, room->sender->domain));
	}
	arena_deinit(&a);
	return fit || !asked;
}

static bool is_over(const struct queue_count *has, const struct queue_room *room, uint64_t most,
                    uint64_t most_bytes)
{
	return (most != 0 && has->messages + room->messages > most) ||
	       (most_bytes != 0 && has->bytes + room->messages * room->size_bytes > most_bytes);
}

/* By the first matching line. */
static bool rule_over(const struct rules *rules, struct str each, const struct queue_room *room,
                      const struct queue_count *has)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->items[i];
		uint64_t most = 0, bytes = 0;
		struct str v;

		if (!quota_is(r) || !each_is(r, each) || !fits(r, room))
			continue;
		if (rule_get(r, STR("most"), &v) && !value_count(v, &most))
			most = 0;
		if (rule_get(r, STR("most-size"), &v) && !value_bytes(v, &bytes))
			bytes = 0;
		return is_over(has, room, most, bytes);
	}
	return false;
}

static enum err rules_ask(struct txn *t, const struct rules *rules, const struct queue_room *room)
{
	struct queue_count has = { 0 };
	enum err e = room->submitter != 0 ? count_of_account(t, room->submitter, &has) : OK;

	if (e == OK && room->submitter != 0 && rule_over(rules, STR("account"), room, &has))
		return fail(txn_why(t), ERR_LIMIT,
		            "as much mail of this account waits to leave as may");
	if (e == OK)
		e = count_of_domain(t, room->sender->domain, &has);
	if (e == OK && rule_over(rules, STR("domain"), room, &has))
		return fail(txn_why(t), ERR_LIMIT,
		            "as much mail of this domain waits to leave as may");
	return e;
}

enum err queue_room(struct txn *t, const struct settings *s, const struct queue_room *room)
{
	struct queue_count all = { 0 };
	struct rules rules;
	enum err e = OK;

	if (mailaddr_is_null(room->sender))
		return OK;
	if (s->queue_max_messages != 0 || s->queue_max_bytes != 0)
		e = queue_count_of(t, &all);
	if (e == OK && is_over(&all, room, s->queue_max_messages, s->queue_max_bytes))
		return fail(txn_why(t), ERR_FULL, "the queue is full");
	if (e != OK || s->queues.n == 0 ||
	    rules_parse(s->queues, txn_arena(t), &rules, NULL) != OK) /* checked when set */
		return e;
	return rules_ask(t, &rules, room);
}

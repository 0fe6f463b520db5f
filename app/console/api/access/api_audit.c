/* console/api/access/api_audit.c: GET /api/audit: what was changed by whom. */
#include "console/api/access/audit.h"
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/config/limits.h"
#include "model/store/store.h"

struct page {
	struct api_call *call;
	size_t limit;
	struct audit_list list;
};

static enum err read(struct txn *t, void *arg)
{
	struct page *p = arg;
	struct api_call *c = p->call;

	/* One more tells whether there is a next page. */
	return audit_list(t, api_argument_u64(c, "after", 0, UINT64_MAX),
	                  api_argument(c, "q"), p->limit + 1, c->arena, &p->list);
}

/* An entry is JSON unless it was cut at the maximum length. */
static void put_json(struct api_call *c, const char *name, struct str text)
{
	struct json v;

	if (text.n == 0)
		json_put_null(c->out, name);
	else if (json_parse(c->arena, text, &v))
		json_put_raw(c->out, name, text);
	else
		json_put_str(c->out, name, text);
}

static void put_entry(struct api_call *c, const struct audit *entry)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "id", str_fmt(c->arena, "%" PRIu64, entry->id));
	json_put_time(c->out, "time", entry->time_ms);
	json_put_str(c->out, "who", entry->who);
	json_put_str(c->out, "from", entry->from);
	json_put_str(c->out, "what", entry->what);
	json_put_str(c->out, "target", entry->target);
	put_json(c, "before", entry->before);
	put_json(c, "after", entry->after);
	json_close(c->out);
}

enum err api_audit_list(struct api_call *c)
{
	struct page p = { .call = c };
	size_t count;
	enum err e;

	p.limit = (size_t)MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1);
	e = store_read(c->admin->store, read, &p);
	if (e != OK)
		return e;
	count = MIN(p.list.count, p.limit);
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < count; i++)
		put_entry(c, &p.list.items[i]);
	json_close(c->out);
	if (p.list.count > p.limit)
		json_put_str(c->out, "next",
		             str_fmt(c->arena, "%" PRIu64, p.list.items[count - 1].id));
	else
		json_put_null(c->out, "next");
	json_close(c->out);
	return OK;
}

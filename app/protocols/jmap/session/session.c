/* protocols/jmap/session/session.c: the session object (RFC 8620 2). */
#include "protocols/jmap/session/capability.h"

/* RFC 8887 3 */
static void websocket_put(const struct http_request *q, struct json_writer *w)
{
	json_put_str(w, "url", str_fmt(q->arena, "%s://%.*s/jmap/socket", q->tls ? "wss" : "ws",
	                               STR_ARG(q->host)));
	json_put_bool(w, "supportsPush", true);
}

static void capabilities_put(const struct jmap_server *s, const struct http_request *q,
                             struct json_writer *w)
{
	json_open(w, "capabilities", '{');
	for (unsigned i = 0; i < CAPABILITIES; i++) {
		const struct jmap_capability_row *row = &jmap_capability_rows[i];

		if (row->urn == NULL || row->account_only)
			continue;
		json_open(w, row->urn, '{');
		if (row->server_put != NULL)
			row->server_put(s, w);
		if (i == CAP_WEBSOCKET)
			websocket_put(q, w);
		json_close(w);
	}
	json_close(w);
}

static struct str account_text(struct arena *a, uint32_t account)
{
	char *room = arena_alloc(a, JMAP_ID_ROOM);
	struct buf b;

	buf_init_in(&b, room, JMAP_ID_ROOM);
	jmap_account_put(&b, account);
	return buf_str(&b);
}

void jmap_session_account_put(const struct jmap_server *s, const struct jmap_caller *c,
                              const struct jmap_account *x, struct arena *a,
                              struct json_writer *w)
{
	json_put_name(w, account_text(a, x->id));
	json_open(w, NULL, '{');
	json_put_str(w, "name", x->name);
	json_put_bool(w, "isPersonal", x->kind == ACCOUNT_OWN);
	json_put_bool(w, "isReadOnly", false);
	json_open(w, "accountCapabilities", '{');
	for (unsigned i = 0; i < CAPABILITIES; i++) {
		const struct jmap_capability_row *row = &jmap_capability_rows[i];

		if (!jmap_capability_of((enum jmap_capability)i, c, x))
			continue;
		json_open(w, row->urn, '{');
		if (row->account_put != NULL)
			row->account_put(s, c, x, w);
		json_close(w);
	}
	json_close(w);
	json_close(w);
}

static void primary_put(const struct jmap_caller *c, const struct jmap_account *own,
                        struct arena *a, struct json_writer *w)
{
	json_open(w, "primaryAccounts", '{');
	for (unsigned i = 0; i < CAPABILITIES; i++)
		if (jmap_capability_of((enum jmap_capability)i, c, own))
			json_put_str(w, jmap_capability_rows[i].urn, account_text(a, own->id));
	json_close(w);
}

static void urls_put(struct str base, struct arena *a, struct json_writer *w)
{
	static const char *const urls[][2] = {
		{ "apiUrl", "/jmap/api" },
		{ "downloadUrl", "/jmap/download/{accountId}/{blobId}/{name}?type={type}" },
		{ "uploadUrl", "/jmap/upload/{accountId}" },
		{ "eventSourceUrl",
		  "/jmap/events?types={types}&closeafter={closeafter}&ping={ping}" },
	};

	for (size_t i = 0; i < COUNT(urls); i++)
		json_put_str(w, urls[i][0],
		             str_fmt(a, "%.*s%s", STR_ARG(base), urls[i][1]));
}

void jmap_session_serve(const struct jmap_server *s, const struct jmap_caller *c,
                        const struct http_request *q, struct http_response *r)
{
	struct jmap_accounts accounts;
	struct json_writer w;
	struct str base = str_fmt(q->arena, "%s://%.*s", q->tls ? "https" : "http",
	                          STR_ARG(q->host));

	if (jmap_accounts_load(s, c, q->arena, &accounts) != OK) {
		http_say(r, 503, "the store is not available");
		return;
	}
	r->type = "application/json";
	http_set(r, "Cache-Control", STR("no-cache, no-store, must-revalidate"));
	json_writer_init(&w, &r->body);
	json_open(&w, NULL, '{');
	capabilities_put(s, q, &w);
	json_open(&w, "accounts", '{');
	for (size_t i = 0; i < accounts.n; i++)
		jmap_session_account_put(s, c, &accounts.items[i], q->arena, &w);
	json_close(&w);
	primary_put(c, &accounts.items[0], q->arena, &w);
	json_put_str(&w, "username", c->address);
	urls_put(base, q->arena, &w);
	json_put_str(&w, "state", accounts.state);
	json_close(&w);
}

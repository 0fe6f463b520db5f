/* console/api/access/api_tokens.c: bearer tokens for programs that call the API. */
#include "console/api/access/token.h"
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/base/clock.h"
#include "model/store/store.h"

/* The arguments of a transaction of this file. */
struct tokens {
	struct api_call *call;
	struct token_list list;
	struct token token; /* to make */
	struct ticket ticket;
};

static void put_token(struct json_writer *w, const struct token *token, struct str text,
                      struct arena *a)
{
	json_open(w, NULL, '{');
	json_put_str(w, "id", token_name(&token->key, a));
	json_put_str(w, "label", token->label);
	json_open(w, "scopes", '[');
	for (unsigned i = API_SCOPE_NONE + 1; i < API_SCOPES; i++) {
		if (token->scopes & BIT(i))
			json_put_str(w, NULL, str_of(api_scope_name((enum api_scope)i)));
	}
	json_close(w);
	json_put_time(w, "created", token->created_ms);
	json_put_time(w, "expires", token->expires_ms);
	json_put_time(w, "last_used", token->used_ms);
	if (text.n != 0)
		json_put_str(w, "token", text);
	json_close(w);
}

/* --- listing ----------------------------------------------------------------------------- */

static enum err list(struct txn *t, void *arg)
{
	struct tokens *r = arg;

	return token_list(t, r->call->who.account, r->call->arena, &r->list);
}

enum err api_tokens(struct api_call *c)
{
	struct tokens r = { .call = c };
	struct api_list page;
	enum err e = store_read(c->admin->store, list, &r);

	if (e != OK)
		return e;
	api_list_open(c, &page);
	for (size_t i = 0; i < r.list.count; i++) {
		const struct token *token = &r.list.items[i];

		if (api_list_wants(&page, token_name(&token->key, c->arena)))
			put_token(c->out, token, STR_EMPTY, c->arena);
	}
	api_list_close(&page);
	return OK;
}

/* --- making ------------------------------------------------------------------------------ */

static bool scopes_parse(struct json names, unsigned *out)
{
	struct json_iter it = json_iter(names);
	enum api_scope scope;
	struct str name;

	*out = 0;
	while (json_next(&it)) {
		if (!json_str(it.value, &name) || !api_scope_parse(name, &scope))
			return false;
		*out |= BIT(scope);
	}
	return true;
}

static enum err add(struct txn *t, void *arg)
{
	struct tokens *r = arg;
	enum err e = token_add(t, &r->ticket, &r->token, txn_why(t));

	return e != OK ? e
	               : api_audit(t, r->call, "token.create", r->token.label, STR_EMPTY,
	                           token_note(&r->token, txn_arena(t)));
}

enum err api_token_add(struct api_call *c)
{
	struct tokens r = { .call = c, .ticket = token_ticket_new(c->who.account) };
	enum err e;

	r.token.created_ms = clock_real_ms();
	(void)json_str(json_get(c->body, "label"), &r.token.label);
	(void)json_time(json_get(c->body, "expires"), &r.token.expires_ms);
	if (!scopes_parse(json_get(c->body, "scopes"), &r.token.scopes))
		return fail(&c->why, ERR_SYNTAX,
		            "scopes: use self:read, self:write, send, mail, metrics:read, "
		            "admin:read or "
		            "admin:write");
	e = store_write(c->admin->store, add, &r, &c->why);
	if (e != OK)
		return e;
	r.token.key = ticket_key(&r.ticket);
	c->response->status = 201;
	put_token(c->out, &r.token, ticket_text(&r.ticket, c->arena), c->arena);
	return OK;
}

/* --- removing ---------------------------------------------------------------------------- */

static enum err rm(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str was;
	enum err e = token_rm(t, c->who.account, c->parameter[0], &was, txn_why(t));

	return e != OK ? e : api_audit(t, c, "token.remove", c->parameter[0], was, STR_EMPTY);
}

enum err api_token_rm(struct api_call *c)
{
	return store_write(c->admin->store, rm, c, &c->why);
}

/* console/api/access/token.c: see token.h. */
#include "console/api/access/token.h"

#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/text/base64url.h"
#include "foundation/text/json.h"
#include "model/directory/normal.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <string.h>

enum { FORM = 1, RECORD_MAX = LIMIT_label + 64, TOUCH_MS = 60000, NAME_BYTES = 9 };

static bool parse(struct str key, struct str record, struct token *out)
{
	struct unpack u = unpack_of(record);

	if (key.n != sizeof out->key.bytes)
		return false;
	memcpy(out->key.bytes, key.p, key.n);
	unpack_u64(&u); /* the form: there is one */
	out->label = unpack_str(&u);
	out->scopes = unpack_u32(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->expires_ms = (int64_t)unpack_u64(&u);
	out->used_ms = (int64_t)unpack_u64(&u);
	return unpack_ok(&u);
}

static enum err put(struct txn *t, const struct token *token)
{
	struct buf record;
	enum err e;

	buf_init(&record, RECORD_MAX);
	pack_u64(&record, FORM);
	pack_str(&record, token->label);
	pack_u64(&record, token->scopes);
	pack_u64(&record, (uint64_t)token->created_ms);
	pack_u64(&record, (uint64_t)token->expires_ms);
	pack_u64(&record, (uint64_t)token->used_ms);
	assert(buf_ok(&record));
	e = kv_put(t, SPACE_TOKEN, ticket_key_str(&token->key), buf_str(&record));
	buf_deinit(&record);
	return e;
}

static void iter(struct kv_iter *it, struct txn *t, uint32_t account)
{
	struct buf prefix;

	buf_init(&prefix, 4);
	pack_be32(&prefix, account);
	kv_iter_prefix(it, t, SPACE_TOKEN, buf_str(&prefix));
	buf_deinit(&prefix);
}

/* --- making and using -------------------------------------------------------------------- */

static enum err form_check(const struct token *token, struct why *why)
{
	if (token->label.n == 0 || token->label.n > LIMIT_label || !normal_line(token->label))
		return fail(why, ERR_SYNTAX, "label: use one line of 1 to %d bytes", LIMIT_label);
	if (token->scopes == 0)
		return fail(why, ERR_SYNTAX, "scopes: choose at least one, for example %s",
		            api_scope_name(API_SCOPE_ADMIN_READ));
	if (token->expires_ms != 0 && token->expires_ms <= token->created_ms)
		return fail(why, ERR_SYNTAX, "expires: the time is in the past");
	return OK;
}

struct ticket token_ticket_new(uint32_t account)
{
	struct ticket ticket;
	struct ticket_key key;
	struct arena a = { 0 };
	bool good = false;

	while (!good) {
		ticket = ticket_new(account);
		key = ticket_key(&ticket);
		good = token_name(&key, &a).p[0] != '-';
	}
	arena_deinit(&a);
	return ticket;
}

enum err token_add(struct txn *t, const struct ticket *ticket, const struct token *token,
                   struct why *why)
{
	struct token row = *token;
	struct token_list have;
	enum err e = form_check(token, why);

	if (e == OK)
		e = token_list(t, ticket->account, txn_arena(t), &have);
	if (e == OK && have.count >= LIMIT_tokens)
		return fail(why, ERR_LIMIT, "an account has at most %d tokens. Revoke one first",
		            LIMIT_tokens);
	row.key = ticket_key(ticket);
	return e != OK ? e : put(t, &row);
}

enum err token_of_key(struct txn *t, const struct ticket_key *key, int64_t now_ms, struct arena *a,
                      struct token *out)
{
	struct str record;
	enum err e = kv_get(t, SPACE_TOKEN, ticket_key_str(key), &record);

	if (e != OK)
		return e;
	if (!parse(ticket_key_str(key), record, out))
		return ERR_CORRUPT;
	out->label = str_dup(a, out->label);
	return out->expires_ms == 0 || now_ms < out->expires_ms ? OK : ERR_MISSING;
}

enum err token_get(struct txn *t, const struct ticket *ticket, int64_t now_ms, struct arena *a,
                   struct token *out)
{
	const struct ticket_key key = ticket_key(ticket);

	return token_of_key(t, &key, now_ms, a, out);
}

enum err token_touch(struct txn *t, const struct ticket *ticket, int64_t now_ms)
{
	struct token token;
	enum err e = token_get(t, ticket, now_ms, txn_arena(t), &token);

	if (e != OK)
		return e;
	token.used_ms = now_ms;
	return put(t, &token);
}

bool token_stale(const struct token *token, int64_t now_ms)
{
	return now_ms - token->used_ms > TOUCH_MS;
}

bool token_allows(const struct token *token, enum api_scope scope)
{
	unsigned enough = BIT(scope);

	if (scope == API_SCOPE_LOGIN)
		return false;
	if (scope == API_SCOPE_SELF_READ)
		enough |= BIT(API_SCOPE_SELF_WRITE);
	if (scope == API_SCOPE_ADMIN_READ)
		enough |= BIT(API_SCOPE_ADMIN_WRITE);
	return scope == API_SCOPE_NONE || (token->scopes & enough) != 0;
}

/* --- all of an account ------------------------------------------------------------------- */

enum err token_list(struct txn *t, uint32_t account, struct arena *a, struct token_list *out)
{
	struct kv_iter it;
	bool fits = true;
	enum err e;

	/* There cannot be more: token_add counts. */
	*out = (struct token_list){ .items = arena_array(a, struct token, LIMIT_tokens) };
	iter(&it, t, account);
	while (fits && out->count < LIMIT_tokens && kv_iter_next(&it)) {
		struct token *token = &out->items[out->count++];

		fits = parse(it.key, it.val, token);
		token->label = str_dup(a, token->label);
	}
	e = kv_iter_end(&it);
	return fits ? e : ERR_CORRUPT;
}

struct str token_name(const struct ticket_key *key, struct arena *a)
{
	return base64url_of(a, str_sub(ticket_key_str(key), 4, 4 + NAME_BYTES));
}

struct str token_note(const struct token *token, struct arena *a)
{
	struct json_writer w;
	struct buf text;
	struct str note;

	buf_init(&text, 2 * RECORD_MAX);
	json_writer_init(&w, &text);
	json_open(&w, NULL, '{');
	json_put_str(&w, "label", token->label);
	json_open(&w, "scopes", '[');
	for (unsigned scope = API_SCOPE_NONE + 1; scope < API_SCOPES; scope++)
		if (token->scopes & BIT(scope))
			json_put_str(&w, NULL, str_of(api_scope_name((enum api_scope)scope)));
	json_close(&w);
	json_put_time(&w, "expires", token->expires_ms);
	json_close(&w);
	note = str_dup(a, buf_str(&text));
	buf_deinit(&text);
	return note;
}

enum err token_rm(struct txn *t, uint32_t account, struct str name, struct str *note,
                  struct why *why)
{
	struct token_list all;
	enum err e = token_list(t, account, txn_arena(t), &all);

	for (size_t i = 0; e == OK && i < all.count; i++) {
		const struct token *token = &all.items[i];

		if (!str_eq(token_name(&token->key, txn_arena(t)), name))
			continue;
		*note = token_note(token, txn_arena(t));
		return kv_del(t, SPACE_TOKEN, ticket_key_str(&token->key));
	}
	return e != OK ? e : fail(why, ERR_MISSING, "there is no token %.*s", STR_ARG(name));
}

enum err tokens_end(struct txn *t, uint32_t account)
{
	struct kv_iter it;
	enum err e = OK, walked;

	iter(&it, t, account);
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_TOKEN, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

bool token_read(const struct kv_iter *it, uint32_t *account, struct token *out)
{
	return ticket_key_parse(it->key, account) && parse(it->key, it->val, out);
}

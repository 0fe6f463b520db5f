/* operations/acme/records.c: see records.h. */
#include "operations/acme/records.h"

#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/store/kv.h"
#include "model/store/store.h"
#include "operations/acme/uploaded.h"

enum { RECORD_VERSION = 1, RECORD_MAX = 1 << 20, LEFT_OUT_MAX = RECORD_NAMES_MAX };

bool names_has(const struct names *n, struct str name)
{
	for (size_t i = 0; i < n->count; i++)
		if (str_eq(n->items[i], name))
			return true;
	return false;
}

bool names_within(const struct names *these, const struct names *those)
{
	for (size_t i = 0; i < these->count; i++)
		if (!names_has(those, these->items[i]))
			return false;
	return true;
}

/* --- fields ------------------------------------------------------------------------------ */

static struct str str_get(struct unpack *u, struct arena *a)
{
	return str_dup(a, unpack_str(u));
}

static void record_names_put(struct buf *b, const struct names *n)
{
	pack_u64(b, n->count);
	for (size_t i = 0; i < n->count; i++)
		pack_str(b, n->items[i]);
}

static struct names names_get(struct unpack *u, struct arena *a)
{
	struct names n = { .count = unpack_u64(u) };

	if (n.count > RECORD_NAMES_MAX)
		u->bad = true;
	if (u->bad)
		return (struct names){ 0 };
	n.items = arena_array(a, struct str, n.count);
	for (size_t i = 0; i < n.count; i++)
		n.items[i] = str_get(u, a);
	return n;
}

static struct str record_key_make(struct arena *a, char kind, struct str name)
{
	return str_fmt(a, "%c%.*s", kind, STR_ARG(str_sub(name, 0, KV_KEY_MAX - 2)));
}

/* --- rows -------------------------------------------------------------------------------- */

static enum err row_open(struct txn *t, struct str key, struct unpack *u)
{
	struct str value;
	enum err e = kv_get(t, SPACE_ACME, key, &value);

	if (e)
		return e;
	*u = unpack_of(value);
	return unpack_u64(u) == RECORD_VERSION ? OK : ERR_CORRUPT;
}

/* Writes and wipes b. */
static enum err row_close(struct txn *t, struct str key, struct buf *b)
{
	enum err e = buf_ok(b) ? kv_put(t, SPACE_ACME, key, buf_str(b)) : ERR_LIMIT;

	mem_wipe(b->p, b->cap);
	buf_deinit(b);
	return e;
}

enum err account_row_get(struct txn *t, struct str directory, struct arena *a,
                         struct account_row *out)
{
	struct unpack u;
	enum err e = row_open(t, record_key_make(a, 'a', directory), &u);

	*out = (struct account_row){ 0 };
	if (e)
		return e;
	out->key_pem = str_get(&u, a);
	out->url = str_get(&u, a);
	out->email = str_get(&u, a);
	out->eab = str_get(&u, a);
	if (unpack_more(&u)) { /* added later */
		out->next_key_pem = str_get(&u, a);
		out->problem = str_get(&u, a);
	}
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

enum err account_row_put(struct txn *t, struct str directory, const struct account_row *r)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RECORD_VERSION);
	pack_str(&b, r->key_pem);
	pack_str(&b, r->url);
	pack_str(&b, r->email);
	pack_str(&b, r->eab);
	pack_str(&b, r->next_key_pem);
	pack_str(&b, r->problem);
	return row_close(t, record_key_make(txn_arena(t), 'a', directory), &b);
}

enum err account_row_del(struct txn *t, struct str directory)
{
	return kv_del(t, SPACE_ACME, record_key_make(txn_arena(t), 'a', directory));
}

static void left_out_get(struct unpack *u, struct arena *a, struct cert_row *r)
{
	r->left_out_count = unpack_u64(u);
	u->bad = u->bad || r->left_out_count > LEFT_OUT_MAX;
	if (u->bad)
		r->left_out_count = 0;
	r->left_out = arena_array(a, struct left_out, r->left_out_count);
	for (size_t i = 0; i < r->left_out_count; i++) {
		r->left_out[i].name = str_get(u, a);
		r->left_out[i].problem = str_get(u, a);
		r->left_out[i].until_ms = (int64_t)unpack_u64(u);
	}
}

static enum err cert_read(struct unpack *u, struct arena *a, struct cert_row *r)
{
	r->names = names_get(u, a);
	r->rsa = unpack_u64(u) != 0;
	r->chain_pem = str_get(u, a);
	r->key_pem = str_get(u, a);
	r->held = names_get(u, a);
	r->due_ms = (int64_t)unpack_u64(u);
	r->failures = unpack_u64(u);
	r->problem = str_get(u, a);
	r->order_directory = str_get(u, a);
	r->order_url = str_get(u, a);
	r->order_key_pem = str_get(u, a);
	r->order_names = names_get(u, a);
	left_out_get(u, a, r);
	if (unpack_more(u)) { /* added later */
		r->from = str_get(u, a);
		r->info_due_ms = (int64_t)unpack_u64(u);
	}
	return unpack_ok(u) ? OK : ERR_CORRUPT;
}

enum err cert_row_get(struct txn *t, struct str id, struct arena *a, struct cert_row *out)
{
	struct unpack u;
	enum err e = row_open(t, record_key_make(a, 'c', id), &u);

	*out = (struct cert_row){ .id = str_dup(a, id) };
	return e ? e : cert_read(&u, a, out);
}

enum err cert_row_put(struct txn *t, const struct cert_row *r)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RECORD_VERSION);
	record_names_put(&b, &r->names);
	pack_u64(&b, r->rsa);
	pack_str(&b, r->chain_pem);
	pack_str(&b, r->key_pem);
	record_names_put(&b, &r->held);
	pack_u64(&b, (uint64_t)r->due_ms);
	pack_u64(&b, r->failures);
	pack_str(&b, r->problem);
	pack_str(&b, r->order_directory);
	pack_str(&b, r->order_url);
	pack_str(&b, r->order_key_pem);
	record_names_put(&b, &r->order_names);
	pack_u64(&b, r->left_out_count);
	for (size_t i = 0; i < r->left_out_count; i++) {
		pack_str(&b, r->left_out[i].name);
		pack_str(&b, r->left_out[i].problem);
		pack_u64(&b, (uint64_t)r->left_out[i].until_ms);
	}
	pack_str(&b, r->from);
	pack_u64(&b, (uint64_t)r->info_due_ms);
	return row_close(t, record_key_make(txn_arena(t), 'c', r->id), &b);
}

enum err cert_row_del(struct txn *t, struct str id)
{
	return kv_del(t, SPACE_ACME, record_key_make(txn_arena(t), 'c', id));
}

/* All ids of one kind. */
static enum err ids(struct txn *t, struct str kind, struct arena *a, struct names *out)
{
	struct kv_iter it;
	size_t room = 0;

	*out = (struct names){ 0 };
	kv_iter_prefix(&it, t, SPACE_ACME, kind);
	while (kv_iter_next(&it)) {
		if (out->count == room) {
			struct str *wider = arena_array(a, struct str, room = room * 2 + 8);

			for (size_t i = 0; i < out->count; i++)
				wider[i] = out->items[i];
			out->items = wider;
		}
		out->items[out->count++] = str_dup(a, str_sub(it.key, 1, it.key.n));
	}
	return kv_iter_end(&it);
}

enum err cert_rows(struct txn *t, struct arena *a, struct cert_row **out, size_t *count)
{
	struct names all;
	enum err e = ids(t, STR("c"), a, &all);

	*out = arena_array(a, struct cert_row, all.count);
	*count = 0;
	for (size_t i = 0; i < all.count && e == OK; i++)
		e = cert_row_get(t, all.items[i], a, &(*out)[(*count)++]);
	return e;
}

/* --- next keys --------------------------------------------------------------------------- */

enum err next_key_row_get(struct txn *t, struct str id, struct arena *a, struct str *pem)
{
	struct unpack u;
	enum err e = row_open(t, record_key_make(a, 'k', id), &u);

	if (e)
		return e;
	*pem = str_get(&u, a);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

enum err next_key_row_put(struct txn *t, struct str id, struct str pem)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RECORD_VERSION);
	pack_str(&b, pem);
	return row_close(t, record_key_make(txn_arena(t), 'k', id), &b);
}

/* --- requests ---------------------------------------------------------------------------- */

static struct str request_key(struct txn *t, enum request_kind kind, struct str of)
{
	return record_key_make(txn_arena(t), (char)kind, of);
}

enum err request_row_get(struct txn *t, enum request_kind kind, struct str of,
                         struct request_row *out)
{
	struct unpack u;
	enum err e = row_open(t, request_key(t, kind, of), &u);

	if (e)
		return e;
	out->what = unpack_u64(&u);
	out->due_ms = (int64_t)unpack_u64(&u);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

enum err request_row_put(struct txn *t, enum request_kind kind, struct str of,
                         const struct request_row *w)
{
	struct buf b;

	buf_init(&b, KIB(1));
	pack_u64(&b, RECORD_VERSION);
	pack_u64(&b, w->what);
	pack_u64(&b, (uint64_t)w->due_ms);
	return row_close(t, request_key(t, kind, of), &b);
}

enum err request_row_del(struct txn *t, enum request_kind kind, struct str of)
{
	return kv_del(t, SPACE_ACME, request_key(t, kind, of));
}

enum err request_rows(struct txn *t, enum request_kind kind, struct arena *a, struct names *out)
{
	const char prefix = (char)kind;

	return ids(t, str_from(&prefix, 1), a, out);
}

enum err requests_pending(struct txn *t, void *arg)
{
	struct names certs, accounts = { 0 };
	bool *any = arg;
	enum err e = request_rows(t, REQUEST_REVOKE, txn_arena(t), &certs);

	if (e == OK)
		e = request_rows(t, REQUEST_ACCOUNT, txn_arena(t), &accounts);
	*any = e == OK && certs.count + accounts.count != 0;
	return e;
}

/* --- uploaded certificates --------------------------------------------------------------- */

enum err own_row_put(struct txn *t, const struct own_cert *own)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RECORD_VERSION);
	pack_str(&b, own->chain_pem);
	pack_str(&b, own->key_pem);
	pack_u64(&b, (uint64_t)own->added_ms);
	return row_close(t, record_key_make(txn_arena(t), own->held ? 'h' : 'o', own->id), &b);
}

enum err own_row_del(struct txn *t, struct str id, bool held)
{
	return kv_del(t, SPACE_ACME, record_key_make(txn_arena(t), held ? 'h' : 'o', id));
}

static enum err own_row_get(struct txn *t, struct str id, bool held, struct arena *a,
                            struct own_cert *out)
{
	struct unpack u;
	enum err e = row_open(t, record_key_make(a, held ? 'h' : 'o', id), &u);

	if (e)
		return e;
	out->id = id;
	out->held = held;
	out->chain_pem = str_get(&u, a);
	out->key_pem = str_get(&u, a);
	out->added_ms = (int64_t)unpack_u64(&u);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

static enum err own_list(struct txn *t, bool held, struct arena *a, struct own_list *out)
{
	struct names all;
	enum err e = ids(t, held ? STR("h") : STR("o"), a, &all);

	*out = (struct own_list){ .items = arena_array(a, struct own_cert, all.count) };
	for (size_t i = 0; e == OK && i < all.count; i++) {
		e = own_row_get(t, all.items[i], held, a, &out->items[out->count]);
		out->count += e == OK;
		e = e == ERR_CORRUPT ? OK : e;
	}
	return e;
}

enum err own_cert_list(struct txn *t, struct arena *a, struct own_list *out)
{
	return own_list(t, false, a, out);
}

enum err own_held_list(struct txn *t, struct arena *a, struct own_list *out)
{
	return own_list(t, true, a, out);
}

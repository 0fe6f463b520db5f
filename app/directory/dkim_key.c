/* directory/dkim_key.c: see dkim_key.h.
 *
 *	dkim: domain NUL selector -> version, algorithm, state, created, changed, public, secret */
#include "directory/dkim_key.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "directory/directory.h"
#include "directory/row.h"
#include "directory/row_form.h"
#include "store/fsck.h"
#include "store/store.h"
#include "text/date.h"

#include <string.h>

static const char *const state_names[] = { "publish", "active", "retired" };

const char *dkim_key_state_name(enum dkim_key_state s)
{
	return state_names[s];
}

bool dkim_key_state_parse(struct str name, enum dkim_key_state *out)
{
	for (size_t i = 0; i < COUNT(state_names); i++)
		if (str_eq(name, str_of(state_names[i]))) {
			*out = (enum dkim_key_state)i;
			return true;
		}
	return false;
}

/* --- rows -------------------------------------------------------------------------------- */

/* No domain has a NUL, so a domain's keys are neighbours, and only its own. */
static struct str key_of(struct arena *a, struct str domain, struct str selector)
{
	return str_fmt(a, "%.*s%c%.*s", STR_ARG(domain), '\0', STR_ARG(selector));
}

static enum err row_read(const struct kv_iter *it, bool secret, struct arena *a,
                         struct dkim_key *out)
{
	struct unpack u = row_open(it->val);
	struct cur c = cur_of(str_dup(a, it->key));
	struct str bytes;

	*out = (struct dkim_key){ 0 };
	if (!cur_until(&c, '\0', &out->domain) || !cur_byte(&c, '\0'))
		return ERR_CORRUPT;
	out->selector = cur_rest(&c);
	out->algorithm = unpack_u32(&u);
	out->state = unpack_u32(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->changed_ms = (int64_t)unpack_u64(&u);
	out->public = str_dup(a, unpack_str(&u));
	bytes = unpack_str(&u);
	if (secret)
		out->secret = str_dup(a, bytes);
	if (out->algorithm > DKIM_ED25519_SHA256 || out->state > DKIM_KEY_RETIRED)
		return ERR_CORRUPT;
	return row_done(&u);
}

static enum err put(struct txn *t, const struct dkim_key *k)
{
	struct buf b = row_new();

	pack_u64(&b, k->algorithm);
	pack_u64(&b, k->state);
	pack_u64(&b, (uint64_t)k->created_ms);
	pack_u64(&b, (uint64_t)k->changed_ms);
	pack_str(&b, k->public);
	pack_str(&b, k->secret);
	return row_put(t, SPACE_DKIM, key_of(txn_arena(t), k->domain, k->selector), &b);
}

/* Those of a domain: all without their secrets, or those that sign with them. */
static enum err list(struct txn *t, struct str domain, bool signing, struct arena *a,
                     struct dkim_key_list *out)
{
	struct dkim_key key;
	struct kv_iter it;
	size_t room = 0;
	enum err e = OK, walked;

	*out = (struct dkim_key_list){ 0 };
	if (domain.n == 0 || domain.n > MAILADDR_DOMAIN_MAX)
		return OK;
	kv_iter_prefix(&it, t, SPACE_DKIM, key_of(txn_arena(t), domain, STR_EMPTY));
	while (e == OK && kv_iter_next(&it)) {
		e = row_read(&it, signing, a, &key);
		if (e != OK || (signing && key.state != DKIM_KEY_ACTIVE))
			continue;
		out->items = row_room(a, out->items, out->count, &room, sizeof *out->items);
		out->items[out->count++] = key;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err dkim_keys(struct txn *t, struct str domain, struct arena *a, struct dkim_key_list *out)
{
	return list(t, domain, false, a, out);
}

enum err dkim_keys_signing(struct txn *t, struct str domain, struct arena *a,
                           struct dkim_key_list *out)
{
	return list(t, domain, true, a, out);
}

/* --- making ------------------------------------------------------------------------------ */

static void rsa_new(struct dkim_key *out, struct arena *a)
{
	struct key *k = key_new_rsa2048(); /* RFC 8301 3.2: 2048 bits */

	*out = (struct dkim_key){ .algorithm = DKIM_RSA_SHA256,
		                  .public = x509_public_key(k, a),
		                  .secret = key_write_pem(k, a) };
	key_free(k);
}

static void ed25519_make(struct dkim_key *out, struct arena *a)
{
	uint8_t *seed = arena_alloc(a, ED25519_SEED), *public = arena_alloc(a, ED25519_PUBLIC);

	ed25519_new(seed);
	ed25519_public(seed, public);
	*out = (struct dkim_key){ .algorithm = DKIM_ED25519_SHA256,
		                  .public = str_from((char *)public, ED25519_PUBLIC),
		                  .secret = str_from((char *)seed, ED25519_SEED) };
}

void dkim_pair_new(struct dkim_pair *out, struct arena *a)
{
	rsa_new(&out->keys[0], a);
	ed25519_make(&out->keys[1], a);
}

static bool taken(const struct dkim_key_list *keys, struct str selector)
{
	for (size_t i = 0; i < keys->count; i++)
		if (str_eq(keys->items[i].selector, selector))
			return true;
	return false;
}

/* r202611, or with a letter behind it; empty when all letters of the month are taken. */
static struct str selector_new(struct arena *a, const struct dkim_key_list *keys,
                               const struct dkim_key *k, int64_t now_ms)
{
	char kind = k->algorithm == DKIM_RSA_SHA256 ? 'r' : 'e';
	struct date_civil d = date_civil_of(now_ms);
	struct str base = str_fmt(a, "%c%04d%02d", kind, d.year, d.month);
	struct str name = base;

	for (char letter = 'b'; taken(keys, name); letter++) {
		if (letter > 'z')
			return STR_EMPTY;
		name = str_fmt(a, "%.*s%c", STR_ARG(base), letter);
	}
	return name;
}

enum err dkim_pair_add(struct txn *t, struct str domain, struct dkim_pair *pair,
                       enum dkim_key_state state)
{
	struct dkim_key_list keys;
	int64_t now_ms = clock_real_ms();
	enum err e = dkim_keys(t, domain, txn_arena(t), &keys);

	for (size_t i = 0; e == OK && i < COUNT(pair->keys); i++) {
		struct dkim_key *k = &pair->keys[i];

		k->domain = domain;
		k->selector = selector_new(txn_arena(t), &keys, k, now_ms);
		k->state = state;
		k->created_ms = k->changed_ms = now_ms;
		e = k->selector.n == 0
		            ? fail(txn_why(t), ERR_LIMIT,
		                   "%.*s got very many keys this month: wait for the next",
		                   STR_ARG(domain))
		            : put(t, k);
	}
	return e;
}

struct ensuring {
	struct str domain;
	struct dkim_pair *pair;
	bool any;
};

static enum err look(struct txn *t, void *arg)
{
	struct ensuring *x = arg;
	struct dkim_key_list keys;
	enum err e = dkim_keys(t, x->domain, txn_arena(t), &keys);

	x->any = keys.count != 0;
	return e;
}

/* Two may have come to make them. */
static enum err add_first(struct txn *t, void *arg)
{
	struct ensuring *x = arg;
	enum err e = look(t, x);

	return e != OK || x->any ? e : dkim_pair_add(t, x->domain, x->pair, DKIM_KEY_ACTIVE);
}

enum err dkim_keys_ensure(struct store *store, struct str domain, struct why *why)
{
	struct dkim_pair pair;
	struct ensuring x = { .domain = domain, .pair = &pair };
	struct arena a;
	enum err e = store_read(store, look, &x);

	if (e != OK || x.any)
		return e;
	arena_init(&a, true);
	dkim_pair_new(&pair, &a);
	e = store_write(store, add_first, &x, why);
	arena_deinit(&a);
	return e;
}

struct listing {
	struct arena *a;
	struct domain_list domains;
};

static enum err domains(struct txn *t, void *arg)
{
	struct listing *l = arg;

	return domain_list(t, l->a, &l->domains);
}

void dkim_keys_ensure_all(void *arg)
{
	struct store *store = arg;
	struct arena a = { 0 };
	struct listing l = { .a = &a };

	if (store_read(store, domains, &l) == OK)
		for (size_t i = 0; i < l.domains.count; i++)
			(void)!dkim_keys_ensure(store, l.domains.items[i].name, NULL);
	arena_deinit(&a);
}

/* --- changing ---------------------------------------------------------------------------- */

/* One key, which must be there, and how many of its domain sign. Secrets live in a. */
static enum err key_find(struct txn *t, struct str domain, struct str selector, struct arena *a,
                         struct dkim_key *out, size_t *signing, struct why *why)
{
	struct dkim_key k;
	struct kv_iter it;
	bool found = false;
	enum err e = OK, walked;

	*signing = 0;
	kv_iter_prefix(&it, t, SPACE_DKIM, key_of(txn_arena(t), domain, STR_EMPTY));
	while (e == OK && kv_iter_next(&it)) {
		e = row_read(&it, true, a, &k);
		if (e != OK)
			continue;
		*signing += k.state == DKIM_KEY_ACTIVE;
		if (!str_eq(k.selector, selector))
			continue;
		found = true;
		*out = k;
	}
	walked = kv_iter_end(&it);
	if (e == OK && walked == OK && !found)
		return fail(why, ERR_MISSING, "%.*s has no key %.*s", STR_ARG(domain),
		            STR_ARG(selector));
	return e != OK ? e : walked;
}

enum err dkim_key_change(struct txn *t, struct str domain, struct str selector,
                         enum dkim_key_state to, struct why *why)
{
	struct dkim_key k;
	struct arena a;
	size_t signing;
	enum err e;

	arena_init(&a, true);
	e = key_find(t, domain, selector, &a, &k, &signing, why);
	if (e == OK && k.state == DKIM_KEY_ACTIVE && to != DKIM_KEY_ACTIVE && signing == 1)
		e = fail(why, ERR_CONFLICT,
		         "no other key signs the mail of %.*s: make another one active first",
		         STR_ARG(domain));
	if (e == OK && k.state != to) {
		k.state = to;
		k.changed_ms = clock_real_ms();
		e = put(t, &k);
	}
	arena_deinit(&a);
	return e;
}

enum err dkim_key_rm(struct txn *t, struct str domain, struct str selector, struct why *why)
{
	struct dkim_key k;
	struct arena a;
	size_t signing;
	enum err e;

	arena_init(&a, true);
	e = key_find(t, domain, selector, &a, &k, &signing, why);
	if (e == OK && k.state == DKIM_KEY_ACTIVE)
		e = fail(why, ERR_CONFLICT,
		         "the key %.*s signs: retire it first, and remove it a week later",
		         STR_ARG(selector));
	if (e == OK)
		e = kv_del(t, SPACE_DKIM, key_of(txn_arena(t), domain, selector));
	arena_deinit(&a);
	return e;
}

enum err dkim_keys_rm(struct txn *t, struct str domain)
{
	struct dkim_key_list keys;
	enum err e = dkim_keys(t, domain, txn_arena(t), &keys);

	for (size_t i = 0; e == OK && i < keys.count; i++)
		e = kv_del(t, SPACE_DKIM, key_of(txn_arena(t), domain, keys.items[i].selector));
	return e;
}

/* --- checking ---------------------------------------------------------------------------- */

static bool rsa_fits(const struct dkim_key *k, struct arena *a)
{
	struct key *key;
	bool fits;

	if (key_read_pem(k->secret, &key, NULL) != OK)
		return false;
	fits = key_type(key) == KEY_RSA && str_eq(x509_public_key(key, a), k->public);
	key_free(key);
	return fits;
}

static bool ed25519_fits(const struct dkim_key *k)
{
	uint8_t public[ED25519_PUBLIC];

	if (k->secret.n != ED25519_SEED)
		return false;
	ed25519_public((const uint8_t *)k->secret.p, public);
	return str_eq(k->public, str_from((char *)public, sizeof public));
}

enum err dkim_keys_fsck(struct txn *t, struct fsck_report *r)
{
	struct dkim_key k;
	struct kv_iter it;
	struct arena a;

	arena_init(&a, true);
	kv_iter_prefix(&it, t, SPACE_DKIM, STR_EMPTY);
	while (kv_iter_next(&it)) {
		if (row_read(&it, true, &a, &k) != OK)
			fsck_found(r, "a row of DKIM cannot be read");
		else if (k.algorithm == DKIM_RSA_SHA256 ? !rsa_fits(&k, &a) : !ed25519_fits(&k))
			fsck_found(r, "the key %.*s of %.*s does not fit its public half",
			           STR_ARG(k.selector), STR_ARG(k.domain));
		arena_reset(&a);
	}
	arena_deinit(&a);
	return kv_iter_end(&it);
}

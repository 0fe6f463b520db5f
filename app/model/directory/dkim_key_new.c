/* model/directory/dkim_key_new.c: making a domain's keys; see dkim_key.h. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/key.h"
#include "foundation/crypto/x509.h"
#include "foundation/text/date.h"
#include "model/directory/directory.h"
#include "model/directory/rotation.h"
#include "model/directory/row_dkim.h"

enum { LETTERS_MAX = 8 }; /* about two hundred names in a month */

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

static bool selector_is_taken(const struct dkim_key_list *keys, struct str selector)
{
	for (size_t i = 0; i < keys->count; i++)
		if (str_eq(keys->items[i].selector, selector))
			return true;
	return false;
}

/* Is the name, without its kind, one of this month up to the last one? Its key may have been
 * removed. */
static bool was_made(struct str name, struct str month, struct str last)
{
	return str_starts(last, month) && str_cmp(name, last) <= 0;
}

static bool is_new(struct arena *a, const struct dkim_key_list *keys, struct str name,
                   struct str month, struct str last)
{
	return !was_made(name, month, last) &&
	       !selector_is_taken(keys, str_fmt(a, "r%.*s", STR_ARG(name))) &&
	       !selector_is_taken(keys, str_fmt(a, "e%.*s", STR_ARG(name)));
}

/* The next unused name: "202611", then "202611b" to "202611z", "202611zb" and so on. If the clock
 * was set back, the month is that of the last name. Empty when all names of the month are used. */
static struct str month_next(struct arena *a, const struct dkim_key_list *keys, struct str last,
                             int64_t now_ms)
{
	struct date_civil d = date_civil_of(now_ms);
	struct str month = str_fmt(a, "%04d%02d", d.year, d.month), stem, name;

	if (str_cmp(month, str_sub(last, 0, MIN(last.n, month.n))) < 0)
		month = str_sub(last, 0, MIN(last.n, month.n));
	stem = name = month;
	for (char letter = 'b'; !is_new(a, keys, name, month, last); letter++) {
		if (letter > 'z') {
			stem = str_fmt(a, "%.*sz", STR_ARG(stem));
			letter = 'b';
		}
		if (stem.n > month.n + LETTERS_MAX)
			return STR_EMPTY;
		name = str_fmt(a, "%.*s%c", STR_ARG(stem), letter);
	}
	return name;
}

enum err dkim_pair_add(struct txn *t, struct str domain, struct dkim_pair *pair,
                       enum dkim_key_state state)
{
	struct dkim_key_list keys;
	struct rotation r;
	int64_t now_ms = clock_real_ms();
	enum err e = dkim_keys(t, domain, txn_arena(t), &keys);

	if (e != OK || (e = rotation_get(t, domain, txn_arena(t), &r)))
		return e;
	r.last = month_next(txn_arena(t), &keys, r.last, now_ms);
	if (r.last.n == 0)
		return fail(txn_why(t), ERR_LIMIT,
		            "%.*s got very many keys this month: wait for the next",
		            STR_ARG(domain));
	for (size_t i = 0; e == OK && i < COUNT(pair->keys); i++) {
		struct dkim_key *k = &pair->keys[i];

		k->domain = domain;
		k->selector = str_fmt(txn_arena(t), "%c%.*s",
		                      k->algorithm == DKIM_RSA_SHA256 ? 'r' : 'e', STR_ARG(r.last));
		k->state = state;
		k->created_ms = k->changed_ms = now_ms;
		e = row_dkim_put(t, k);
	}
	return e != OK ? e : rotation_put(t, &r);
}

struct ensuring {
	struct str domain;
	struct dkim_pair *pair;
	bool any;
};

static enum err selector_check(struct txn *t, void *arg)
{
	struct ensuring *x = arg;
	struct dkim_key_list keys;
	enum err e = dkim_keys(t, x->domain, txn_arena(t), &keys);

	x->any = keys.count != 0;
	return e;
}

/* Two callers may try at the same time. */
static enum err add_first(struct txn *t, void *arg)
{
	struct ensuring *x = arg;
	enum err e = selector_check(t, x);

	return e != OK || x->any ? e : dkim_pair_add(t, x->domain, x->pair, DKIM_KEY_ACTIVE);
}

enum err dkim_keys_ensure(struct store *store, struct str domain, struct why *why)
{
	struct dkim_pair pair;
	struct ensuring x = { .domain = domain, .pair = &pair };
	struct arena a;
	enum err e = store_read(store, selector_check, &x);

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

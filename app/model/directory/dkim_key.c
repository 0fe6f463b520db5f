/* model/directory/dkim_key.c: see dkim_key.h. */
#include "model/directory/dkim_key.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/key.h"
#include "foundation/crypto/x509.h"
#include "model/directory/rotation.h"
#include "model/directory/row.h"
#include "model/directory/row_dkim.h"
#include "model/store/fsck.h"

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

/* --- reading ----------------------------------------------------------------------------- */

/* The keys of a domain: all without their secrets, or with signing only the signing keys with
 * them. */
static enum err dkim_key_rows_list(struct txn *t, struct str domain, bool signing, struct arena *a,
                     struct dkim_key_list *out)
{
	struct dkim_key key;
	struct kv_iter it;
	size_t room = 0;
	enum err e = OK, walked;

	*out = (struct dkim_key_list){ 0 };
	if (domain.n == 0 || domain.n > MAILADDR_DOMAIN_MAX)
		return OK;
	kv_iter_prefix(&it, t, SPACE_DKIM, row_dkim_key(txn_arena(t), domain, STR_EMPTY));
	while (e == OK && kv_iter_next(&it)) {
		e = row_dkim_read(&it, signing, a, &key);
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
	return dkim_key_rows_list(t, domain, false, a, out);
}

enum err dkim_keys_signing(struct txn *t, struct str domain, struct arena *a,
                           struct dkim_key_list *out)
{
	return dkim_key_rows_list(t, domain, true, a, out);
}

/* --- changing ---------------------------------------------------------------------------- */

/* Reads one key, which must exist, and counts the signing keys of its domain. Secrets are in a. */
static enum err key_find(struct txn *t, struct str domain, struct str selector, struct arena *a,
                         struct dkim_key *out, size_t *signing, struct why *why)
{
	struct dkim_key k;
	struct kv_iter it;
	bool found = false;
	enum err e = OK, walked;

	*signing = 0;
	kv_iter_prefix(&it, t, SPACE_DKIM, row_dkim_key(txn_arena(t), domain, STR_EMPTY));
	while (e == OK && kv_iter_next(&it)) {
		e = row_dkim_read(&it, true, a, &k);
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
		e = row_dkim_put(t, &k);
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
		e = kv_del(t, SPACE_DKIM, row_dkim_key(txn_arena(t), domain, selector));
	arena_deinit(&a);
	return e;
}

enum err dkim_keys_rm(struct txn *t, struct str domain)
{
	struct dkim_key_list keys;
	enum err e = dkim_keys(t, domain, txn_arena(t), &keys);

	for (size_t i = 0; e == OK && i < keys.count; i++)
		e = kv_del(t, SPACE_DKIM,
		           row_dkim_key(txn_arena(t), domain, keys.items[i].selector));
	return e != OK ? e : rotation_rm(t, domain);
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
		if (row_dkim_read(&it, true, &a, &k) != OK)
			fsck_found(r, "a row of DKIM cannot be read");
		else if (k.algorithm == DKIM_RSA_SHA256 ? !rsa_fits(&k, &a) : !ed25519_fits(&k))
			fsck_found(r, "the key %.*s of %.*s does not fit its public half",
			           STR_ARG(k.selector), STR_ARG(k.domain));
		arena_reset(&a);
	}
	arena_deinit(&a);
	return kv_iter_end(&it);
}

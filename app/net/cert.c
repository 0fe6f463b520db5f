/* net/cert.c: see cert.h.
 *
 * The table is short (a certificate per domain), so it is searched from front to end; that
 * is nothing beside the signature of a handshake. */
#include "net/cert.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "net/cert_file.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct cert {
	atomic_uint refs;
	struct arena arena; /* the chain and all it points to */
	struct x509 *chain;
	size_t count;
	struct key *key;
};

struct challenge {
	struct list link;
	struct str name; /* owned */
	struct cert *cert;
};

struct certs {
	pthread_mutex_t lock;
	struct cert *fallback;  /* lock; the default; may be NULL        */
	struct cert **added;    /* lock; the others                      */
	size_t added_n;         /* lock                                  */
	struct list challenges; /* lock; of struct challenge             */
	/* Of certs_load_files; written under files_lock, which is taken before lock. */
	pthread_mutex_t files_lock;
	struct str cert_path, key_path; /* NUL-terminated */
	struct cert_stamp cert_stamp, key_stamp;
};

/* ---- one certificate ---- */

struct cert *cert_ref(struct cert *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

void cert_unref(struct cert *c)
{
	if (c == NULL || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
		return;
	key_free(c->key);
	arena_deinit(&c->arena);
	mem_free(c);
}

const struct x509 *cert_chain(const struct cert *c, size_t *count)
{
	*count = c->count;
	return c->chain;
}

const struct key *cert_key(const struct cert *c)
{
	return c->key;
}

/* Clients build the path from what we send: each certificate must have issued the one
 * before it (RFC 5246 7.4.2). */
static enum err chain_check(const struct cert *c, struct why *why)
{
	for (size_t i = 1; i < c->count; i++)
		if (!str_eq(c->chain[i].subject, c->chain[i - 1].issuer))
			return fail(why, ERR_CONFLICT,
			            "certificate %zu of the chain did not issue certificate %zu; "
			            "the server's own comes first, then its issuer",
			            i + 1, i);
	return OK;
}

static enum err cert_make(struct str cert_pem, struct str key_pem, struct cert **out,
                          struct why *why)
{
	struct cert *c = NEW(struct cert);
	enum err e;

	*out = NULL;
	c->refs = 1;
	/* secret, because cert_pem may hold the key too */
	arena_init(&c->arena, true);
	e = x509_read_chain(cert_pem, &c->arena, &c->chain, &c->count, why);
	if (e)
		goto out;
	e = key_read_pem(key_pem, &c->key, why);
	if (e)
		goto out;
	e = x509_check_key(&c->chain[0], c->key, why);
	if (e)
		goto out;
	e = chain_check(c, why);
	if (e)
		goto out;
	*out = c;
	c = NULL;
out:
	cert_unref(c);
	return e;
}

static struct str first_name(const struct cert *c)
{
	return c->chain[0].name_count > 0 ? c->chain[0].names[0] : STR_EMPTY;
}

static void challenge_free(struct challenge *c)
{
	list_remove(&c->link);
	cert_unref(c->cert);
	str_free(&c->name);
	mem_free(c);
}

/* ---- the table ---- */

struct certs *certs_new(void)
{
	struct certs *s = NEW(struct certs);

	list_init(&s->challenges);
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->files_lock, NULL);
	return s;
}

void certs_free(struct certs *s)
{
	if (s == NULL)
		return;
	list_each_safe(it, &s->challenges) challenge_free(container_of(it, struct challenge, link));
	cert_unref(s->fallback);
	for (size_t i = 0; i < s->added_n; i++)
		cert_unref(s->added[i]);
	mem_free(s->added);
	str_free(&s->cert_path);
	str_free(&s->key_path);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->files_lock);
	mem_free(s);
}

enum err certs_set(struct certs *s, struct str cert_pem, struct str key_pem, struct why *why)
{
	struct cert *c, *old;
	enum err e = cert_make(cert_pem, key_pem, &c, why);

	if (e)
		return e;
	pthread_mutex_lock(&s->lock);
	old = s->fallback;
	s->fallback = c;
	pthread_mutex_unlock(&s->lock);
	cert_unref(old);
	return OK;
}

static bool is_rsa(const struct cert *c)
{
	return key_type(c->key) == KEY_RSA;
}

/* Where the added certificate with this first name and kind of key is; added_n when nowhere.
 * Locked. */
static size_t added_find(const struct certs *s, struct str name, bool rsa)
{
	size_t i = 0;

	while (i < s->added_n &&
	       (is_rsa(s->added[i]) != rsa || !str_eqi(first_name(s->added[i]), name)))
		i++;
	return i;
}

enum err certs_add(struct certs *s, struct str cert_pem, struct str key_pem, struct why *why)
{
	struct cert *c, *old = NULL;
	enum err e = cert_make(cert_pem, key_pem, &c, why);
	size_t at;

	if (e)
		return e;
	if (first_name(c).n == 0) {
		cert_unref(c);
		return fail(why, ERR_SYNTAX, "the certificate carries no host name");
	}
	pthread_mutex_lock(&s->lock);
	at = added_find(s, first_name(c), is_rsa(c));
	if (at == s->added_n)
		s->added = mem_resize(s->added, ++s->added_n * sizeof(struct cert *));
	else
		old = s->added[at];
	s->added[at] = c;
	pthread_mutex_unlock(&s->lock);
	cert_unref(old);
	return OK;
}

static bool added_remove(struct certs *s, struct str name, bool rsa)
{
	struct cert *old = NULL;
	size_t at;

	pthread_mutex_lock(&s->lock);
	at = added_find(s, name, rsa);
	if (at < s->added_n) {
		old = s->added[at];
		s->added[at] = s->added[--s->added_n];
	}
	pthread_mutex_unlock(&s->lock);
	cert_unref(old);
	return old != NULL;
}

bool certs_remove(struct certs *s, struct str name)
{
	bool other = added_remove(s, name, false), rsa = added_remove(s, name, true);

	return other || rsa;
}

static bool names_exactly(const struct cert *c, struct str name)
{
	for (size_t i = 0; i < c->chain[0].name_count; i++)
		if (str_eqi(c->chain[0].names[i], name))
			return true;
	return false;
}

static bool covers(const struct cert *c, struct str name)
{
	return x509_covers(&c->chain[0], name);
}

typedef bool fits_fn(const struct cert *, struct str);

/* Locked. The default is asked last, but it wins over others that fit less well. */
static struct cert *lookup_kind(const struct certs *s, struct str name, fits_fn *fits, bool rsa)
{
	for (size_t i = 0; i < s->added_n; i++)
		if (is_rsa(s->added[i]) == rsa && fits(s->added[i], name))
			return s->added[i];
	return s->fallback != NULL && is_rsa(s->fallback) == rsa && fits(s->fallback, name)
	               ? s->fallback
	               : NULL;
}

static struct cert *lookup(const struct certs *s, struct str name, bool rsa)
{
	static fits_fn *const fits[] = { names_exactly, covers };
	struct cert *c = NULL;

	for (size_t i = 0; i < COUNT(fits) && c == NULL && name.n > 0; i++) {
		c = lookup_kind(s, name, fits[i], rsa);
		if (c == NULL)
			c = lookup_kind(s, name, fits[i], !rsa);
	}
	if (c != NULL || s->fallback == NULL)
		return c;
	if (rsa && !is_rsa(s->fallback))
		c = lookup_kind(s, first_name(s->fallback), names_exactly, true);
	return c != NULL ? c : s->fallback;
}

static struct cert *find(struct certs *s, struct str name, bool rsa)
{
	struct cert *c;

	if (str_ends(name, STR(".")))
		name.n--;
	pthread_mutex_lock(&s->lock);
	c = lookup(s, name, rsa);
	if (c != NULL)
		c = cert_ref(c);
	pthread_mutex_unlock(&s->lock);
	return c;
}

struct cert *certs_find(struct certs *s, struct str name)
{
	return find(s, name, false);
}

struct cert *certs_find_rsa(struct certs *s, struct str name)
{
	return find(s, name, true);
}

/* ---- challenges ---- */

/* Locked. */
static struct challenge *challenge_of(const struct certs *s, struct str name)
{
	list_each(it, &s->challenges)
	{
		struct challenge *c = container_of(it, struct challenge, link);

		if (str_eqi(c->name, name))
			return c;
	}
	return NULL;
}

enum err certs_challenge_set(struct certs *s, struct str name, struct str cert_pem,
                             struct str key_pem, struct why *why)
{
	struct challenge *c = NEW(struct challenge);
	enum err e = cert_make(cert_pem, key_pem, &c->cert, why);

	if (e) {
		mem_free(c);
		return e;
	}
	c->name = str_new(name);
	certs_challenge_remove(s, name);
	pthread_mutex_lock(&s->lock);
	list_push_back(&s->challenges, &c->link);
	pthread_mutex_unlock(&s->lock);
	return OK;
}

void certs_challenge_remove(struct certs *s, struct str name)
{
	struct challenge *c;

	pthread_mutex_lock(&s->lock);
	c = challenge_of(s, name);
	if (c != NULL)
		challenge_free(c);
	pthread_mutex_unlock(&s->lock);
}

struct cert *certs_challenge_find(struct certs *s, struct str name)
{
	struct challenge *c;
	struct cert *found;

	pthread_mutex_lock(&s->lock);
	c = challenge_of(s, name);
	found = c != NULL ? cert_ref(c->cert) : NULL;
	pthread_mutex_unlock(&s->lock);
	return found;
}

/* ---- files ---- */

/* With files_lock. */
static enum err files_read(struct certs *s, struct why *why)
{
	struct arena a;
	struct str cert, key;
	enum err e;

	arena_init(&a, true);
	e = cert_file_read(s->cert_path.p, &a, &cert, why);
	if (e)
		goto out;
	e = cert_file_read(s->key_path.p, &a, &key, why);
	if (e)
		goto out;
	e = certs_set(s, cert, key, why);
out:
	arena_deinit(&a);
	return e;
}

/* With files_lock. Are there other files now than at the last call? The stamps are kept even
 * when the files turn out to be no good, so that this is said once; it may be that one of
 * two has been replaced, and the change of the other will come. */
static bool files_changed(struct certs *s)
{
	struct cert_stamp cert = cert_file_stamp(s->cert_path.p);
	struct cert_stamp key = cert_file_stamp(s->key_path.p);
	bool same = cert_stamp_eq(cert, s->cert_stamp) && cert_stamp_eq(key, s->key_stamp);

	s->cert_stamp = cert;
	s->key_stamp = key;
	return !same;
}

static void path_set(struct str *to, const char *path)
{
	str_free(to);
	*to = str_new(str_from(path, strlen(path) + 1));
}

enum err certs_load_files(struct certs *s, const char *cert_path, const char *key_path,
                          struct why *why)
{
	enum err e;

	pthread_mutex_lock(&s->files_lock);
	path_set(&s->cert_path, cert_path);
	path_set(&s->key_path, key_path);
	(void)files_changed(s);
	e = files_read(s, why);
	pthread_mutex_unlock(&s->files_lock);
	return e;
}

enum err certs_reload_if_changed(struct certs *s, bool *changed, struct why *why)
{
	enum err e = OK;
	bool tried;

	pthread_mutex_lock(&s->files_lock);
	tried = s->cert_path.n > 0 && files_changed(s);
	if (tried)
		e = files_read(s, why);
	pthread_mutex_unlock(&s->files_lock);
	if (changed != NULL)
		*changed = tried && e == OK;
	return e;
}

enum err cert_self_signed_make(struct str hostname, struct arena *a, struct str *cert_pem,
                               struct str *key_pem, struct why *why)
{
	struct key *k = key_new_p256();
	enum err e = x509_self_signed(k, hostname, clock_real_ms(), a, cert_pem, why);

	if (e == OK)
		*key_pem = key_write_pem(k, a);
	key_free(k);
	return e;
}

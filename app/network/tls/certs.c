/* network/tls/certs.c: the table of certificates that all handshakes share; see cert.h. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "network/tls/cert_private.h"

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
	cert_challenges_deinit(s);
	cert_table_deinit(&s->table);
	str_free(&s->default_name);
	str_free(&s->cert_path);
	str_free(&s->key_path);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->files_lock);
	mem_free(s);
}

/* --- change -------------------------------------------------------------------------------- */

enum err certs_put(struct certs *s, struct str id, enum cert_source source, struct str cert_pem,
                   struct str key_pem, struct why *why)
{
	struct cert *c;
	enum err e = cert_make(cert_pem, key_pem, &c, why);

	if (e)
		return e;
	if (id.n != 0 && c->chain[0].name_count == 0) {
		cert_unref(c);
		return fail(why, ERR_SYNTAX, "the certificate carries no host name");
	}
	pthread_mutex_lock(&s->lock);
	cert_table_put(&s->table, id, source, c);
	pthread_mutex_unlock(&s->lock);
	return OK;
}

enum err certs_set(struct certs *s, struct str cert_pem, struct str key_pem, struct why *why)
{
	return certs_put(s, STR_EMPTY, CERT_SELF, cert_pem, key_pem, why);
}

bool certs_remove(struct certs *s, struct str id)
{
	bool was;

	pthread_mutex_lock(&s->lock);
	was = cert_table_remove(&s->table, id);
	pthread_mutex_unlock(&s->lock);
	return was;
}

void certs_keep(struct certs *s, enum cert_source source, certs_keep_fn *keep, void *arg)
{
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->table.count;) {
		const struct cert_entry *e = s->table.entries[i];

		/* The last entry moves to the place of a removed one. */
		if (e->source == source && !keep(arg, e->id))
			cert_table_remove(&s->table, e->id);
		else
			i++;
	}
	pthread_mutex_unlock(&s->lock);
}

/* --- look up ------------------------------------------------------------------------------- */

/* Locked. */
static const struct cert_entry *default_find(const struct certs *s, struct str name,
                                             const struct cert_asked *asked)
{
	return cert_table_find(&s->table, name, asked, cert_table_get(&s->table, STR_EMPTY));
}

static bool is_stopgap(const struct cert_entry *e)
{
	return e == NULL || e->source == CERT_SELF;
}

void certs_default(struct certs *s, struct str name)
{
	const struct cert_asked asked = { .now_ms = clock_real_ms() };

	pthread_mutex_lock(&s->lock);
	if (!is_stopgap(default_find(s, name, &asked)) ||
	    is_stopgap(default_find(s, s->default_name, &asked))) {
		struct str before = s->default_name;

		s->default_name = str_new(name);
		str_free(&before);
	}
	pthread_mutex_unlock(&s->lock);
}

/* Lower case and without a final dot, in room; empty when it is too long to be a name. */
static struct str certs_name_of(struct str name, char *room, size_t size)
{
	if (str_ends(name, STR(".")))
		name.n--;
	if (name.n > size)
		return STR_EMPTY;
	for (size_t i = 0; i < name.n; i++)
		room[i] = ascii_lower(name.p[i]);
	return str_from(room, name.n);
}

static struct cert *certs_find_best(struct certs *s, struct str name, bool rsa_only)
{
	const struct cert_asked asked = { rsa_only, clock_real_ms() };
	const struct cert_entry *e;
	struct cert *c = NULL;
	char room[253];

	name = certs_name_of(name, room, sizeof room);
	pthread_mutex_lock(&s->lock);
	e = cert_table_find(&s->table, name, &asked, NULL);
	if (e == NULL)
		e = default_find(s, s->default_name, &asked);
	if (e != NULL)
		c = cert_ref(e->cert);
	pthread_mutex_unlock(&s->lock);
	return c;
}

struct cert *certs_find(struct certs *s, struct str name)
{
	return certs_find_best(s, name, false);
}

struct cert *certs_find_rsa(struct certs *s, struct str name)
{
	return certs_find_best(s, name, true);
}

bool certs_uploaded(struct certs *s, struct str name, int64_t then_ms)
{
	const struct cert_asked asked = { .now_ms = then_ms };
	const struct cert_entry *e;
	char room[253];
	bool uploaded;

	name = certs_name_of(name, room, sizeof room);
	pthread_mutex_lock(&s->lock);
	e = cert_table_find(&s->table, name, &asked, NULL);
	uploaded = e != NULL && cert_is_uploaded(e) && cert_in_time(e->cert, then_ms);
	pthread_mutex_unlock(&s->lock);
	return uploaded;
}

bool certs_vouched(struct certs *s, struct str name, bool ended)
{
	int64_t now_ms = clock_real_ms();
	struct cert *c = certs_find(s, name);
	const struct x509 *leaf;
	size_t count;
	bool is;

	if (c == NULL)
		return false;
	leaf = cert_chain(c, &count);
	is = certs_uploaded(s, name, now_ms) ||
	     (!str_eq(leaf->subject, leaf->issuer) && (ended || leaf->not_after_ms > now_ms));
	cert_unref(c);
	return is;
}

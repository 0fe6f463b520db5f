/* network/tls/cert_challenges.c: certificates that answer ACME challenges; see cert.h. There are
 * only a few at a time. */
#include "foundation/base/mem.h"
#include "network/tls/cert_private.h"

struct challenge {
	struct list link;
	struct str name; /* owned */
	struct cert *cert;
};

static void challenge_free(struct challenge *c)
{
	list_remove(&c->link);
	cert_unref(c->cert);
	str_free(&c->name);
	mem_free(c);
}

void cert_challenges_deinit(struct certs *s)
{
	list_each_safe(it, &s->challenges) challenge_free(container_of(it, struct challenge, link));
}

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

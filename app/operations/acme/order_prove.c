/* operations/acme/order_prove.c: see acme_private.h. */
#include "foundation/base/clock.h"
#include "operations/acme/jws.h"
#include "operations/acme/acme_private.h"

enum { PROOF_MS = 120000 }; /* for the CA to check one proof */

static enum err authorization_get(struct order *o, struct str url, struct reply *r,
                                  struct answer_authorization *out, struct why *why)
{
	enum err e = client_post(o->client, url, STR_EMPTY, r, why);

	if (e == OK && !answer_authorization(r->json, o->arena, out))
		e = fail(why, ERR_SYNTAX,
		         "the certification authority's authorization makes no sense");
	return e;
}

static const struct answer_challenge *challenge_find(const struct answer_authorization *z,
                                                     struct str type)
{
	for (size_t i = 0; i < z->count; i++)
		if (str_eq(z->challenges[i].type, type))
			return &z->challenges[i];
	return NULL;
}

/* The error of an invalid authorization: that of the failed challenge. */
static enum err not_proved(struct order *o, const struct answer_authorization *z, struct why *why)
{
	struct str problem = STR_EMPTY;

	for (size_t i = 0; i < z->count && problem.n == 0; i++)
		problem = z->challenges[i].problem;
	o->refused = z->wildcard ? str_fmt(o->arena, "*.%.*s", STR_ARG(z->name)) : z->name;
	if (problem.n == 0)
		problem = STR("the certification authority does not say why it is not proved");
	return fail(why, ERR_DENIED, "%.*s: %.*s", STR_ARG(z->name), STR_ARG(problem));
}

/* Poll until the CA has checked. */
static enum err looked(struct order *o, struct str url, struct why *why)
{
	int64_t until_ms = clock_mono_ms() + PROOF_MS;
	struct answer_authorization z;
	struct reply r;
	enum err e;

	for (unsigned turn = 0; (e = authorization_get(o, url, &r, &z, why)) == OK; turn++) {
		if (z.status == ANSWER_VALID)
			return OK;
		if (z.status != ANSWER_PENDING && z.status != ANSWER_PROCESSING)
			return not_proved(o, &z, why);
		if (clock_mono_ms() >= until_ms)
			return fail(why, ERR_RETRY,
			            "%.*s: the certification authority has not looked yet",
			            STR_ARG(z.name));
		if (!order_pause(o, &r, turn))
			return order_stopped(why);
	}
	return e;
}

static enum err prove_with(struct order *o, struct str url, const struct answer_authorization *z,
                           const struct answer_challenge *c, struct why *why)
{
	struct proof p = { .type = c->type, .name = z->name, .token = c->token };
	struct reply r;
	enum err e;

	p.authorization = str_fmt(o->arena, "%.*s.%.*s", STR_ARG(c->token),
	                          STR_ARG(jws_thumbprint(o->client->key, o->arena)));
	if ((e = o->host->prove(o->host->arg, &p, why)))
		o->refused = z->name;
	/* RFC 8555 7.5.1: an empty object starts the check. */
	if (e == OK && c->status == ANSWER_PENDING)
		e = client_post(o->client, c->url, STR("{}"), &r, why);
	if (e == OK)
		e = looked(o, url, why);
	o->host->unprove(o->host->arg, &p);
	return e;
}

static enum err prove_one(struct order *o, struct str url, struct why *why)
{
	const struct answer_challenge *c;
	struct answer_authorization z;
	struct reply r;
	enum err e = authorization_get(o, url, &r, &z, why);

	if (e || z.status == ANSWER_VALID)
		return e;
	if (z.status != ANSWER_PENDING)
		return not_proved(o, &z, why);
	c = challenge_find(&z, o->challenge);
	if (c == NULL) {
		o->refused = z.name;
		return fail(why, ERR_DENIED,
		            "%.*s: the certification authority does not offer %.*s",
		            STR_ARG(z.name), STR_ARG(o->challenge));
	}
	return prove_with(o, url, &z, c, why);
}

enum err order_prove(struct order *o, const struct answer_order *a, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; i < a->count && e == OK; i++)
		e = prove_one(o, a->authorizations[i], why);
	return e;
}

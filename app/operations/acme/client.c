/* operations/acme/client.c: see client.h. */
#include "operations/acme/client.h"

#include "foundation/base/clock.h"
#include "foundation/crypto/key.h"
#include "foundation/text/base64url.h"
#include "operations/acme/jws.h"

enum {
	REQUEST_MS = 30000,
	ANSWER_MAX = 256 << 10,
	NONCE_TRIES = 20, /* test CAs reject valid ones at random */
	NONCE_MAX = 512,
	RETRY_AFTER_MAX_MS = 86400 * 1000,
};

static bool nonce_is_sane(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false; /* RFC 8555 6.5.1: base64url, everything else is ignored */
	return s.n > 0 && s.n <= NONCE_MAX;
}

static enum err client_exchange(struct client *c, const char *method, struct str url,
                                struct str body, struct reply *out, struct why *why)
{
	struct httpc_request q = {
		.method = method,
		.url = url,
		.type = body.n != 0 ? "application/jose+json" : NULL, /* RFC 8555 6.2 */
		.body = body,
		.deadline_ms = clock_mono_ms() + REQUEST_MS,
		.answer_max = ANSWER_MAX,
	};
	enum err e = c->io->ask(c->io->arg, &q, c->arena, &out->http, why);
	struct str nonce;

	if (e)
		return e;
	nonce = httpc_field(&out->http, "Replay-Nonce");
	c->nonce = nonce_is_sane(nonce) ? nonce : STR_EMPTY;
	if (!json_parse(c->arena, out->http.body, &out->json))
		out->json = (struct json){ NULL };
	return OK;
}

/* Map an error status to an error with the CA's words. */
static enum err client_refused(struct client *c, const struct reply *r, struct why *why)
{
	struct answer_problem problem;
	unsigned status = r->http.status;
	enum err e = ERR_DENIED;

	answer_problem(r->json, c->arena, &problem);
	c->refusal = problem.type;
	c->retry_ms =
		answer_retry_after_ms(httpc_field(&r->http, "Retry-After"), RETRY_AFTER_MAX_MS);
	if (status == 429 || status >= 500)
		e = ERR_RETRY;
	else if (status == 404 || str_eq(problem.type, STR("accountDoesNotExist")))
		e = ERR_MISSING;
	if (problem.sentence.n == 0)
		return fail(why, e, "the certification authority answered %u without a reason",
		            status);
	return fail(why, e, "%.*s (%.*s)", STR_ARG(problem.sentence), STR_ARG(problem.type));
}

/* RFC 8555 7.2 */
static enum err nonce_get(struct client *c, struct why *why)
{
	struct reply r;
	enum err e;

	if (c->nonce.n != 0)
		return OK;
	if ((e = client_exchange(c, "HEAD", c->directory.new_nonce, STR_EMPTY, &r, why)))
		return e;
	if (c->nonce.n == 0)
		return fail(why, ERR_SYNTAX,
		            "the certification authority gives no nonce (it answered %u)",
		            r.http.status);
	return OK;
}

static enum err post_once(struct client *c, struct str url, struct str payload, struct reply *out,
                          struct why *why)
{
	struct jws j = { .key = c->key, .account = c->account, .url = url, .payload = payload };
	enum err e = nonce_get(c, why);

	if (e)
		return e;
	j.nonce = c->nonce;
	c->nonce = STR_EMPTY; /* each is valid for one request */
	if ((e = client_exchange(c, "POST", url, jws_make(&j, c->arena), out, why)))
		return e;
	return out->http.status >= 200 && out->http.status < 300 ? OK : client_refused(c, out, why);
}

enum err client_post(struct client *c, struct str url, struct str payload, struct reply *out,
                     struct why *why)
{
	enum err e = OK;

	for (int i = 0; i < NONCE_TRIES; i++) {
		c->refusal = STR_EMPTY;
		c->retry_ms = 0;
		e = post_once(c, url, payload, out, why);
		if (!str_eq(c->refusal, STR("badNonce")))
			break;
	}
	return e;
}

enum err client_get(struct client *c, struct str url, struct reply *out, struct why *why)
{
	enum err e;

	c->refusal = STR_EMPTY;
	c->retry_ms = 0;
	if ((e = client_exchange(c, "GET", url, STR_EMPTY, out, why)))
		return e;
	return out->http.status == 200 ? OK : client_refused(c, out, why);
}

enum err client_open(struct client *c, const struct acme_io *io, struct str directory_url,
                     const struct key *key, struct arena *arena, struct why *why)
{
	struct reply r;
	enum err e;

	*c = (struct client){ .io = io, .arena = arena, .key = key };
	if ((e = client_get(c, directory_url, &r, why)))
		return e;
	if (!answer_directory(r.json, arena, &c->directory))
		return fail(why, ERR_SYNTAX, "%.*s is no directory of a certification authority",
		            STR_ARG(directory_url));
	return OK;
}

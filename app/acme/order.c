/* acme/order.c: see order.h. */
#include "acme/order.h"

#include "acme/info.h"
#include "acme/jws.h"
#include "base/clock.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "net/addr.h"
#include "text/base64url.h"

enum {
	STATES_MAX = 40, /* times an order is asked for before we come back later */
	POLL_MS = 500,
	POLL_MAX_MS = 5000,
	PROOF_MS = 120000, /* for the CA to look at one proof */
};

static void forget(struct order *o)
{
	o->row->order_directory = o->row->order_url = o->row->order_key_pem = STR_EMPTY;
	o->row->order_names = (struct names){ 0 };
}

static bool is_ip(struct str name, struct addr *ip)
{
	return addr_parse_ip(name, ip);
}

static enum err stopped(struct why *why)
{
	return fail(why, ERR_RETRY, "given up for now: it will be gone on with");
}

/* Wait before asking again: what the CA says, else longer each time. */
static bool pause_before(struct order *o, const struct reply *r, unsigned turn)
{
	int64_t asked = answer_retry_after_ms(httpc_field(&r->http, "Retry-After"), 60000);
	int64_t ours = MIN((int64_t)POLL_MS << MIN(turn, 8u), (int64_t)POLL_MAX_MS);

	return o->client->door->wait(o->client->door->arg, MAX(asked, ours));
}

/* --- begin ------------------------------------------------------------------------------- */

/* The key of the certificate to come: the present one, so that TLSA records stay right, or a
 * new one. */
static struct str key_choose(struct order *o)
{
	struct key *k = NULL;
	struct str pem;

	if (o->reuse_key && o->row->key_pem.n != 0 &&
	    key_read_pem(o->row->key_pem, &k, NULL) == OK) {
		bool fits = (key_type(k) == KEY_RSA) == o->row->rsa;

		key_free(k);
		if (fits)
			return o->row->key_pem;
	}
	k = o->row->rsa ? key_new_rsa2048() : key_new_p256();
	pem = key_write_pem(k, o->arena);
	key_free(k);
	return pem;
}

/* RFC 8555 7.4; RFC 8738 3 for addresses */
static void order_put(struct buf *out, const struct names *names, struct str replaces)
{
	struct json_writer w;
	struct addr ip;

	json_writer_init(&w, out);
	json_open(&w, NULL, '{');
	json_open(&w, "identifiers", '[');
	for (size_t i = 0; i < names->count; i++) {
		json_open(&w, NULL, '{');
		json_put_str(&w, "type", is_ip(names->items[i], &ip) ? STR("ip") : STR("dns"));
		json_put_str(&w, "value", names->items[i]);
		json_close(&w);
	}
	json_close(&w);
	if (replaces.n != 0)
		json_put_str(&w, "replaces", replaces);
	json_close(&w);
}

/* RFC 9773 5: the certificate that this order renews. */
static struct str replaced(struct order *o)
{
	if (o->client->directory.renewal_info.n == 0 || o->row->chain_pem.n == 0 ||
	    !str_eq(o->row->from, o->directory))
		return STR_EMPTY;
	return info_id(o->row->chain_pem, o->arena);
}

static enum err ask_for(struct order *o, struct str replaces, struct reply *r, struct why *why)
{
	struct buf b;
	enum err e;

	buf_init(&b, KIB(64));
	order_put(&b, &o->names, replaces);
	e = client_post(o->client, o->client->directory.new_order, buf_str(&b), r, why);
	buf_deinit(&b);
	return e;
}

static enum err begin(struct order *o, struct why *why)
{
	struct cert_row *row = o->row;
	struct str url, replaces = replaced(o);
	struct reply r;
	enum err e = ask_for(o, replaces, &r, why);

	/* What it replaces is a help for the CA, no condition of ours. */
	if (e && !client_may_pass(e) && replaces.n != 0)
		e = ask_for(o, STR_EMPTY, &r, why);
	if (e)
		return e;
	url = httpc_field(&r.http, "Location");
	if (!answer_url(url))
		return fail(why, ERR_SYNTAX, "the certification authority names no order");
	row->order_directory = o->directory;
	row->order_url = url;
	row->order_names = o->names;
	row->order_key_pem = key_choose(o);
	return o->host->save(o->host->arg, row, why);
}

/* --- prove ------------------------------------------------------------------------------- */

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

/* Why is it invalid? Of all challenges, the one that has a problem. */
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

/* Ask until the CA has looked. */
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
		if (!pause_before(o, &r, turn))
			return stopped(why);
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
	/* RFC 8555 7.5.1: an empty object says that it may look now. */
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

static enum err prove_all(struct order *o, const struct answer_order *a, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; i < a->count && e == OK; i++)
		e = prove_one(o, a->authorizations[i], why);
	return e;
}

/* --- finalize and fetch ------------------------------------------------------------------- */

static struct str request_make(struct order *o, const struct key *k)
{
	const struct names *names = &o->row->order_names;
	struct x509_alt *alt = arena_array(o->arena, struct x509_alt, names->count);
	struct addr ip;

	for (size_t i = 0; i < names->count; i++) {
		alt[i] = (struct x509_alt){ .s = names->items[i] };
		if (is_ip(names->items[i], &ip))
			alt[i] = (struct x509_alt){
				true, str_dup(o->arena, str_from((char *)ip.ip,
				                                 ip.family == ADDR_V4 ? 4 : 16))
			};
	}
	return x509_csr(k, alt, names->count, o->arena);
}

static enum err finalize(struct order *o, struct str url, struct why *why)
{
	struct str csr, payload;
	struct reply r;
	struct key *k;
	enum err e = key_read_pem(o->row->order_key_pem, &k, why);

	if (e)
		return e;
	csr = base64url_of(o->arena, request_make(o, k));
	key_free(k);
	payload = str_fmt(o->arena, "{\"csr\":\"%.*s\"}", STR_ARG(csr));
	e = client_post(o->client, url, payload, &r, why);
	/* RFC 8555 7.4: finalized before it was ready; its state will tell. */
	return e && str_eq(o->client->refusal, STR("orderNotReady")) ? OK : e;
}

/* Nothing is believed of a chain but what we see ourselves: our key, all our names. */
static enum err chain_check(struct order *o, struct str pem, struct why *why)
{
	const struct names *names = &o->row->order_names;
	struct x509 *chain;
	struct addr ip;
	struct key *k;
	size_t count;
	enum err e = x509_read_chain(pem, o->arena, &chain, &count, why);

	if (e || (e = key_read_pem(o->row->order_key_pem, &k, why)))
		return e;
	e = x509_check_key(&chain[0], k, why);
	key_free(k);
	for (size_t i = 0; i < names->count && e == OK; i++)
		if (!is_ip(names->items[i], &ip) && !x509_covers(&chain[0], names->items[i]) &&
		    !str_starts(names->items[i], STR("*.")))
			e = fail(why, ERR_CONFLICT, "the certificate that came does not carry %.*s",
			         STR_ARG(names->items[i]));
	return e;
}

static enum err fetch(struct order *o, struct str url, struct why *why)
{
	struct cert_row *row = o->row;
	struct reply r;
	enum err e = client_post(o->client, url, STR_EMPTY, &r, why);

	if (e || (e = chain_check(o, r.http.body, why)))
		return e;
	row->chain_pem = r.http.body;
	row->key_pem = row->order_key_pem;
	row->held = row->order_names;
	forget(o);
	return OK;
}

/* --- the order's states ------------------------------------------------------------------- */

static enum err state_get(struct order *o, struct reply *r, struct answer_order *out,
                          struct why *why)
{
	enum err e = client_post(o->client, o->row->order_url, STR_EMPTY, r, why);

	if (e == OK && !answer_order(r->json, o->arena, out))
		e = fail(why, ERR_SYNTAX, "the certification authority's order makes no sense");
	return e;
}

static enum err invalid(const struct answer_order *a, struct why *why)
{
	if (a->problem.n != 0)
		return fail(why, ERR_DENIED, "%.*s", STR_ARG(a->problem));
	return fail(why, ERR_DENIED,
	            "the certification authority dropped the order without a reason");
}

/* *done: the certificate is there. */
static enum err step(struct order *o, unsigned turn, bool *done, struct why *why)
{
	struct answer_order a;
	struct reply r;
	enum err e = state_get(o, &r, &a, why);

	if (e)
		return e;
	switch (a.status) {
	case ANSWER_PENDING:
		/* Again pending after all is proved: it takes the CA a moment */
		if (turn > 0 && !pause_before(o, &r, turn))
			return stopped(why);
		return prove_all(o, &a, why);
	case ANSWER_READY:
		return finalize(o, a.finalize, why);
	case ANSWER_VALID:
		*done = true;
		return fetch(o, a.certificate, why);
	case ANSWER_INVALID:
		return invalid(&a, why);
	default:
		return pause_before(o, &r, turn) ? OK : stopped(why);
	}
}

static bool same_names(const struct names *a, const struct names *b)
{
	return a->count == b->count && names_within(a, b);
}

/* Until the certificate is there, or something is in its way. */
static enum err go_on(struct order *o, struct why *why)
{
	bool done = false;
	enum err e = OK;

	for (unsigned turn = 0; e == OK && !done; turn++)
		e = turn < STATES_MAX
		            ? step(o, turn, &done, why)
		            : fail(why, ERR_RETRY, "the order takes long: it will be gone on with");
	return e;
}

/* Going on with this order is of no use any more: the CA refused it, or has forgotten it. */
static bool is_dead(enum err e)
{
	return e != OK && !client_may_pass(e);
}

/* An order from before. False: there is none, or it died while we were down, since nobody
 * answered its challenge. */
static bool resume(struct order *o, enum err *e, struct why *why)
{
	if (o->row->order_url.n == 0)
		return false;
	*e = go_on(o, why);
	return !is_dead(*e);
}

enum err order_run(struct order *o, struct why *why)
{
	enum err e = OK;

	if (!str_eq(o->row->order_directory, o->directory) ||
	    !same_names(&o->row->order_names, &o->names))
		forget(o);
	if (resume(o, &e, why))
		return e;
	forget(o);
	o->refused = STR_EMPTY;
	if ((e = begin(o, why)) == OK)
		e = go_on(o, why);
	if (is_dead(e))
		forget(o);
	return e;
}

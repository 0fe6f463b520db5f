/* operations/acme/order.c: see order.h and acme_private.h. */
#include "operations/acme/acme_private.h"

#include "foundation/crypto/key.h"
#include "foundation/crypto/x509.h"
#include "foundation/text/base64url.h"
#include "network/runtime/addr.h"

enum {
	STATES_MAX = 40, /* polls of an order before it is continued later */
	POLL_MS = 500,
	POLL_MAX_MS = 5000,
};

enum err order_stopped(struct why *why)
{
	return fail(why, ERR_RETRY, "given up for now: it will be gone on with");
}

bool order_pause(struct order *o, const struct reply *r, unsigned turn)
{
	int64_t asked = answer_retry_after_ms(httpc_field(&r->http, "Retry-After"), 60000);
	int64_t ours = MIN((int64_t)POLL_MS << MIN(turn, 8u), (int64_t)POLL_MAX_MS);

	return o->client->io->wait(o->client->io->arg, MAX(asked, ours));
}

static void forget(struct order *o)
{
	o->row->order_directory = o->row->order_url = o->row->order_key_pem = STR_EMPTY;
	o->row->order_names = (struct names){ 0 };
}

/* --- finalize and fetch ------------------------------------------------------------------- */

static struct str request_make(struct order *o, const struct key *k)
{
	const struct names *names = &o->row->order_names;
	struct x509_alt *alt = arena_array(o->arena, struct x509_alt, names->count);
	struct addr ip;

	for (size_t i = 0; i < names->count; i++) {
		alt[i] = (struct x509_alt){ .s = names->items[i] };
		if (addr_parse_ip(names->items[i], &ip))
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
	/* RFC 8555 7.4: finalized too early; poll its state. */
	return e && str_eq(o->client->refusal, STR("orderNotReady")) ? OK : e;
}

/* Verify the chain: our key, and all names. */
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
		if (!addr_parse_ip(names->items[i], &ip) &&
		    !x509_covers(&chain[0], names->items[i]) &&
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

/* *done: the certificate is stored in the row. */
static enum err order_step(struct order *o, unsigned turn, bool *done, struct why *why)
{
	struct answer_order a;
	struct reply r;
	enum err e = state_get(o, &r, &a, why);

	if (e)
		return e;
	switch (a.status) {
	case ANSWER_PENDING:
		/* still pending after all proofs: the CA needs a moment */
		if (turn > 0 && !order_pause(o, &r, turn))
			return order_stopped(why);
		return order_prove(o, &a, why);
	case ANSWER_READY:
		return finalize(o, a.finalize, why);
	case ANSWER_VALID:
		*done = true;
		return fetch(o, a.certificate, why);
	case ANSWER_INVALID:
		return invalid(&a, why);
	default:
		return order_pause(o, &r, turn) ? OK : order_stopped(why);
	}
}

static bool same_names(const struct names *a, const struct names *b)
{
	return a->count == b->count && names_within(a, b);
}

/* Run steps until the certificate is there or an error occurs. */
static enum err order_continues(struct order *o, struct why *why)
{
	bool done = false;
	enum err e = OK;

	for (unsigned turn = 0; e == OK && !done; turn++)
		e = turn < STATES_MAX
		            ? order_step(o, turn, &done, why)
		            : fail(why, ERR_RETRY, "the order takes long: it will be gone on with");
	return e;
}

/* Is this order useless: refused or forgotten by the CA? */
static bool is_dead(enum err e)
{
	return e != OK && !client_may_pass(e);
}

/* Continue an earlier order. False: there is none, or it failed while the server was down
 * and no challenge was answered. */
static bool resume(struct order *o, enum err *e, struct why *why)
{
	if (o->row->order_url.n == 0)
		return false;
	*e = order_continues(o, why);
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
	if ((e = order_begin(o, why)) == OK)
		e = order_continues(o, why);
	if (is_dead(e))
		forget(o);
	return e;
}

/* An order against a certification authority of our own, which does what a row says: the states,
 * and what is left behind when something goes wrong. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key.h"
#include "foundation/crypto/x509.h"
#include "foundation/text/base64url.h"
#include "operations/acme/order.h"

#include <string.h>

#define BASE "https://ca.example"

struct ca {
	/* how it behaves */
	unsigned bad_nonces; /* so many requests are refused for their nonce first   */
	unsigned stop_at;    /* the server stops in the so-manieth wait; 0: never     */
	const char *proof;   /* what becomes of the challenge: "valid", "invalid"     */
	bool busy;           /* new orders are answered 429                           */
	bool lost;           /* the order is no longer known                          */
	bool other_key;      /* the certificate is for another key                    */
	const char *order;   /* not NULL: what an order is answered                   */
	/* what happened */
	unsigned orders, proofs, unproofs, waits, saves;
	bool looked, finalized;
	const struct cert_row *row;
};

static struct arena a;
static struct key *account;

static int begin_group(void **state)
{
	(void)state;
	account = key_new_p256();
	return 0;
}

static int end_group(void **state)
{
	(void)state;
	key_free(account);
	arena_deinit(&a);
	return 0;
}

/* --- the authority ------------------------------------------------------------------------ */

static void answer(struct httpc_response *r, unsigned status, const char *location,
                   const char *body)
{
	static struct httpc_field fields[3];

	fields[0] = (struct httpc_field){ STR("Replay-Nonce"), STR("nonce-1") };
	fields[1] = (struct httpc_field){ STR("Location"), str_of(location) };
	fields[2] =
		(struct httpc_field){ STR("Retry-After"), status == 429 ? STR("77") : STR_EMPTY };
	*r = (struct httpc_response){ status, str_of(body), fields, COUNT(fields) };
}

static const char *order_text(const struct ca *ca)
{
	if (ca->order != NULL)
		return ca->order;
	if (!ca->looked)
		return "{\"status\":\"pending\",\"authorizations\":[\"" BASE
		       "/z\"],\"finalize\":\"" BASE "/f\"}";
	if (strcmp(ca->proof, "invalid") == 0)
		return "{\"status\":\"invalid\",\"authorizations\":[\"" BASE
		       "/z\"],\"finalize\":\"" BASE "/f\"}";
	return ca->finalized ? "{\"status\":\"valid\",\"authorizations\":[\"" BASE
	                       "/z\"],\"finalize\":\"" BASE "/f\",\"certificate\":\"" BASE "/c\"}"
	                     : "{\"status\":\"ready\",\"authorizations\":[\"" BASE
	                       "/z\"],\"finalize\":\"" BASE "/f\"}";
}

static const char *authorization_text(const struct ca *ca)
{
	const char *status = ca->looked ? ca->proof : "pending";

	return str_z(
		&a,
		str_fmt(&a,
	                "{\"status\":\"%s\",\"identifier\":{\"type\":\"dns\",\"value\":"
	                "\"mx.example.org\"},\"challenges\":[{\"type\":\"http-01\",\"url\":\"" BASE
	                "/l\",\"status\":\"%s\",\"token\":\"t0\"%s}]}",
	                status, status,
	                strcmp(status, "invalid") == 0 ? ",\"error\":{\"detail\":\"nobody there\"}"
	                                               : ""));
}

static const char *certificate_text(const struct ca *ca)
{
	struct key *k = NULL;
	struct str pem;
	struct why why;

	if (ca->other_key)
		k = key_new_p256();
	else if (key_read_pem(ca->row->order_key_pem, &k, &why) != OK)
		fail_msg("%s", why.text);
	if (x509_self_signed(k, STR("mx.example.org"), clock_real_ms(), &a, &pem, &why) != OK)
		fail_msg("%s", why.text);
	key_free(k);
	return str_z(&a, pem);
}

static void serve(struct ca *ca, struct str path, struct httpc_response *r)
{
	if (str_eq(path, STR("/o")) && ca->busy) {
		answer(r, 429, "",
		       "{\"type\":\"urn:ietf:params:acme:error:rateLimited\",\"detail\":\"slow\"}");
	} else if (str_eq(path, STR("/o"))) {
		ca->orders++;
		ca->lost = ca->looked = ca->finalized = false;
		answer(r, 201, BASE "/o/1", order_text(ca));
	} else if (str_eq(path, STR("/o/1"))) {
		answer(r, ca->lost ? 404 : 200, "", ca->lost ? "{}" : order_text(ca));
	} else if (str_eq(path, STR("/z"))) {
		answer(r, 200, "", authorization_text(ca));
	} else if (str_eq(path, STR("/l"))) {
		ca->looked = true;
		answer(r, 200, "", "{}");
	} else if (str_eq(path, STR("/f"))) {
		ca->finalized = true;
		answer(r, 200, "", order_text(ca));
	} else {
		answer(r, 200, "", certificate_text(ca));
	}
}

static enum err ask(void *arg, const struct httpc_request *q, struct arena *arena,
                    struct httpc_response *out, struct why *why)
{
	struct ca *ca = arg;
	struct str path = str_sub(q->url, strlen(BASE), q->url.n);

	(void)arena, (void)why;
	if (str_eq(path, STR("/dir"))) {
		answer(out, 200, "",
		       "{\"newNonce\":\"" BASE "/n\",\"newAccount\":\"" BASE
		       "/a\",\"newOrder\":\"" BASE "/o\"}");
	} else if (str_eq(path, STR("/n"))) {
		answer(out, 200, "", "");
	} else if (ca->bad_nonces > 0) {
		ca->bad_nonces--;
		answer(out, 400, "", "{\"type\":\"urn:ietf:params:acme:error:badNonce\"}");
	} else {
		serve(ca, path, out);
	}
	return OK;
}

static bool wait_a_little(void *arg, int64_t ms)
{
	struct ca *ca = arg;

	if (ms > 0)
		ca->waits++;
	return ca->stop_at == 0 || ca->waits < ca->stop_at;
}

/* --- the surroundings --------------------------------------------------------------------- */

static enum err on_prove(void *arg, const struct proof *p, struct why *why)
{
	struct ca *ca = arg;

	(void)why;
	ca->proofs++;
	assert_true(str_starts(p->authorization, STR("t0.")));
	check_str(p->name, STR("mx.example.org"));
	return OK;
}

static void on_unprove(void *arg, const struct proof *p)
{
	struct ca *ca = arg;

	(void)p;
	ca->unproofs++;
}

static enum err on_save(void *arg, const struct cert_row *row, struct why *why)
{
	struct ca *ca = arg;

	(void)why;
	assert_true(row->order_url.n != 0 && row->order_key_pem.n != 0);
	ca->saves++;
	return OK;
}

static enum err run(struct ca *ca, struct cert_row *row, struct str *refused, int64_t *retry_ms,
                    struct why *why)
{
	static struct str name = STR("mx.example.org");
	const struct acme_io io = { ask, wait_a_little, ca };
	const struct order_host host = { on_prove, on_unprove, on_save, ca };
	struct client c;
	struct order o = { .client = &c,
		           .host = &host,
		           .arena = &a,
		           .directory = STR(BASE "/dir"),
		           .challenge = STR("http-01"),
		           .names = { &name, 1 },
		           .reuse_key = true,
		           .row = row };
	enum err e;

	ca->row = row;
	assert_int_equal(client_open(&c, &io, o.directory, account, &a, why), OK);
	c.account = STR(BASE "/a/1");
	e = order_run(&o, why);
	*refused = o.refused;
	*retry_ms = c.retry_ms;
	return e;
}

/* --- rows --------------------------------------------------------------------------------- */

static const struct {
	struct ca ca;
	enum err e;
	bool order_kept;
	const char *refused, *words;
} rows[] = {
	{ { .proof = "valid" }, OK, false, "", "" },
	{ { .proof = "valid", .bad_nonces = 10 }, OK, false, "", "" }, /* RFC 8555 6.5 */
	{ { .proof = "valid", .bad_nonces = 1000 }, ERR_DENIED, false, "", "badNonce" },
	{ { .proof = "invalid" }, ERR_DENIED, false, "mx.example.org", "nobody there" },
	{ { .proof = "valid", .busy = true }, ERR_RETRY, false, "", "slow (rateLimited)" },
	{ { .proof = "valid", .other_key = true }, ERR_CONFLICT, false, "", "another certificate" },
	{ { .proof = "valid", .order = "{\"status\":7}" }, ERR_SYNTAX, false, "", "no sense" },
	{ { .proof = "pending", .stop_at = 3 }, ERR_RETRY, true, "", "gone on with" },
};

static void states(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ca ca = rows[i].ca;
		struct cert_row row = { .chain_pem = STR("old"), .key_pem = STR("old") };
		struct str refused;
		struct why why = { "" };
		int64_t retry_ms;

		check_at(i, run(&ca, &row, &refused, &retry_ms, &why) == rows[i].e);
		check_at(i, (row.order_url.n != 0) == rows[i].order_kept);
		check_str_at(i, refused, str_of(rows[i].refused));
		check_at(i, strstr(why.text, rows[i].words) != NULL);
		check_at(i, ca.proofs == ca.unproofs);
		check_at(i, str_eq(row.chain_pem, STR("old")) == (rows[i].e != OK));
		check_at(i, !rows[i].ca.busy || retry_ms == 77000);
		check_at(i, rows[i].e != OK || (row.held.count == 1 && ca.saves == 1));
	}
}

static void an_order_is_gone_on_with(void **state)
{
	struct ca ca = { .proof = "pending", .stop_at = 3 };
	struct cert_row row = { .id = STR("host") };
	struct str refused;
	struct why why = { "" };
	int64_t retry_ms;

	(void)state;
	assert_int_equal(run(&ca, &row, &refused, &retry_ms, &why), ERR_RETRY);
	ca.stop_at = 0;
	ca.proof = "valid";
	assert_int_equal(run(&ca, &row, &refused, &retry_ms, &why), OK);
	assert_int_equal(ca.orders, 1);
}

static void an_order_the_authority_has_forgotten_is_begun_anew(void **state)
{
	struct ca ca = { .proof = "pending", .stop_at = 3 };
	struct cert_row row = { .id = STR("host") };
	struct str refused;
	struct why why = { "" };
	int64_t retry_ms;

	(void)state;
	assert_int_equal(run(&ca, &row, &refused, &retry_ms, &why), ERR_RETRY);
	ca.stop_at = 0;
	ca.proof = "valid";
	ca.lost = true;
	assert_int_equal(run(&ca, &row, &refused, &retry_ms, &why), OK);
	assert_int_equal(ca.orders, 2);
}

static void the_key_is_kept(void **state)
{
	struct ca first = { .proof = "valid" }, second = { .proof = "valid" };
	struct cert_row row = { .id = STR("host") };
	struct str refused, key;
	struct why why = { "" };
	int64_t retry_ms;

	(void)state;
	assert_int_equal(run(&first, &row, &refused, &retry_ms, &why), OK);
	key = row.key_pem;
	assert_int_equal(run(&second, &row, &refused, &retry_ms, &why), OK);
	check_str(row.key_pem, key);
	row.rsa = true; /* no longer of the right kind */
	second = (struct ca){ .proof = "valid", .other_key = true };
	assert_int_equal(run(&second, &row, &refused, &retry_ms, &why), ERR_CONFLICT);
	check_str(row.key_pem, key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(an_order_is_gone_on_with),
		cmocka_unit_test(an_order_the_authority_has_forgotten_is_begun_anew),
		cmocka_unit_test(the_key_is_kept),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, begin_group, end_group);
}

/* operations/acme/request.c: requests of an administrator: revocation, key rollover,
 * deactivation. They are stored for the service; see acme.h. */
#include "foundation/base/random.h"
#include "foundation/crypto/key.h"
#include "model/store/store.h"
#include "operations/acme/acme.h"
#include "operations/acme/jws.h"
#include "operations/acme/records.h"

/* RFC 5280 5.3.1: the reasons that a subscriber may use (RFC 8555 7.6). */
static const struct {
	const char *word;
	unsigned code;
} reasons[] = {
	{ "unspecified", 0 }, { "keyCompromise", 1 },        { "affiliationChanged", 3 },
	{ "superseded", 4 },  { "cessationOfOperation", 5 },
};

static bool reason_parse(struct str word, uint64_t *out)
{
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (str_eq(word, str_of(reasons[i].word))) {
			*out = reasons[i].code;
			return true;
		}
	return false;
}

enum err acme_set_due(struct txn *t)
{
	const struct request_row now = { .what = random_u64() };
	struct cert_row *rows;
	struct arena a;
	size_t count;
	enum err e;

	arena_init(&a, true);
	e = cert_rows(t, &a, &rows, &count);
	if (e == OK && count == 0)
		e = fail(txn_why(t), ERR_MISSING,
		         "there is no certificate to renew; is ROOST_ACME on?");
	for (size_t i = 0; e == OK && i < count; i++)
		e = request_row_put(t, REQUEST_RENEW, rows[i].id, &now);
	arena_deinit(&a);
	return e;
}

enum err acme_revoke(struct txn *t, struct str id, struct str reason)
{
	struct cert_row row;
	struct request_row w = { 0 };
	struct arena a;
	enum err e;

	if (reason.n != 0 && !reason_parse(reason, &w.what))
		return fail(txn_why(t), ERR_SYNTAX,
		            "reason is unspecified, keyCompromise, affiliationChanged, superseded "
		            "or cessationOfOperation");
	arena_init(&a, true);
	e = cert_row_get(t, id, &a, &row);
	if (e == ERR_MISSING || (e == OK && row.chain_pem.n == 0))
		e = fail(txn_why(t), ERR_MISSING, "no certificate from an authority is called %.*s",
		         STR_ARG(id));
	arena_deinit(&a);
	return e ? e : request_row_put(t, REQUEST_REVOKE, id, &w);
}

static enum err account_get(struct txn *t, struct str directory, struct arena *a,
                            struct account_row *out)
{
	enum err e = account_row_get(t, directory, a, out);

	if (e == ERR_MISSING || (e == OK && out->url.n == 0))
		return fail(txn_why(t), ERR_MISSING, "there is no account at %.*s",
		            STR_ARG(directory));
	return e;
}

static enum err request(struct txn *t, struct str directory, uint64_t what)
{
	const struct request_row w = { .what = what };
	struct account_row row;
	struct arena a;
	enum err e;

	arena_init(&a, true);
	e = account_get(t, directory, &a, &row);
	arena_deinit(&a);
	return e ? e : request_row_put(t, REQUEST_ACCOUNT, directory, &w);
}

enum err acme_account_rollover(struct txn *t, struct str directory)
{
	return request(t, directory, REQUEST_ROLLOVER);
}

enum err acme_account_end(struct txn *t, struct str directory, bool on)
{
	if (on)
		return fail(txn_why(t), ERR_CONFLICT,
		            "switch ACME off first, else a new account would be made at once");
	return request(t, directory, REQUEST_END);
}

static struct str thumbprint(struct str key_pem, struct arena *a)
{
	struct str print = STR_EMPTY;
	struct key *k;

	if (key_read_pem(key_pem, &k, NULL) == OK) {
		print = jws_thumbprint(k, a);
		key_free(k);
	}
	return print;
}

static enum err pending(struct txn *t, struct str directory, const char **out)
{
	struct request_row w;
	enum err e = request_row_get(t, REQUEST_ACCOUNT, directory, &w);

	if (e == OK)
		*out = w.what == REQUEST_END ? "end" : "rollover";
	return e == ERR_MISSING ? OK : e;
}

enum err acme_account(struct txn *t, struct str directory, struct arena *a,
                      struct acme_account *out)
{
	struct account_row row;
	struct arena secret;
	enum err e;

	arena_init(&secret, true);
	*out = (struct acme_account){ .pending = "" };
	e = account_get(t, directory, &secret, &row);
	if (e == OK)
		e = pending(t, directory, &out->pending);
	if (e == OK) {
		out->directory = str_dup(a, directory);
		out->url = str_dup(a, row.url);
		out->email = str_dup(a, row.email);
		out->eab_id = str_dup(a, row.eab);
		out->key = thumbprint(row.key_pem, a);
		out->problem = str_dup(a, row.problem);
	}
	arena_deinit(&secret);
	return e;
}

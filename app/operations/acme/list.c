/* operations/acme/list.c: the state of certificates; see acme.h. */
#include "operations/acme/acme.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/x509.h"
#include "model/store/store.h"
#include "operations/acme/uploaded.h"

enum { OWN_WARN_DAYS = 14 };
static const int64_t day_ms = INT64_C(86400000);

static const char *list_state_of(const struct cert_row *row, bool revoking)
{
	if (revoking)
		return "revoking";
	if (row->failures > 0)
		return "failed";
	return row->order_url.n != 0 || row->chain_pem.n == 0 ? "ordering" : "valid";
}

/* The problem of the order, else those of left-out names. */
static struct str problem_of(const struct cert_row *row, struct arena *a)
{
	struct str all;
	struct buf b;

	if (row->problem.n != 0)
		return row->problem;
	buf_init(&b, KIB(64));
	for (size_t i = 0; i < row->left_out_count; i++)
		buf_fmt(&b, "%s%.*s",
		        i > 0 ? "; " : "left out: ", STR_ARG(row->left_out[i].problem));
	all = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return all;
}

static void describe_leaf(const struct x509 *leaf, struct arena *a, struct acme_certificate *out)
{
	out->issuer = leaf->issuer_cn;
	out->key = x509_key_describe(leaf, a);
	out->not_before_ms = leaf->not_before_ms;
	out->not_after_ms = leaf->not_after_ms;
}

static void describe(const struct cert_row *row, bool revoking, struct arena *a,
                     struct acme_certificate *out)
{
	const struct names *names = row->held.count != 0 ? &row->held : &row->names;
	struct x509 *leaf;
	size_t count;

	*out = (struct acme_certificate){ .id = row->id,
		                          .names = names->items,
		                          .name_count = names->count,
		                          .issuer = STR_EMPTY,
		                          .state = list_state_of(row, revoking),
		                          .next_try_ms = row->due_ms,
		                          .problem = problem_of(row, a) };
	if (row->chain_pem.n != 0 && x509_read_chain(row->chain_pem, a, &leaf, &count, NULL) == OK)
		describe_leaf(leaf, a, out);
}

/* Problems of an uploaded certificate that mail clients will report. */
static struct str own_problem(const struct x509 *chain, size_t count, int64_t now_ms,
                              struct arena *a)
{
	int64_t days = (chain->not_after_ms - now_ms) / day_ms;

	if (chain->not_after_ms <= now_ms)
		return STR("it has expired: upload a new one");
	if (days < OWN_WARN_DAYS)
		return str_fmt(a, "it expires within %d days: upload a new one", (int)days + 1);
	if (count == 1 && !str_eq(chain->issuer, chain->subject))
		return str_fmt(a,
		               "the chain is not complete: add the certificate of \"%.*s\" below "
		               "it, else many programs will not trust it",
		               STR_ARG(chain->issuer_cn));
	return STR_EMPTY;
}

static void describe_own(const struct own_cert *own, struct arena *a, struct acme_certificate *out)
{
	int64_t now_ms = clock_real_ms();
	struct x509 *leaf;
	size_t count;

	*out = (struct acme_certificate){ .id = own->id, .own = true, .state = "failed" };
	if (x509_read_chain(own->chain_pem, a, &leaf, &count, NULL) != OK)
		return;
	describe_leaf(leaf, a, out);
	out->names = leaf->names;
	out->name_count = leaf->name_count;
	out->state = leaf->not_after_ms > now_ms ? "valid" : "expired";
	out->problem = own_problem(leaf, count, now_ms, a);
	if (own->held) {
		out->state = "held";
		out->problem = STR("not shown yet: its TLSA record goes into DNS first, and others "
		                   "may remember for a while that it was not there");
	}
}

enum err acme_list(struct txn *t, bool on, struct arena *a, struct acme_list *out)
{
	struct own_list own, held;
	struct names revoking;
	struct cert_row *rows;
	size_t count;
	enum err e;

	if ((e = request_rows(t, REQUEST_REVOKE, a, &revoking)) ||
	    (e = own_cert_list(t, a, &own)) || (e = own_held_list(t, a, &held)) ||
	    (e = cert_rows(t, a, &rows, &count)))
		return e;
	*out = (struct acme_list){ .items = arena_array(a, struct acme_certificate,
		                                        own.count + held.count + count) };
	for (size_t i = 0; i < own.count; i++)
		describe_own(&own.items[i], a, &out->items[out->count++]);
	for (size_t i = 0; i < held.count; i++)
		describe_own(&held.items[i], a, &out->items[out->count++]);
	for (size_t i = 0; i < count; i++) {
		struct acme_certificate *c = &out->items[out->count++];

		describe(&rows[i], names_has(&revoking, rows[i].id), a, c);
		if (!on)
			c->next_try_ms = 0;
	}
	return OK;
}

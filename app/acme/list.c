/* acme/list.c: what is told of certificates; see acme.h. */
#include "acme/acme.h"

#include "acme/records.h"
#include "base/buf.h"
#include "crypto/x509.h"
#include "store/store.h"

static const char *state_of(const struct cert_row *row)
{
	if (row->failures > 0)
		return "failed";
	return row->order_url.n != 0 || row->chain_pem.n == 0 ? "ordering" : "valid";
}

/* The problem of the whole, else those of names that were left out. */
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

static void describe(const struct cert_row *row, struct arena *a, struct acme_certificate *out)
{
	const struct names *names = row->held.count != 0 ? &row->held : &row->names;
	struct x509 *leaf;
	size_t count;

	*out = (struct acme_certificate){ .id = row->id,
		                          .names = names->items,
		                          .name_count = names->count,
		                          .issuer = STR_EMPTY,
		                          .state = state_of(row),
		                          .next_try_ms = row->due_ms,
		                          .problem = problem_of(row, a) };
	if (row->chain_pem.n == 0 || x509_read_chain(row->chain_pem, a, &leaf, &count, NULL) != OK)
		return;
	out->issuer = leaf->issuer_cn;
	out->not_before_ms = leaf->not_before_ms;
	out->not_after_ms = leaf->not_after_ms;
}

enum err acme_list(struct txn *t, struct arena *a, struct acme_list *out)
{
	struct cert_row *rows;
	enum err e = cert_rows(t, a, &rows, &out->count);

	out->items = arena_array(a, struct acme_certificate, out->count);
	for (size_t i = 0; e == OK && i < out->count; i++)
		describe(&rows[i], a, &out->items[i]);
	return e;
}

enum err acme_set_due(struct txn *t)
{
	struct cert_row *rows;
	struct arena a;
	size_t count;
	enum err e;

	arena_init(&a, true);
	e = cert_rows(t, &a, &rows, &count);
	if (e == OK && count == 0)
		e = fail(txn_why(t), ERR_MISSING,
		         "there is no certificate to renew; is ROOST_ACME on?");
	for (size_t i = 0; e == OK && i < count; i++) {
		rows[i].due_ms = 0;
		e = cert_row_put(t, &rows[i]);
	}
	arena_deinit(&a);
	return e;
}

/* model/directory/login/passkey_login.c: logging in by a passkey; see passkey.h.
 *
 * Read, verify, write: the signature is verified outside of any transaction, since that takes most
 * of a millisecond. So the row is read again before it is written. */
#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "model/directory/login/login.h"
#include "model/directory/login/passkey.h"
#include "model/directory/row_passkey.h"
#include "model/store/store.h"

void passkey_handle(uint32_t account, char out[static PASSKEY_HANDLE])
{
	for (size_t i = 0; i < PASSKEY_HANDLE; i++)
		out[i] = (char)(account >> (8 * (PASSKEY_HANDLE - 1 - i)));
}

static uint32_t account_of(struct str handle)
{
	struct unpack u = unpack_of(handle);
	uint32_t account = unpack_be32(&u);

	return unpack_ok(&u) && !unpack_more(&u) ? account : 0;
}

struct attempt {
	const struct passkey_proof *proof;
	struct arena *a;
	struct passkey_row row; /* number 0: not found */
};

/* Searches only the passkeys of the account that the user handle names. The browser sends both, and
 * the authenticator signs neither: so a user's own passkey cannot open another account. */
static enum err passkey_login_find(struct txn *t, void *arg)
{
	struct attempt *p = arg;
	uint32_t account = account_of(p->proof->handle);
	struct passkey_row row;
	struct kv_iter it;
	enum err e = OK;
	enum err walked;

	p->row = (struct passkey_row){ 0 };
	row_passkey_iter(&it, t, account);
	while (e == OK && account != 0 && kv_iter_next(&it)) {
		e = row_passkey_read(&it, p->a, &row);
		if (e == OK && str_eq(row.credential_id, p->proof->credential_id))
			p->row = row;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* Two logins at the same time cannot use the same signature count. */
static enum err use(struct txn *t, void *arg)
{
	struct attempt *p = arg;
	struct passkey_row row;
	enum err e = row_passkey_get(t, p->row.account, p->row.number, txn_arena(t), &row);

	if (e == ERR_MISSING || (e == OK && !str_eq(row.credential_id, p->row.credential_id)))
		return fail(txn_why(t), ERR_DENIED, "it was removed meanwhile");
	if (e == OK && p->row.count != 0 && row.count >= p->row.count)
		return fail(txn_why(t), ERR_DENIED, "it was used meanwhile");
	if (e != OK)
		return e;
	row.count = p->row.count;
	row.last_used_ms = clock_real_ms();
	return row_passkey_put(t, &row);
}

static enum err prove(struct store *s, void *arg, struct login_proven *out, struct why *why)
{
	struct attempt *p = arg;
	struct webauthn_credential known;
	enum err e = store_read(s, passkey_login_find, p);

	if (e != OK)
		return e;
	if (p->row.number == 0)
		return fail(why, ERR_DENIED, "no such passkey");
	*out = (struct login_proven){ .account = p->row.account,
	                              .credential = PASSKEY_CREDENTIAL | p->row.number };
	/* The passkey was made for another host name of this server. */
	if (!str_eq(p->row.site, p->proof->expected->site))
		return fail(why, ERR_DENIED, "it is a passkey of another site");
	known = (struct webauthn_credential){ p->row.credential_id, p->row.public_key,
		                              p->row.count };
	e = webauthn_assert(p->proof->expected, &p->proof->assertion, p->a, &known, why);
	if (e != OK)
		return e == ERR_SYNTAX ? ERR_DENIED : e;
	p->row.count = known.count;
	return store_write(s, use, p, why);
}

enum err passkey_login(struct logins *l, const struct login_try *try,
                       const struct passkey_proof *proof, struct arena *a, struct login *out,
                       struct why *why)
{
	struct attempt p = { .proof = proof, .a = a };

	return login_prove(l, try, prove, &p, a, out, why);
}

/* directory/login_token.c: logins by a token or a certificate; see login.h. */
#include "directory/login_private.h"

#include "directory/normal.h"
#include "store/store.h"

void logins_tokens_set(struct logins *l, const struct token_verifier *v, void *arg)
{
	l->tokens = v;
	l->tokens_arg = arg;
}

bool logins_tokens(const struct logins *l)
{
	return l->tokens != NULL;
}

/* --- Whose is it? -------------------------------------------------------------------------- */

struct attempt {
	struct logins *l;
	const struct login_try *try;
	const struct token_claim *claim; /* NULL: a certificate          */
	struct str address;              /* of the certificate, or found */
	uint32_t account;
	struct arena a;
};

static enum err account_read(struct txn *t, void *arg)
{
	struct attempt *p = arg;
	struct account account;
	enum err e = account_find(t, p->address, &p->a, &account);

	p->account = e == OK ? account.id : 0;
	return e == ERR_MISSING || e == ERR_SYNTAX ? OK : e;
}

static bool equal(struct mailaddr x, struct mailaddr y)
{
	return mailaddr_equal(&x, &y);
}

/* Names that are given beside the proof must be the same. */
static bool same(struct arena *a, struct str given, struct str address)
{
	struct mailaddr x, y;

	if (given.n == 0)
		return true;
	return normal_address(a, given, &x) && normal_address(a, address, &y) &&
	       equal(normal_fold(a, x), normal_fold(a, y));
}

static enum err prove(struct store *s, void *arg, struct login_proven *out, struct why *why)
{
	struct attempt *p = arg;
	enum err e = OK;

	if (p->claim != NULL)
		e = p->l->tokens->verify(p->l->tokens_arg, p->claim, &p->a, &p->address, why);
	if (e == OK)
		e = store_read(s, account_read, p);
	if (e != OK)
		return e;
	*out = (struct login_proven){ p->account, CREDENTIAL_OTHER };
	if (p->account == 0)
		return fail(why, ERR_DENIED, "no such account");
	if (!same(&p->a, p->try->authzid, p->address) ||
	    (p->claim != NULL && !same(&p->a, p->claim->user, p->address)))
		return fail(why, ERR_DENIED, "acting as somebody else");
	return OK;
}

static enum err login(struct attempt *p, struct arena *a, struct login *out, struct why *why)
{
	enum err e;

	arena_init(&p->a, true);
	e = login_prove(p->l, p->try, prove, p, a, out, why);
	arena_deinit(&p->a);
	return e;
}

enum err login_token(struct logins *l, const struct login_try *try, const struct token_claim *claim,
                     struct arena *a, struct login *out, struct why *why)
{
	struct attempt p = { .l = l, .try = try, .claim = claim };

	assert(logins_tokens(l));
	return login(&p, a, out, why);
}

enum err login_certificate(struct logins *l, const struct login_try *try, struct str address,
                           struct arena *a, struct login *out, struct why *why)
{
	struct attempt p = { .l = l, .try = try, .address = address };

	return login(&p, a, out, why);
}

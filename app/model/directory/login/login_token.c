/* model/directory/login/login_token.c: logins by a token or a certificate; see login.h. */
#include "model/directory/login/login_private.h"

#include "model/directory/normal.h"
#include "model/store/store.h"

void logins_tokens_set(struct logins *l, const struct token_verifier *v, void *arg)
{
	l->tokens = v;
	l->tokens_arg = arg;
}

bool logins_tokens(const struct logins *l)
{
	return l->tokens != NULL;
}

/* --- The owner ----------------------------------------------------------------------------- */

struct attempt {
	struct logins *l;
	const struct login_try *try;
	struct str address; /* of the owner, according to the token or certificate */
	uint32_t account;
	struct arena a;
	const struct token_claim *token;
	const struct certificate_claim *certificate;
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

/* A name that the client gives in addition must be the same. */
static bool same(struct arena *a, struct str given, struct str address)
{
	struct mailaddr x, y;

	if (given.n == 0)
		return true;
	return normal_address(a, given, &x) && normal_address(a, address, &y) &&
	       equal(normal_fold(a, x), normal_fold(a, y));
}

/* The account of p->address; refused when the client asks for another one. */
static enum err owner_prove(struct store *s, struct attempt *p, struct login_proven *out,
                            struct why *why)
{
	enum err e = store_read(s, account_read, p);

	if (e != OK)
		return e;
	*out = (struct login_proven){ .account = p->account, .credential = CREDENTIAL_OTHER };
	if (p->account == 0)
		return fail(why, ERR_DENIED, "no such account");
	if (!same(&p->a, p->try->authzid, p->address))
		return fail(why, ERR_DENIED, "authorization identity differs from the login");
	return OK;
}

static enum err token_prove(struct store *s, void *arg, struct login_proven *out, struct why *why)
{
	struct attempt *p = arg;
	enum err e = p->l->tokens->verify(p->l->tokens_arg, p->token, &p->a, &p->address, why);

	if (e == OK)
		e = owner_prove(s, p, out, why);
	if (e == OK && !same(&p->a, p->token->user, p->address))
		return fail(why, ERR_DENIED, "authorization identity differs from the login");
	return e;
}

/* RFC 4422 A.1: selects one of the identities in the certificate. */
static enum err certificate_prove(struct store *s, void *arg, struct login_proven *out,
                                  struct why *why)
{
	struct attempt *p = arg;
	const struct certificate_claim *claim = p->certificate;
	enum err e;

	assert(claim->count > 0);
	if (p->try->authzid.n == 0 && claim->count > 1)
		return fail(why, ERR_DENIED, "the certificate has several addresses, and the "
		                             "client does not say which");
	p->address = claim->addresses[0];
	for (size_t i = 0; i < claim->count; i++)
		if (same(&p->a, p->try->authzid, claim->addresses[i]))
			p->address = claim->addresses[i];
	e = owner_prove(s, p, out, why);
	out->expires_ms = claim->expires_ms;
	return e;
}

static enum err login(struct attempt *p, login_proof *prove, struct arena *a, struct login *out,
                      struct why *why)
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
	struct attempt p = { .l = l, .try = try, .token = claim };

	assert(logins_tokens(l));
	return login(&p, token_prove, a, out, why);
}

enum err login_certificate(struct logins *l, const struct login_try *try,
                           const struct certificate_claim *claim, struct arena *a,
                           struct login *out, struct why *why)
{
	struct attempt p = { .l = l, .try = try, .certificate = claim };

	return login(&p, certificate_prove, a, out, why);
}

/* formats/sasl/oauth.c: OAUTHBEARER (RFC 7628) and its predecessor XOAUTH2, which many clients
 * still use: a token in place of a password. The issuer verifies the token. */
#include "formats/sasl/mechs.h"

enum { OAUTH_START, OAUTH_ASKED, OAUTH_CLAIMED, OAUTH_REFUSED };

enum { KVSEP = '\1' };

/* auth = "Bearer" SP token: RFC 6750 2.1. A token has the characters of b64token. */
static bool bearer_parse(struct str value, struct str *token)
{
	struct cur c = cur_of(value);

	if (!cur_stri(&c, STR("Bearer ")))
		return false;
	*token = str_trim(cur_rest(&c));
	for (size_t i = 0; i < token->n; i++)
		if (!ascii_alnum(token->p[i]) && str_find_byte(STR("-._~+/="), token->p[i]) < 0)
			return false;
	return token->n != 0;
}

/* kvpair = key "=" value kvsep RFC 7628 3.1; the same form in XOAUTH2 */
static bool pairs_parse(struct cur *c, struct sasl *s)
{
	struct str pair, key;

	while (!cur_byte(c, KVSEP)) {
		struct cur p;

		if (!cur_until(c, KVSEP, &pair))
			return false;
		cur_skip(c, 1);
		p = cur_of(pair);
		if (!cur_until(&p, '=', &key) || key.n == 0)
			return false;
		cur_skip(&p, 1);
		if (str_eqi(key, STR("auth")) && !bearer_parse(cur_rest(&p), &s->token))
			return false;
		if (str_eqi(key, STR("user")))
			s->authcid = cur_rest(&p);
		if (str_eqi(key, STR("host")))
			s->host = cur_rest(&p);
		if (str_eqi(key, STR("port")))
			s->port = cur_rest(&p);
	}
	/* Unknown keys are ignored (RFC 7628 3.1). The end must follow. */
	return cur_done(c) && s->token.n != 0 && s->host.n <= SASL_FIELD_MAX &&
	       s->port.n <= SASL_FIELD_MAX;
}

static enum sasl_status claim(struct sasl *s)
{
	s->token = str_dup(&s->arena, s->token);
	s->authcid = str_dup(&s->arena, s->authcid);
	s->host = str_dup(&s->arena, s->host);
	s->port = str_dup(&s->arena, s->port);
	s->stage = OAUTH_CLAIMED;
	return SASL_DONE;
}

/* client-resp = gs2-header kvsep *kvpair kvsep; a binding is for mechanisms with -PLUS */
static enum sasl_status bearer_message(struct sasl *s, struct str message)
{
	struct cur c = cur_of(message);
	struct gs2 gs2;

	if (!gs2_parse(&c, &s->arena, &gs2) || gs2.flag == 'p' || !cur_byte(&c, KVSEP) ||
	    !pairs_parse(&c, s))
		return SASL_BAD;
	s->authcid = STR_EMPTY; /* "user" is for XOAUTH2 only */
	s->authzid = gs2.authzid;
	return claim(s);
}

/* "user=" name kvsep "auth=Bearer " token kvsep kvsep */
static enum sasl_status xoauth2_message(struct sasl *s, struct str message)
{
	struct cur c = cur_of(message);

	if (!pairs_parse(&c, s) || !sasl_field_check(s->authcid))
		return SASL_BAD;
	s->authzid = STR_EMPTY;
	return claim(s);
}

/* RFC 7628 3.2.2: a refusal is a challenge, after whose response the exchange fails. */
static enum sasl_status oauth_step(struct sasl *s, const struct str *in, struct buf *out,
                             enum sasl_status (*message)(struct sasl *, struct str),
                             struct str refusal)
{
	switch (s->stage) {
	case OAUTH_START:
		if (in != NULL)
			return message(s, *in);
		s->stage = OAUTH_ASKED;
		return SASL_CONTINUE;
	case OAUTH_ASKED:
		return in != NULL ? message(s, *in) : SASL_BAD;
	case OAUTH_CLAIMED:
		if (in != NULL || !s->verified)
			return SASL_BAD;
		if (s->good)
			return SASL_OVER;
		buf_put(out, refusal);
		s->stage = OAUTH_REFUSED;
		return SASL_CONTINUE;
	default:
		return SASL_OVER; /* the token was refused before */
	}
}

enum sasl_status oauthbearer_step(struct sasl *s, const struct str *in, struct buf *out)
{
	return oauth_step(s, in, out, bearer_message, STR("{\"status\":\"invalid_token\"}"));
}

enum sasl_status xoauth2_step(struct sasl *s, const struct str *in, struct buf *out)
{
	return oauth_step(s, in, out, xoauth2_message,
	            STR("{\"status\":\"401\",\"schemes\":\"bearer\"}"));
}

/* formats/sasl/plain.c: PLAIN (RFC 4616): one message in clear text. */
#include "formats/sasl/mechs.h"
#include "foundation/base/cur.h"

enum { PLAIN_START, PLAIN_ASKED };

/* message = [authzid] UTF8NUL authcid UTF8NUL passwd		RFC 4616 2 */
static bool message_parse(struct cur c, struct sasl *s)
{
	struct str authzid, authcid, password;

	if (!cur_until(&c, '\0', &authzid) || !cur_byte(&c, '\0') ||
	    !cur_until(&c, '\0', &authcid) || !cur_byte(&c, '\0'))
		return false;
	password = cur_rest(&c);
	if ((authzid.n != 0 && !sasl_field_check(authzid)) || !sasl_field_check(authcid) ||
	    !sasl_field_check(password))
		return false;
	s->authzid = str_dup(&s->arena, authzid);
	s->authcid = str_dup(&s->arena, authcid);
	s->password = str_dup(&s->arena, password);
	return true;
}

enum sasl_status plain_step(struct sasl *s, const struct str *in, struct buf *out)
{
	(void)out; /* the challenge is empty */
	if (in == NULL && s->stage == PLAIN_START) {
		s->stage = PLAIN_ASKED;
		return SASL_CONTINUE;
	}
	return in != NULL && message_parse(cur_of(*in), s) ? SASL_DONE : SASL_BAD;
}

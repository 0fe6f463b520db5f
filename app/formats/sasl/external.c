/* formats/sasl/external.c: EXTERNAL (RFC 4422 appendix A): TLS has authenticated the client by its
 * certificate; the message only has the identity to act as. */
#include "formats/sasl/mechs.h"

enum { EXTERNAL_START, EXTERNAL_ASKED, EXTERNAL_CLAIMED };

enum sasl_status external_step(struct sasl *s, const struct str *in, struct buf *out)
{
	(void)out; /* the challenge is empty */
	if (in == NULL && s->stage == EXTERNAL_START) {
		s->stage = EXTERNAL_ASKED;
		return SASL_CONTINUE;
	}
	if (in == NULL || s->stage == EXTERNAL_CLAIMED || (in->n != 0 && !sasl_field_check(*in)))
		return SASL_BAD;
	s->authzid = str_dup(&s->arena, *in);
	s->stage = EXTERNAL_CLAIMED;
	return SASL_DONE;
}

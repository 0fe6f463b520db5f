/* formats/sasl/login.c: LOGIN (draft-murchison-sasl-login-00): two prompts, two answers. Obsolete,
 * but used by Outlook and many printers. */
#include "formats/sasl/mechs.h"

enum { LOGIN_START, LOGIN_NAME_ASKED, LOGIN_PASSWORD_ASKED };

static enum sasl_status login_prompt(struct sasl *s, unsigned stage, struct str prompt,
                                     struct buf *out)
{
	s->stage = stage;
	buf_put(out, prompt);
	return SASL_CONTINUE;
}

enum sasl_status login_step(struct sasl *s, const struct str *in, struct buf *out)
{
	/* The draft has no initial response, yet many clients send the name as one. Clients compare
	 * the exact text of the prompts. */
	if (s->stage == LOGIN_START && (in == NULL || in->n == 0))
		return login_prompt(s, LOGIN_NAME_ASKED, STR("Username:"), out);
	if (in == NULL || !sasl_field_check(*in))
		return SASL_BAD;
	if (s->stage == LOGIN_PASSWORD_ASKED) {
		s->password = str_dup(&s->arena, *in);
		return SASL_DONE;
	}
	s->authcid = str_dup(&s->arena, *in);
	return login_prompt(s, LOGIN_PASSWORD_ASKED, STR("Password:"), out);
}

/* formats/sasl/gs2.c: the header at the start of SCRAM and OAUTHBEARER (RFC 5801 4). */
#include "formats/sasl/mechs.h"

/* saslname = 1*(value-safe-char / "=2C" / "=3D")			RFC 5802 7 */
bool gs2_name_parse(struct cur *c, struct arena *a, struct str *out)
{
	struct str quoted;
	struct cur q;
	struct buf name;
	bool good = true;
	char ch;

	if (!cur_until(c, ',', &quoted) || quoted.n > 3 * SASL_FIELD_MAX)
		return false;
	buf_init(&name, 3 * SASL_FIELD_MAX);
	for (q = cur_of(quoted); good && cur_any(&q, &ch);) {
		if (ch != '=')
			buf_byte(&name, ch);
		else if (cur_stri(&q, STR("2C")))
			buf_byte(&name, ',');
		else if (cur_stri(&q, STR("3D")))
			buf_byte(&name, '=');
		else
			good = false; /* RFC 5802 5.1: MUST fail */
	}
	good = good && sasl_field_check(buf_str(&name));
	if (good)
		*out = str_dup(a, buf_str(&name));
	buf_deinit(&name);
	return good;
}

/* cb-name = 1*(ALPHA / DIGIT / "." / "-") */
static bool binding_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && name.p[i] != '.' && name.p[i] != '-')
			return false;
	return name.n != 0;
}

bool gs2_parse(struct cur *c, struct arena *a, struct gs2 *out)
{
	*out = (struct gs2){ 0 };
	if (!cur_any(c, &out->flag))
		return false;
	if (out->flag == 'p') {
		if (!cur_byte(c, '=') || !cur_until(c, ',', &out->binding) ||
		    !binding_name(out->binding))
			return false;
	} else if (out->flag != 'n' && out->flag != 'y') {
		return false;
	}
	if (!cur_byte(c, ','))
		return false;
	if (cur_str(c, STR("a=")) && !gs2_name_parse(c, a, &out->authzid))
		return false;
	return cur_byte(c, ',');
}

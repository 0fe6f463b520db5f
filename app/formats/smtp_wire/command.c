/* formats/smtp_wire/command.c: see command.h. */
#include "formats/smtp_wire/command.h"

static bool command_not_blank(unsigned char c)
{
	return c != ' ' && c != '\t';
}

void smtp_command_split(struct str line, struct str *verb, struct str *args)
{
	struct cur c = cur_of(line);

	*verb = cur_while(&c, command_not_blank);
	*args = str_trim(cur_rest(&c));
}

/* esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")	RFC 5321 4.1.2 */
static bool keyword_byte(unsigned char c)
{
	return ascii_alnum((char)c) || c == '-';
}

/* esmtp-value = 1*(%d33-60 / %d62-126), and UTF-8 (RFC 6531 3.4) */
static bool value_byte(unsigned char c)
{
	return c > ' ' && c != '=' && c != 0x7f;
}

static bool param_parse(struct cur *c, struct smtp_param *out)
{
	out->keyword = cur_while(c, keyword_byte);
	out->value = STR_EMPTY;
	if (out->keyword.n == 0 || out->keyword.p[0] == '-')
		return false;
	if (!cur_byte(c, '='))
		return true;
	out->value = cur_while(c, value_byte);
	return out->value.n != 0;
}

/* Mail-parameters = esmtp-param *(SP esmtp-param) */
static bool params_parse(struct cur *c, struct smtp_path *out)
{
	while (!cur_done(c)) {
		if (!cur_blank(c) || out->param_count == SMTP_PARAMS_MAX)
			return false;
		if (!param_parse(c, &out->params[out->param_count++]))
			return false;
	}
	return true;
}

bool smtp_path_parse(struct str args, struct str prefix, unsigned flags, struct arena *a,
                     struct smtp_path *out)
{
	struct cur c = cur_of(args);

	out->param_count = 0;
	if (!cur_stri(&c, prefix))
		return false;
	cur_blank(&c);
	return mailaddr_parse_path(&c, a, flags, &out->addr) && params_parse(&c, out);
}

static bool hello_byte(unsigned char c)
{
	return ascii_alnum((char)c) || c == '.' || c == '-' || c == '_';
}

static bool literal_byte(unsigned char c)
{
	return ascii_alnum((char)c) || c == '.' || c == ':' || c == '-';
}

/* Domain / address-literal. Underscores are not valid in host names (RFC 1123 2.1) but common;
 * refusing them would only lose mail. */
bool smtp_hello_parse(struct str args)
{
	struct cur c = cur_of(args);
	bool literal = cur_byte(&c, '[');
	struct str name = cur_while(&c, literal ? literal_byte : hello_byte);

	if (name.n == 0 || name.n > MAILADDR_DOMAIN_MAX)
		return false;
	return (!literal || cur_byte(&c, ']')) && cur_done(&c);
}

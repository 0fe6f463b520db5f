/* formats/mailauth/authres_read.c: parsing Authentication-Results of others; see authres.h. */
#include "formats/mailauth/authres.h"

#include "formats/message/cfws.h"
#include "formats/message/header.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"

#include <string.h>

/* RFC 2045 5.1, and UTF-8 (RFC 8601 2.2) */
static bool authres_read_is_token(unsigned char c)
{
	return c > ' ' && c != 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* The same, and the other characters of addresses, which are often not quoted. */
static bool is_pvalue(unsigned char c)
{
	return authres_read_is_token(c) || c == '@' || c == '/' || c == ':' || c == '=' ||
	       c == '[' || c == ']';
}

static bool is_keyword(unsigned char c)
{
	return ascii_alnum((char)c) || c == '-';
}

static bool is_version(unsigned char c)
{
	return ascii_digit((char)c);
}

/* --- values -------------------------------------------------------------------------------- */

static struct str unescaped(struct arena *a, struct str s)
{
	char *to;
	size_t n = 0;

	if (str_find_byte(s, '\\') < 0)
		return s;
	to = arena_alloc(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		to[n++] = s.p[i];
	}
	return str_from(to, n);
}

/* value = token / quoted-string				RFC 2045 5.1 */
static bool value_parse(struct cur *c, struct arena *a, bool (*is)(unsigned char), struct str *out)
{
	if (cur_peek(c) == '"') {
		if (!cfws_quoted(c, out))
			return false;
		*out = unescaped(a, *out);
		return true;
	}
	*out = cur_while(c, is);
	return out->n != 0;
}

/* pvalue = [CFWS] (value / [[local-part] "@"] domain-name) [CFWS]		RFC 8601 2.2
 * A local part may be a quoted-string as well. */
static bool pvalue_parse(struct cur *c, struct arena *a, struct str *out)
{
	struct str more;

	if (!cfws_skip(c) || !value_parse(c, a, is_pvalue, out))
		return false;
	if (cur_peek(c) == '@') {
		more = cur_while(c, is_pvalue);
		*out = str_fmt(a, "%.*s%.*s", STR_ARG(*out), STR_ARG(more));
	}
	return cfws_skip(c);
}

/* --- a result ------------------------------------------------------------------------------ */

/* [CFWS] keyword [CFWS] */
static bool keyword(struct cur *c, struct str *out)
{
	if (!cfws_skip(c))
		return false;
	*out = cur_while(c, is_keyword);
	return out->n != 0 && cfws_skip(c);
}

/* method = Keyword [[CFWS] "/" [CFWS] method-version]; methodspec		RFC 8601 2.2 */
static bool method_parse(struct cur *c, struct authres_result *out)
{
	if (!keyword(c, &out->method))
		return false;
	if (cur_byte(c, '/') &&
	    (!cfws_skip(c) || cur_while(c, is_version).n == 0 || !cfws_skip(c)))
		return false;
	return cur_byte(c, '=') && keyword(c, &out->result);
}

/* propspec = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue, or reasonspec */
static bool spec_parse(struct cur *c, struct arena *a, struct authres_result *out)
{
	struct authres_property p;

	if (!keyword(c, &p.type))
		return false;
	if (cur_byte(c, '=')) {
		if (!str_eqi(p.type, STR("reason")))
			return false;
		return cfws_skip(c) && value_parse(c, a, authres_read_is_token, &out->reason) &&
		       cfws_skip(c);
	}
	if (out->count == AUTHRES_PROPERTIES_MAX || !cur_byte(c, '.') || !keyword(c, &p.name) ||
	    !cur_byte(c, '=') || !pvalue_parse(c, a, &p.value))
		return false;
	out->properties[out->count++] = p;
	return true;
}

static bool result_parse(struct cur *c, struct arena *a, struct authres_result *out)
{
	*out = (struct authres_result){
		.properties = arena_array(a, struct authres_property, AUTHRES_PROPERTIES_MAX)
	};
	if (!method_parse(c, out))
		return false;
	while (!cur_done(c) && cur_peek(c) != ';')
		if (!spec_parse(c, a, out))
			return false;
	return true;
}

/* --- the field ----------------------------------------------------------------------------- */

/* [CFWS] authserv-id [CFWS authres-version] [CFWS] */
static bool head_parse(struct cur *c, struct arena *a, struct str *serv_id)
{
	struct str version;

	if (!cfws_skip(c) || !value_parse(c, a, authres_read_is_token, serv_id) || !cfws_skip(c))
		return false;
	version = cur_while(c, is_version);
	return (version.n == 0 || str_eq(version, STR("1"))) && cfws_skip(c) &&
	       (cur_done(c) || cur_peek(c) == ';');
}

/* [CFWS] ";" [CFWS] "none" [CFWS] */
static bool is_none(struct cur c)
{
	struct str word;

	return cur_byte(&c, ';') && keyword(&c, &word) && str_eqi(word, STR("none")) &&
	       cur_done(&c);
}

bool authres_parse(struct str value, struct arena *a, struct authres_field *out)
{
	struct cur c = cur_of(header_unfold(a, value));

	*out = (struct authres_field){
		.results = arena_array(a, struct authres_result, AUTHRES_RESULTS_MAX)
	};
	if (!head_parse(&c, a, &out->serv_id))
		return false;
	if (is_none(c))
		return true;
	while (cur_byte(&c, ';')) {
		if (!cfws_skip(&c))
			return false;
		if (cur_done(&c)) /* one more at the end is common */
			break;
		if (out->count == AUTHRES_RESULTS_MAX ||
		    !result_parse(&c, a, &out->results[out->count++]))
			return false;
	}
	return cur_done(&c) && out->count != 0;
}

/* --- the author of a field ---------------------------------------------------------------- */

static bool is_last_dot(char byte)
{
	return byte == '.' || byte == ' ' || byte == '\t';
}

/* A quoted string may contain anything: one that is not a token is ambiguous without its quotes. */
static bool plain_id(struct str *id)
{
	struct cur c;

	*id = str_trim(*id);
	while (id->n != 0 && is_last_dot(id->p[id->n - 1]))
		id->n--;
	c = cur_of(*id);
	cur_while(&c, authres_read_is_token);
	return cur_done(&c);
}

bool authres_claims(struct str value, struct str host)
{
	struct arena a = { 0 };
	struct cur c = cur_of(header_unfold(&a, value));
	struct str id;
	bool ours = !head_parse(&c, &a, &id) || !plain_id(&id);

	if (!ours) { /* in other scripts too (RFC 8601 5) */
		id = mailaddr_domain_normal(&a, id);
		ours = mailaddr_domain_within(id, host) ||
		       (str_find_byte(id, '.') >= 0 && mailaddr_domain_within(host, id));
	}
	arena_deinit(&a);
	return ours;
}

/* flow/filtering/sieve_text.c: see sieve_text.h. */
#include "flow/filtering/sieve_text.h"

#include "formats/message/mailaddr.h"
#include "model/filters/scripts.h"

#include <string.h>

enum { SENDERS_MAX = 1000 };

/* --- writing ------------------------------------------------------------------------------ */

void sieve_text_init(struct sieve_text *x, bool variables)
{
	*x = (struct sieve_text){ .variables = variables };
	buf_init(&x->body, SCRIPT_TEXT_MAX);
	if (variables)
		sieve_text_need(x, "variables");
}

void sieve_text_need(struct sieve_text *x, const char *extension)
{
	for (size_t i = 0; i < x->needs_n; i++)
		if (strcmp(x->needs[i], extension) == 0)
			return;
	assert(x->needs_n < SIEVE_TEXT_NEEDS);
	x->needs[x->needs_n++] = extension;
}

void sieve_text_end(struct sieve_text *x, struct buf *out)
{
	if (x->body.n != 0) {
		for (size_t i = 0; i < x->needs_n; i++)
			buf_fmt(out, "%s\"%s\"", i == 0 ? "require [" : ", ", x->needs[i]);
		buf_put(out, x->needs_n != 0 ? STR("];\r\n") : STR_EMPTY);
		if (x->variables)
			buf_put(out, STR("set \"dollar\" \"$\";\r\n"));
		buf_put(out, buf_str(&x->body));
	}
	if (!buf_ok(&x->body))
		(void)buf_room(out, SIZE_MAX);
	buf_deinit(&x->body);
}

void sieve_text_raw(struct sieve_text *x, const char *text)
{
	buf_put(&x->body, str_of(text));
}

void sieve_text_comment(struct sieve_text *x, const char *what, struct str s)
{
	buf_fmt(&x->body, "\r\n# %s", what);
	for (size_t i = 0; i < s.n; i++)
		buf_byte(&x->body, (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i]);
	sieve_text_raw(x, "\r\n");
}

/* One byte of a string, and what keeps "${" literal. */
static void put_byte(struct sieve_text *x, struct str s, size_t i)
{
	buf_byte(&x->body, s.p[i]);
	if (x->variables && s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '{')
		sieve_text_raw(x, "{dollar}");
}

static void put_quoted(struct sieve_text *x, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_byte(&x->body, '\\');
		put_byte(x, s, i);
	}
}

void sieve_text_string(struct sieve_text *x, struct str s)
{
	buf_byte(&x->body, '"');
	put_quoted(x, s);
	buf_byte(&x->body, '"');
}

void sieve_text_lines(struct sieve_text *x, struct str s)
{
	bool begins = true;

	sieve_text_raw(x, "text:\r\n");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
			continue;
		if (s.p[i] == '\n' || s.p[i] == '\r') {
			sieve_text_raw(x, "\r\n");
			begins = true;
			continue;
		}
		if (begins && s.p[i] == '.')
			buf_byte(&x->body, '.');
		put_byte(x, s, i);
		begins = false;
	}
	sieve_text_raw(x, begins ? ".\r\n" : "\r\n.\r\n");
}

void sieve_text_pattern(struct sieve_text *x, const char *before, struct str s, const char *after)
{
	buf_fmt(&x->body, "\"%s", before);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '*' || s.p[i] == '?' || s.p[i] == '\\')
			sieve_text_raw(x, "\\\\");
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_byte(&x->body, '\\');
		put_byte(x, s, i);
	}
	buf_fmt(&x->body, "%s\"", after);
}

static bool is_domain(struct str sender)
{
	return str_find_byte(sender, '@') < 0;
}

/* The senders that are domains, or those that are not, as one list; false: there is none. */
static bool put_senders(struct sieve_text *x, const struct str *senders, size_t n, bool domains)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_domain(senders[i]) != domains)
			continue;
		if (found++ == 0)
			sieve_text_raw(x, domains ? "address :domain :matches \"from\" ["
			                          : "address :is \"from\" [");
		else
			sieve_text_raw(x, ", ");
		sieve_text_string(x, senders[i]);
		if (domains) {
			sieve_text_raw(x, ", ");
			sieve_text_pattern(x, "*.", senders[i], "");
		}
	}
	if (found != 0)
		sieve_text_raw(x, "]");
	return found != 0;
}

void sieve_text_from(struct sieve_text *x, const struct str *senders, size_t n)
{
	size_t domains = 0;

	for (size_t i = 0; i < n; i++)
		domains += is_domain(senders[i]);
	if (domains == 0 || domains == n) {
		(void)put_senders(x, senders, n, domains != 0);
		return;
	}
	sieve_text_raw(x, "anyof (");
	(void)put_senders(x, senders, n, false);
	sieve_text_raw(x, ", ");
	(void)put_senders(x, senders, n, true);
	sieve_text_raw(x, ")");
}

/* --- reading ------------------------------------------------------------------------------ */

/* Controls are not text; lines may have tabs and line ends. */
static bool is_text(struct str s, bool lines)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && !(c == '\t' || (lines && (c == '\n' || c == '\r')))) || c == 0x7f)
			return false;
	}
	return true;
}

bool sieve_text_member(struct json of, const char *at, const char *name, size_t max, bool lines,
                       struct str *out, struct why *why)
{
	struct json v = json_get(of, name);

	*out = STR_EMPTY;
	if (json_kind(v) == JSON_MISSING || json_kind(v) == JSON_NULL)
		return true;
	if (!json_str(v, out))
		return fail(why, ERR_SYNTAX, "%s%s must be a string", at, name) == OK;
	if (out->n > max)
		return fail(why, ERR_LIMIT, "%s%s has more than %zu bytes", at, name, max) == OK;
	return is_text(*out, lines) ||
	       fail(why, ERR_SYNTAX, "%s%s has control characters", at, name) == OK;
}

bool sieve_text_flag(struct json of, const char *at, const char *name, bool *out, struct why *why)
{
	struct json v = json_get(of, name);

	*out = false;
	return json_kind(v) == JSON_MISSING || json_kind(v) == JSON_NULL || json_bool(v, out) ||
	       fail(why, ERR_SYNTAX, "%s%s must be true or false", at, name) == OK;
}

/* An address or a domain in normal form. */
static bool sender_parse(struct arena *a, struct str text, struct str *out)
{
	struct mailaddr address;
	struct cur c = cur_of(text);

	text = str_trim(text);
	c = cur_of(text);
	if (cur_byte(&c, '@') || str_find_byte(text, '@') < 0)
		return mailaddr_domain_parse(&c, a, MAILADDR_UTF8, out) && cur_done(&c);
	if (!mailaddr_of(text, a, MAILADDR_UTF8, &address))
		return false;
	*out = mailaddr_text(a, &address);
	return true;
}

bool sieve_text_senders(struct arena *a, struct json list, const char *name, struct str **out,
                        size_t *n, struct why *why)
{
	struct json_iter it = json_iter(list);
	struct str text;

	*n = 0;
	*out = NULL;
	if (json_kind(list) == JSON_MISSING || json_kind(list) == JSON_NULL)
		return true;
	if (json_kind(list) != JSON_ARRAY)
		return fail(why, ERR_SYNTAX, "%s must be a list", name) == OK;
	if (json_count(list) > SENDERS_MAX)
		return fail(why, ERR_LIMIT, "%s has more than %d senders", name, SENDERS_MAX) == OK;
	*out = arena_array(a, struct str, json_count(list) + 1);
	while (json_next(&it)) {
		if (!json_str(it.value, &text))
			return fail(why, ERR_SYNTAX, "%s must be a list of strings", name) == OK;
		if (!sender_parse(a, text, &(*out)[*n]))
			return fail(why, ERR_SYNTAX,
			            "%s: \"%.*s\" is not a mail address or a domain", name,
			            STR_ARG(str_sub(text, 0, 80))) == OK;
		++*n;
	}
	return true;
}

/* formats/sieve/strings.c: encoded characters and references to variables in strings; see
 * parser.h. */
#include "formats/sieve/parser.h"

#include "formats/sieve/program.h"
#include "foundation/text/utf8.h"

static bool is_blank(unsigned char c)
{
	return ascii_space(c);
}

static int hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* unicode-hex = 1*HEXDIG; a value too large for a character stays one */
static bool hex_take(struct cur *c, size_t digits_max, uint32_t *out)
{
	size_t n = 0;

	for (*out = 0; hex_value(cur_peek(c)) >= 0; n++) {
		*out = MIN((*out << 4) | (uint32_t)hex_value(cur_peek(c)), 0x1000000u);
		cur_skip(c, 1);
	}
	return n != 0 && n <= digits_max;
}

/* *blank hex *(1*blank hex) *blank "}". *valid is false for a number that is no character. */
static bool codes_take(struct cur *c, bool unicode, struct buf *out, bool *valid)
{
	uint32_t code;

	(void)cur_while(c, is_blank);
	do {
		if (!hex_take(c, unicode ? SIZE_MAX : 2, &code))
			return false;
		if (!unicode)
			buf_byte(out, (char)code);
		else if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			*valid = false;
		else
			utf8_put(out, code);
	} while (cur_while(c, is_blank).n != 0 && cur_peek(c) != '}');
	return cur_byte(c, '}');
}

bool sieve_encoded_characters(struct arena *a, struct str *s)
{
	struct cur c = cur_of(*s);
	struct buf out;
	bool all_valid = true;
	char byte;

	if (str_find(*s, STR("${")) < 0)
		return true;
	buf_init(&out, s->n + 1);
	while (!cur_done(&c)) {
		struct cur code = c;
		size_t before = out.n;
		bool unicode = cur_stri(&code, STR("${unicode:")), valid = true;

		if ((unicode || cur_stri(&code, STR("${hex:"))) &&
		    codes_take(&code, unicode, &out, &valid)) {
			c = code;
			all_valid = all_valid && valid;
			continue;
		}
		buf_cut(&out, before);
		if (cur_any(&c, &byte))
			buf_byte(&out, byte);
	}
	*s = str_dup(a, buf_str(&out));
	buf_deinit(&out);
	return all_valid;
}

/* --- variables (RFC 5229 3) ------------------------------------------------------------ */

static bool is_name(unsigned char c)
{
	return ascii_alnum((char)c) || c == '_' || c == '.';
}

static bool is_identifier(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_name((unsigned char)s.p[i]) || s.p[i] == '.')
			return false;
	return s.n != 0 && !ascii_digit(s.p[0]);
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n != 0;
}

/* variable-name with its namespace: identifiers joined by dots */
static bool is_namespaced(struct str s)
{
	ptrdiff_t dot;

	while ((dot = str_find_byte(s, '.')) >= 0) {
		if (!is_identifier(str_sub(s, 0, (size_t)dot)))
			return false;
		s = str_sub(s, (size_t)dot + 1, s.n);
	}
	return is_identifier(s) || is_number(s);
}

bool sieve_variable_find(struct sieve_parser *p, struct str name, const struct sieve_value *at,
                         uint32_t *out)
{
	bool global = str_startsi(name, STR("global.")) && sieve_enabled(p, EXT_INCLUDE);

	*out = 0;
	if (sieve_enabled(p, EXT_TESTSUITE) && str_eqi(name, STR("tst.path")))
		global = true; /* set by suite.c */
	else if (!is_identifier(global ? str_sub(name, 7, name.n) : name)) {
		sieve_report_value(p, at, "\"%.*s\" is not the name of a variable", STR_ARG(name));
		return false;
	}
	for (; *out < p->variables_n; ++*out)
		if (str_eqi(p->variables[*out], name))
			return true;
	if (p->variables_n == SIEVE_VARIABLES) {
		sieve_report_value(p, at, "The script has more than %d variables", SIEVE_VARIABLES);
		return false;
	}
	p->variables[p->variables_n++] = str_lower(&p->names, name);
	return true;
}

/* variable-ref = "${" [namespace] variable-name "}". False: these bytes are text. */
static bool reference_take(struct sieve_parser *p, struct cur *c, const struct sieve_value *at,
                           uint32_t *out)
{
	struct cur ref = *c, number;
	struct str name;

	if (!cur_str(&ref, STR("${")))
		return false;
	name = cur_while(&ref, is_name);
	if (!cur_byte(&ref, '}') || !is_namespaced(name))
		return false;
	*c = ref;
	if (!is_number(name)) {
		if (sieve_variable_find(p, name, at, out))
			*out += VARIABLE_FIRST;
		return true;
	}
	number = cur_of(name);
	if (!cur_u32(&number, out) || *out >= MATCH_VALUES) {
		*out = 0;
		sieve_report_value(p, at, "The largest match variable is ${%d}", MATCH_VALUES - 1);
	}
	return true;
}

static void literal_put(struct buf *out, const char *from, const char *to)
{
	if (to != from) {
		pack_u64(out, (uint64_t)(to - from) * 2);
		buf_bytes(out, from, (size_t)(to - from));
	}
}

void sieve_string_put(struct sieve_parser *p, struct buf *out, struct str s,
                      const struct sieve_value *at)
{
	struct cur c = cur_of(s);
	const char *from = c.p;
	uint32_t variable;

	if (!sieve_enabled(p, EXT_VARIABLES) || str_find(s, STR("${")) < 0) {
		buf_byte(out, TEXT_CONSTANT);
		return buf_put(out, s);
	}
	buf_byte(out, TEXT_VARIABLES);
	while (!cur_done(&c)) {
		const char *here = c.p;

		if (reference_take(p, &c, at, &variable)) {
			literal_put(out, from, here);
			pack_u64(out, (uint64_t)variable * 2 + 1);
			from = c.p;
		} else {
			cur_skip(&c, 1);
		}
	}
	literal_put(out, from, c.p);
}

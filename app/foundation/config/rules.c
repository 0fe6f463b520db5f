/* foundation/config/rules.c: see rules.h. */
#include "foundation/config/rules.h"

#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/text/idna.h"
#include "foundation/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { REVEALED_MAX = 70000 };
enum { LABEL_MAX = 63 + 1 }; /* with its separator */

/* A pass over a text. The first one counts; the second fills in. */
struct pass {
	struct cur c;
	unsigned line;
	struct arena *a;
	struct rule_word *words; /* NULL while counting */
	struct rule *rules;
	size_t word_count, rule_count;
	size_t in_rule; /* words of the present rule */
};

static bool rules_is_word(unsigned char c)
{
	return c > ' ' && c != 0x7f && c != ';' && c != '"';
}

static bool is_key(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The text in quotes; the first quote has been taken. */
static bool quoted(struct pass *p, struct str *out, struct str *raw)
{
	const char *from = p->c.p;
	size_t escapes = 0, n = 0;
	char *to;

	for (int b = cur_peek(&p->c); b != '"'; b = cur_peek(&p->c)) {
		if (b == '\\') {
			escapes++;
			cur_skip(&p->c, 1);
			b = cur_peek(&p->c);
			if (b != '"' && b != '\\')
				return false;
		}
		if (b < ' ' || b == 0x7f)
			return false;
		cur_skip(&p->c, 1);
	}
	*raw = *out = str_from(from, (size_t)(p->c.p - from));
	cur_skip(&p->c, 1);
	if (escapes == 0 || p->words == NULL)
		return true;
	to = arena_alloc(p->a, out->n);
	for (size_t i = 0; i < out->n; i++) {
		i += out->p[i] == '\\';
		to[n++] = out->p[i];
	}
	*out = str_from(to, n);
	return true;
}

static bool word_read(struct pass *p, struct rule_word *w)
{
	struct cur before = p->c;

	w->key = cur_while(&p->c, is_key);
	if (w->key.n == 0 || !cur_byte(&p->c, '=')) {
		p->c = before;
		w->key = STR_EMPTY;
	}
	if (!cur_byte(&p->c, '"')) {
		w->raw = w->value = cur_while(&p->c, rules_is_word);
		return cur_peek(&p->c) != '"';
	}
	/* No other byte may follow the closing quote. */
	return quoted(p, &w->value, &w->raw) &&
	       (cur_done(&p->c) || !rules_is_word((unsigned char)*p->c.p)) &&
	       cur_peek(&p->c) != '"';
}

static enum err word_take(struct pass *p, struct why *why)
{
	struct rule_word w;

	if (!word_read(p, &w))
		return fail(why, ERR_SYNTAX,
		            "line %u, word %zu: quotes go around a whole value, and \\ stands only "
		            "before a quote or another \\",
		            p->line, p->in_rule + 1);
	if (p->in_rule == 0 && p->rule_count++ == LIMIT_rules)
		return fail(why, ERR_LIMIT, "there are more than %d rules", LIMIT_rules);
	if (p->in_rule == LIMIT_rule_words)
		return fail(why, ERR_LIMIT, "line %u: a rule has at most %d words", p->line,
		            LIMIT_rule_words);
	p->in_rule++;
	if (p->words != NULL) {
		struct rule *r = &p->rules[p->rule_count - 1];

		if (p->in_rule == 1)
			*r = (struct rule){ .line = p->line, .words = p->words + p->word_count };
		r->words[r->count++] = w;
	}
	p->word_count++;
	return OK;
}

static void comment_skip(struct pass *p)
{
	struct str rest;

	if (!cur_until(&p->c, '\n', &rest))
		cur_skip(&p->c, cur_left(&p->c));
}

static enum err pass_run(struct pass *p, struct why *why)
{
	enum err e = OK;

	while (e == OK && !cur_done(&p->c)) {
		if (cur_blank(&p->c) || cur_byte(&p->c, '\r')) {
			continue;
		} else if (cur_byte(&p->c, '\n')) {
			p->line++;
			p->in_rule = 0;
		} else if (cur_byte(&p->c, ';')) {
			p->in_rule = 0;
		} else if (cur_peek(&p->c) == '#') {
			comment_skip(p);
		} else if (cur_peek(&p->c) < ' ' || cur_peek(&p->c) == 0x7f) {
			e = fail(why, ERR_SYNTAX, "line %u has control characters", p->line);
		} else {
			e = word_take(p, why);
		}
	}
	return e;
}

enum err rules_parse(struct str text, struct arena *a, struct rules *out, struct why *why)
{
	struct pass count = { .c = cur_of(text), .line = 1, .a = a }, fill = count;
	enum err e = pass_run(&count, why);

	if (e)
		return e;
	fill.words = arena_array(a, struct rule_word, count.word_count);
	fill.rules = arena_array(a, struct rule, count.rule_count);
	e = pass_run(&fill, why);
	*out = (struct rules){ fill.rules, fill.rule_count };
	return e;
}

/* --- one rule --------------------------------------------------------------------- */

bool rule_get(const struct rule *r, struct str key, struct str *out)
{
	for (size_t i = 0; i < r->count; i++) {
		if (!str_eq(r->words[i].key, key))
			continue;
		*out = r->words[i].value;
		return true;
	}
	return false;
}

enum err rule_fail(const struct rule *r, struct why *why, const char *fmt, ...)
{
	struct why text = { "" };
	va_list args;

	va_start(args, fmt);
	vsnprintf(text.text, sizeof text.text, fmt, args);
	va_end(args);
	return fail(why, ERR_SYNTAX, "line %u: %s", r->line, text.text);
}

/* "to=, from=, name" */
static void keys_put(const struct rule_key *keys, size_t count, char *out, size_t room)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count && n < room; i++) {
		const char *key = keys[i].key[0] != '\0' ? keys[i].key : "a bare word";
		int put = snprintf(out + n, room - n, "%s%s%s", i != 0 ? ", " : "", key,
		                   keys[i].key[0] != '\0' ? "=" : "");

		n += (size_t)put;
	}
}

static const struct rule_key *key_find(const struct rule_key *keys, size_t count, struct str key)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(key, str_of(keys[i].key)))
			return &keys[i];
	return NULL;
}

enum err rule_check(const struct rule *r, const struct rule_key *keys, size_t key_count,
                    struct why *why)
{
	char known[400];

	for (size_t i = 0; i < r->count; i++) {
		const struct rule_key *key = key_find(keys, key_count, r->words[i].key);

		if (key == NULL) {
			keys_put(keys, key_count, known, sizeof known);
			return rule_fail(r, why, "word %zu is not known here; there are %s", i + 1,
			                 known);
		}
		for (size_t j = 0; j < i && !key->many; j++)
			if (str_eq(r->words[j].key, r->words[i].key))
				return rule_fail(r, why, "word %zu says %s%s again", i + 1,
				                 key->key, key->key[0] != '\0' ? "=" : "it");
	}
	return OK;
}

/* The part up to the next such byte, or the end. */
static struct str part_next(struct cur *c, char byte)
{
	struct str part;

	if (!cur_until(c, byte, &part))
		cur_take(c, cur_left(c), &part);
	return part;
}

/* A pattern within a label in another script is invalid, so "*" cannot occur in one. */
static bool label_put(struct arena *a, struct str label, struct buf *out)
{
	if (!utf8_ascii(label) &&
	    (str_find_byte(label, '*') >= 0 || !idna_ascii(a, str_trim(label), &label)))
		return false;
	buf_put(out, label);
	return true;
}

static bool pattern_put(struct arena *a, struct str pattern, struct buf *out)
{
	size_t domain = (size_t)(str_rfind_byte(pattern, '@') + 1);
	struct cur c = cur_of(str_sub(pattern, domain, pattern.n));
	bool ok;

	buf_put(out, str_sub(pattern, 0, domain));
	do {
		ok = label_put(a, part_next(&c, '.'), out);
		if (!cur_done(&c))
			buf_byte(out, '.');
	} while (ok && cur_byte(&c, '.'));
	return ok;
}

bool rule_domains(struct arena *a, struct str patterns, struct str *out)
{
	struct cur c = cur_of(patterns);
	struct buf b;
	bool ok;

	*out = patterns;
	if (utf8_ascii(patterns))
		return true;
	buf_init(&b, (patterns.n + 1) * LABEL_MAX);
	do {
		ok = pattern_put(a, part_next(&c, ','), &b);
		if (!cur_done(&c))
			buf_byte(&b, ',');
	} while (ok && cur_byte(&c, ','));
	ok = ok && buf_ok(&b);
	if (ok)
		*out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return ok;
}

/* --- secrets ---------------------------------------------------------------------- */

/* The password of a URL, "user:password@host", or else its path, which may be a shared secret.
 * Empty: the word is not a URL, or has neither. */
static struct str url_secret(struct str url)
{
	ptrdiff_t scheme = str_find(url, STR("://"));
	struct str rest = str_sub(url, (size_t)scheme + 3, url.n), host;
	ptrdiff_t slash, at, colon;

	if (scheme < 0)
		return STR_EMPTY;
	slash = str_find_byte(rest, '/');
	host = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
	at = str_rfind_byte(host, '@');
	colon = str_find_byte(host, ':');
	if (at > 0 && colon >= 0 && colon < at)
		return str_sub(host, (size_t)colon + 1, (size_t)at);
	return slash < 0 ? STR_EMPTY : str_sub(rest, (size_t)slash + 1, rest.n);
}

static struct str word_secret(const struct rule_word *w)
{
	if (str_eq(w->key, STR("secret")) || str_eq(w->key, STR("password")))
		return w->raw;
	return url_secret(w->raw);
}

/* The secrets of a text in order, borrowed from it; none when it is not a list of rules. */
static size_t secrets_find(struct str text, struct arena *a, struct str **out)
{
	struct rules rules;
	size_t words = 0, n = 0;

	if (rules_parse(text, a, &rules, NULL) != OK)
		return 0;
	for (size_t i = 0; i < rules.count; i++)
		words += rules.items[i].count;
	*out = arena_array(a, struct str, words);
	for (size_t i = 0; i < words; i++) { /* words are in one array */
		struct str secret = word_secret(&rules.items[0].words[i]);

		if (secret.n != 0)
			(*out)[n++] = secret;
	}
	return n;
}

void rules_hide(struct str text, struct buf *out)
{
	const char *from = text.p;
	struct str *secrets = NULL;
	struct arena a;
	size_t n;

	arena_init(&a, true);
	n = secrets_find(text, &a, &secrets);
	for (size_t i = 0; i < n; i++) {
		buf_put(out, str_from(from, (size_t)(secrets[i].p - from)));
		buf_fmt(out, "(secret-%zu)", i + 1);
		from = secrets[i].p + secrets[i].n;
	}
	buf_put(out, str_from(from, text.n - (size_t)(from - text.p)));
	arena_deinit(&a);
}

/* Is it "(secret-3)"? */
static bool mark_read(struct str text, uint32_t *number)
{
	struct cur c = cur_of(text);

	return cur_str(&c, STR("(secret-")) && cur_u32(&c, number) && cur_byte(&c, ')') &&
	       cur_done(&c);
}

enum err rules_reveal(struct str text, struct str stored, struct arena *a, struct str *out,
                      struct why *why)
{
	struct str *marks = NULL, *secrets = NULL;
	size_t n = secrets_find(text, a, &marks), known = secrets_find(stored, a, &secrets);
	const char *from = text.p;
	enum err e = OK;
	struct buf b;

	buf_init(&b, REVEALED_MAX);
	for (size_t i = 0; i < n && e == OK; i++) {
		uint32_t number;

		if (!mark_read(marks[i], &number))
			continue;
		if (number == 0 || number > known) {
			e = fail(why, ERR_SYNTAX,
			         "%.*s stands for no stored secret: enter the secret itself",
			         STR_ARG(marks[i]));
			continue;
		}
		buf_put(&b, str_from(from, (size_t)(marks[i].p - from)));
		buf_put(&b, secrets[number - 1]);
		from = marks[i].p + marks[i].n;
	}
	buf_put(&b, str_from(from, text.n - (size_t)(from - text.p)));
	if (e == OK && !buf_ok(&b))
		e = fail(why, ERR_LIMIT, "the value is longer than %d bytes", REVEALED_MAX);
	if (e == OK)
		*out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return e;
}

bool rule_fits(struct str pattern, struct str name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, from = 0; /* the last "*" may match more from here */

	while (n < name.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = n;
		} else if (p < pattern.n && ascii_lower(pattern.p[p]) == ascii_lower(name.p[n])) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

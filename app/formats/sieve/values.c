/* formats/sieve/values.c: see run.h. */
#include "formats/sieve/run.h"

#include "foundation/text/utf8.h"

#include <string.h>

uint64_t sieve_number(const struct sieve_op *op, enum sieve_arg arg, uint64_t otherwise)
{
	struct unpack u;

	if (!sieve_has(op, arg))
		return otherwise;
	u = unpack_of(op->at[arg]);
	return unpack_u64(&u);
}

/* --- texts with variables --------------------------------------------------------------- */

static struct str reference_get(struct sieve_run *r, uint64_t i)
{
	struct sieve_text *t;

	if (i < MATCH_VALUES) {
		struct span s = i < r->match_n ? r->match_spans[i] : (struct span){ 0, 0 };

		return str_sub(sieve_text_get(&r->match), s.off, s.off + s.len);
	}
	t = sieve_variable(r, (uint32_t)i - VARIABLE_FIRST);
	return t != NULL ? sieve_text_get(t) : STR_EMPTY;
}

/* One piece of a text with variables. */
static struct str text_piece(struct sieve_run *r, struct unpack *u)
{
	uint64_t n = unpack_u64(u);
	struct str bytes = STR_EMPTY;

	if ((n & 1) != 0)
		return reference_get(r, n >> 1);
	if (!cur_take(&u->c, n >> 1, &bytes))
		u->bad = true;
	return bytes;
}

static struct str expand(struct sieve_run *r, struct unpack pieces)
{
	struct unpack u = pieces;
	size_t n = 0, max = r->limits->string_bytes;
	char *p;

	while (unpack_more(&u))
		n += text_piece(r, &u).n;
	n = MIN(n, max);
	if ((p = arena_try(&r->scratch, n)) == NULL) {
		(void)sieve_fail(r, "The script needs too much memory");
		return STR_EMPTY;
	}
	u = pieces;
	for (size_t at = 0; unpack_more(&u) && at < n;) {
		struct str s = text_piece(r, &u);

		s = str_sub(s, 0, n - at);
		if (s.n != 0)
			memcpy(p + at, s.p, s.n);
		at += s.n;
	}
	(void)sieve_work(r, n);
	return n == max ? utf8_cut(str_from(p, n), n - 1) : str_from(p, n);
}

struct str sieve_text_str(struct sieve_run *r, struct str text)
{
	struct unpack u = unpack_of(text);
	char kind = TEXT_CONSTANT;

	(void)cur_any(&u.c, &kind);
	return kind == TEXT_CONSTANT ? cur_rest(&u.c) : expand(r, u);
}

struct str sieve_str(struct sieve_run *r, const struct sieve_op *op, enum sieve_arg arg)
{
	return sieve_has(op, arg) ? sieve_text_str(r, op->at[arg]) : STR_EMPTY;
}

struct sieve_list sieve_list(const struct sieve_op *op, enum sieve_arg arg)
{
	return (struct sieve_list){ unpack_of(sieve_has(op, arg) ? op->at[arg] : STR_EMPTY) };
}

bool sieve_list_next(struct sieve_run *r, struct sieve_list *l, struct str *out)
{
	if (!unpack_more(&l->u))
		return false;
	*out = sieve_text_str(r, unpack_str(&l->u));
	return true;
}

/* --- variables -------------------------------------------------------------------------- */

struct str sieve_text_get(const struct sieve_text *t)
{
	return str_from(t->p, t->n);
}

void sieve_text_set(struct sieve_run *r, struct sieve_text *t, struct str value, size_t max)
{
	value = value.n > max ? utf8_cut(value, max) : value;
	if (value.n > t->cap) {
		size_t cap = MAX(value.n, 2 * t->cap);
		char *p = sieve_alloc(r, cap);

		if (p == NULL)
			return;
		t->p = p;
		t->cap = cap;
	}
	t->n = value.n;
	if (value.n != 0)
		memmove(t->p, value.p, value.n);
}

struct sieve_text *sieve_variable(struct sieve_run *r, uint32_t i)
{
	struct sieve_script *s = sieve_script_top(r);

	if (i >= s->program.variables)
		return NULL;
	if (s->variables[i] == NULL)
		s->variables[i] = sieve_alloc(r, sizeof *s->variables[i]);
	return s->variables[i];
}

bool sieve_variable_named(struct sieve_run *r, struct str name, uint32_t *out)
{
	const struct sieve_program *p = &sieve_script_top(r)->program;
	struct unpack u = unpack_of(p->names);

	for (*out = 0; *out < p->variables; ++*out)
		if (str_eqi(unpack_str(&u), name))
			return true;
	return false;
}

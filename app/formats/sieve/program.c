/* formats/sieve/program.c: see program.h. */
#include "formats/sieve/program.h"

#include "foundation/base/mem.h"

#include <string.h>

bool sieve_program_open(struct str bytes, struct sieve_program *out)
{
	struct unpack u = unpack_of(bytes);
	uint64_t version = unpack_u64(&u);

	out->extensions = unpack_u64(&u);
	out->variables = unpack_u32(&u);
	if (u.bad || version != PROGRAM_VERSION || out->variables > SIEVE_VARIABLES)
		return false;
	out->names = cur_rest(&u.c);
	for (uint32_t i = 0; i < out->variables; i++)
		(void)unpack_str(&u);
	out->code = cur_rest(&u.c);
	return !u.bad;
}

bool sieve_program_current(struct str program)
{
	struct sieve_program p;

	return sieve_program_open(program, &p);
}

static bool op_is_jump(enum sieve_code code)
{
	return (code >= OP_JUMP && code <= OP_JUMP_TRUE) || code == OP_LOOP || code == OP_NEXT;
}

/* argument = number size value */
static bool argument_take(struct unpack *u, struct sieve_op *op)
{
	uint64_t arg = unpack_u64(u);
	struct str value = unpack_str(u);

	if (u->bad || arg >= ARG_COUNT)
		return false;
	op->present |= sieve_bit((unsigned)arg);
	op->at[arg] = value;
	return true;
}

/* Take an operation without looking into its arguments. */
static bool op_take(struct cur *c, struct sieve_op *op, struct str *arguments)
{
	struct unpack u = { .c = *c };
	char code = 0;

	*arguments = STR_EMPTY;
	if (!cur_any(&u.c, &code) || (unsigned char)code >= OP_COUNT)
		return false;
	op->code = (enum sieve_code)(unsigned char)code;
	op->present = 0;
	if (op_is_jump(op->code)) {
		op->target = unpack_be32(&u);
	} else if (op->code >= OP_WORDS) {
		op->line = unpack_u32(&u);
		*arguments = unpack_str(&u);
	}
	*c = u.c;
	return !u.bad;
}

bool sieve_op_next(struct cur *c, struct sieve_op *op)
{
	struct unpack u;
	struct str arguments;

	if (!op_take(c, op, &arguments))
		return false;
	u = unpack_of(arguments);
	while (!cur_done(&u.c))
		if (!argument_take(&u, op))
			return false;
	return true;
}

void sieve_jump_put(struct buf *code, enum sieve_code jump, uint32_t *chain)
{
	uint32_t at = (uint32_t)code->n;

	buf_byte(code, (char)jump);
	pack_be32(code, *chain);
	*chain = at;
}

void sieve_jumps_end(struct buf *code, uint32_t *chain)
{
	while (*chain != JUMP_NONE && buf_ok(code)) {
		char *at = code->p + *chain + 1;
		uint32_t before, here = htobe32((uint32_t)code->n);

		memcpy(&before, at, sizeof before);
		memcpy(at, &here, sizeof here);
		*chain = be32toh(before);
	}
	*chain = JUMP_NONE;
}

void sieve_jump_back(struct buf *code, enum sieve_code jump, size_t target)
{
	buf_byte(code, (char)jump);
	pack_be32(code, (uint32_t)target);
}

/* --- the check of a stored program ----------------------------------------------------- */

static bool text_check(const struct sieve_program *p, struct str text)
{
	struct unpack u = unpack_of(text);
	char kind = 0;

	if (!cur_any(&u.c, &kind) || kind == TEXT_CONSTANT)
		return kind == TEXT_CONSTANT && text.n != 0;
	while (unpack_more(&u)) {
		uint64_t n = unpack_u64(&u);
		struct str bytes;

		if ((n & 1) != 0 ? n >> 1 >= VARIABLE_FIRST + p->variables
		                 : n >> 1 > cur_left(&u.c) || !cur_take(&u.c, n >> 1, &bytes))
			return false;
	}
	return kind == TEXT_VARIABLES && !u.bad;
}

static bool value_check(const struct sieve_program *p, char type, struct str value)
{
	struct unpack u = unpack_of(value);

	if (type == VALUE_STRING)
		return text_check(p, value);
	if (type == VALUE_NUMBER)
		(void)unpack_u64(&u);
	while (type == VALUE_LIST && unpack_more(&u))
		if (!text_check(p, unpack_str(&u)))
			return false;
	return unpack_ok(&u) && !unpack_more(&u);
}

/* Each is of its type, and no positional one is missing. */
static bool arguments_check(const struct sieve_program *p, const struct sieve_op *op,
                            struct sieve_types t)
{
	for (uint64_t rest = op->present; rest != 0; rest &= rest - 1) {
		unsigned arg = (unsigned)__builtin_ctzll(rest);
		size_t i = arg - ARG_1; /* of positional arguments */

		if (arg < ARG_1 ? !value_check(p, sieve_arg_type((enum sieve_arg)arg), op->at[arg])
		                : i >= t.n || !value_check(p, t.types[i], op->at[arg]))
			return false;
	}
	for (size_t i = 0; i < t.n; i++)
		if (!sieve_has(op, (enum sieve_arg)(ARG_1 + i)) && !(i == 0 && t.first_optional) &&
		    !(i + 1 == t.n && t.last_optional))
			return false;
	return true;
}

static bool op_check(const struct sieve_program *p, const struct sieve_op *op)
{
	const struct sieve_word *w;

	if (op->code < OP_WORDS)
		return true;
	w = sieve_word_of(op->code);
	if (w->run == NULL || (op->present & w->must) != w->must ||
	    (w->ext != EXT_BASE && w->ext >= EXT_COUNT))
		return false;
	return arguments_check(p, op, sieve_types_of(w));
}

/* starts has a bit for each byte of code at which an operation begins. */
static bool ops_check(const struct sieve_program *p, uint8_t *starts)
{
	struct cur c = cur_of(p->code);
	struct sieve_op op = { .code = OP_STOP };

	while (!cur_done(&c)) {
		size_t at = (size_t)(c.p - p->code.p);

		starts[at / 8] |= (uint8_t)BIT(at % 8);
		if (!sieve_op_next(&c, &op) || !op_check(p, &op))
			return false;
	}
	return op.code == OP_STOP;
}

/* Jumps lead forward, but that of a loop. */
static bool jumps_check(const struct sieve_program *p, const uint8_t *starts)
{
	struct cur c = cur_of(p->code);
	struct str arguments;
	struct sieve_op op;

	while (!cur_done(&c)) {
		size_t at = (size_t)(c.p - p->code.p);

		if (!op_take(&c, &op, &arguments))
			return false;
		if (op_is_jump(op.code) &&
		    (op.target >= p->code.n || (op.target > at) != (op.code != OP_NEXT) ||
		     (starts[op.target / 8] & BIT(op.target % 8)) == 0))
			return false;
	}
	return true;
}

bool sieve_program_check(struct str bytes)
{
	struct sieve_program p;
	uint8_t *starts;
	bool ok;

	if (bytes.n > SIEVE_PROGRAM_MAX || !sieve_program_open(bytes, &p) || p.code.n == 0)
		return false;
	starts = mem_new(p.code.n / 8 + 1);
	ok = ops_check(&p, starts) && jumps_check(&p, starts);
	mem_free(starts);
	return ok;
}

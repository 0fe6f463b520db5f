/* formats/sieve/run.c: the interpreter; see run.h. */
#include "formats/sieve/run.h"

#include "foundation/base/mem.h"
#include "foundation/text/regex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORK_BYTES = 64, CLOCK_STEPS = 256, ERROR_BYTES = 200 };

bool sieve_fail(struct sieve_run *r, const char *fmt, ...)
{
	char text[ERROR_BYTES];
	va_list args;

	if (r->result->error.n != 0)
		return false;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	r->result->error = str_dup(r->arena, str_of(text)); /* also when the arena is full */
	r->result->error_line = r->op.line;
	r->stopped = true;
	return false;
}

static bool run_step(struct sieve_run *r, uint64_t n)
{
	bool clock = (r->steps + n) / CLOCK_STEPS != r->steps / CLOCK_STEPS;

	r->steps += n;
	if (r->steps > r->limits->steps)
		return sieve_fail(r, "The script takes more than %u steps", r->limits->steps);
	if (clock && r->host->clock_ms != NULL && r->host->clock_ms(r->host->arg) > r->deadline_ms)
		return sieve_fail(r, "The script takes more than %u ms", r->limits->time_ms);
	return true;
}

bool sieve_work(struct sieve_run *r, size_t bytes)
{
	uint64_t n;

	r->work += bytes;
	n = r->work / WORK_BYTES;
	r->work %= WORK_BYTES;
	return n == 0 ? !r->stopped : run_step(r, n);
}

void *sieve_alloc(struct sieve_run *r, size_t n)
{
	void *p = arena_try(r->arena, n);

	if (p == NULL)
		(void)sieve_fail(r, "The script needs too much memory");
	return p;
}

struct str sieve_keep_str(struct sieve_run *r, struct str s)
{
	char *p = sieve_alloc(r, s.n);

	if (p == NULL || s.n == 0)
		return STR_EMPTY;
	memcpy(p, s.p, s.n);
	return str_from(p, s.n);
}

void sieve_explain(struct sieve_run *r, const char *fmt, ...)
{
	va_list args;

	if (r->host->trace == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(r->why, sizeof r->why, fmt, args);
	va_end(args);
}

/* --- scripts ------------------------------------------------------------------------------ */

/* "global.name" is the global variable without a declaration (RFC 6609 3.4.2). */
static void globals_bind(struct sieve_run *r, struct sieve_script *s)
{
	struct unpack u = unpack_of(s->program.names);

	for (uint32_t i = 0; i < s->program.variables; i++) {
		struct str name = unpack_str(&u);

		if (str_starts(name, STR("global.")))
			s->variables[i] = sieve_global(r, str_sub(name, 7, name.n));
	}
}

bool sieve_script_begin(struct sieve_run *r, struct str bytes)
{
	struct sieve_script *s = &r->scripts[r->depth];

	if (!sieve_program_check(bytes) || !sieve_program_open(bytes, &s->program))
		return sieve_fail(r, "The compiled script is damaged, or of another version");
	s->c = cur_of(s->program.code);
	s->loops = r->loops_n;
	s->variables = sieve_alloc(r, s->program.variables * sizeof *s->variables);
	if (s->variables == NULL)
		return false;
	r->depth++;
	globals_bind(r, s);
	return true;
}

/* The script ends; so do loops that it left open. */
void sieve_script_end(struct sieve_run *r)
{
	r->loops_n = sieve_script_top(r)->loops;
	if (--r->depth == 0)
		r->stopped = true;
}

/* --- operations --------------------------------------------------------------------------- */

static void run_jump(struct sieve_run *r)
{
	struct sieve_script *s = sieve_script_top(r);

	s->c = cur_of(str_sub(s->program.code, r->op.target, s->program.code.n));
}

static void word_run(struct sieve_run *r)
{
	const struct sieve_word *w = sieve_word_of(r->op.code);
	uint32_t line = r->op.line;

	r->why[0] = '\0';
	r->truth = w->run(r, &r->op);
	if (r->scratch.used_bytes != 0) {
		r->memory_most = MAX(r->memory_most, r->scratch.used_bytes);
		arena_reset(&r->scratch);
	}
	if (r->host->trace != NULL && r->result->error.n == 0)
		r->host->trace(r->host->arg, line, str_of(w->name), w->kind == WORD_TEST, r->truth,
		               str_of(r->why));
}

static void op_run(struct sieve_run *r)
{
	switch (r->op.code) {
	case OP_STOP:
		return sieve_script_end(r);
	case OP_JUMP:
		return run_jump(r);
	case OP_JUMP_FALSE:
		return r->truth ? (void)0 : run_jump(r);
	case OP_JUMP_TRUE:
		return r->truth ? run_jump(r) : (void)0;
	case OP_LOOP:
		return sieve_loop_begin(r) ? (void)0 : run_jump(r);
	case OP_NEXT:
		return sieve_loop_next(r) ? run_jump(r) : (void)0;
	case OP_LEAVE:
		return sieve_loop_leave(r);
	case OP_NOT:
		r->truth = !r->truth;
		return;
	default:
		return word_run(r);
	}
}

static void program_run(struct sieve_run *r, struct str program)
{
	if (!sieve_script_begin(r, program))
		return;
	while (!r->stopped) {
		if (!run_step(r, 1))
			return;
		if (!sieve_op_next(&sieve_script_top(r)->c, &r->op)) {
			(void)sieve_fail(r, "The compiled script is damaged");
			return;
		}
		op_run(r);
		if (r->stopped && r->host->suite != NULL)
			sieve_suite_recover(r);
	}
}

void sieve_run(struct arena *a, struct str program, const struct sieve_message *m,
               const struct sieve_host *host, const struct sieve_limits *limits,
               struct sieve_result *out)
{
	struct sieve_run *r = NEW(struct sieve_run);

	*out = (struct sieve_result){ .implicit_keep = true };
	r->m = m;
	r->host = host;
	r->limits = limits;
	r->result = out;
	r->arena = a;
	r->keeps = true;
	r->actions_end = &out->actions;
	r->edits_end = &out->edits;
	r->changes_end = &out->changes;
	r->parts = m->parts;
	r->deadline_ms = (host->clock_ms != NULL ? host->clock_ms(host->arg) : 0) + limits->time_ms;
	arena_cap(a, (size_t)limits->memory_bytes / 7 * 3);
	arena_cap(&r->scratch, (size_t)limits->memory_bytes / 7 * 2);
	arena_cap(&r->parsed, (size_t)limits->memory_bytes / 7 * 2);
	sieve_fields_index(r);
	sieve_text_set(r, &r->flags, m->flags, SIEVE_VARIABLE_MAX);
	program_run(r, program);
	out->implicit_has_flags = r->has_flags && out->error.n == 0;
	out->implicit_flags = sieve_text_get(&r->flags);
	out->implicit_keep = r->keeps || out->error.n != 0;
	out->steps = (uint32_t)MIN(r->steps, (uint64_t)UINT32_MAX);
	out->memory_bytes = a->used_bytes + r->memory_most + r->parsed.used_bytes + sizeof *r;
	if (r->regex != NULL)
		out->memory_bytes += regex_bytes(r->regex);
	regex_free(&r->regex);
	arena_deinit(&r->scratch);
	arena_deinit(&r->parsed);
	mem_free(r);
}

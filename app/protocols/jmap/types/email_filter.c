/* protocols/jmap/types/email_filter.c: filters of Email/query (RFC 8621 4.4.1), compiled for
 * model/query/program.h. */
#include "foundation/config/limits.h"
#include "foundation/text/fold.h"
#include "protocols/jmap/types/email_query.h"
#include "protocols/jmap/types/keyword.h"

const struct jmap_argument email_conditions[EMAIL_CONDITIONS] = {
	{ "inMailbox", FORM_ID, 0, 0 },
	{ "inMailboxOtherThan", FORM_ID, LIST, 0 },
	{ "before", FORM_UTC_DATE, 0, 0 },
	{ "after", FORM_UTC_DATE, 0, 0 },
	{ "minSize", FORM_UNSIGNED, 0, 0 },
	{ "maxSize", FORM_UNSIGNED, 0, 0 },
	{ "allInThreadHaveKeyword", FORM_STRING, 0, 0 },
	{ "someInThreadHaveKeyword", FORM_STRING, 0, 0 },
	{ "noneInThreadHaveKeyword", FORM_STRING, 0, 0 },
	{ "hasKeyword", FORM_STRING, 0, 0 },
	{ "notKeyword", FORM_STRING, 0, 0 },
	{ "hasAttachment", FORM_BOOL, 0, 0 },
	{ "text", FORM_STRING, 0, 0 },
	{ "from", FORM_STRING, 0, 0 },
	{ "to", FORM_STRING, 0, 0 },
	{ "cc", FORM_STRING, 0, 0 },
	{ "bcc", FORM_STRING, 0, 0 },
	{ "subject", FORM_STRING, 0, 0 },
	{ "body", FORM_STRING, 0, 0 },
	{ "header", FORM_STRING, LIST, 2 },
};

struct compiling {
	struct jmap_query *q;
	struct arena *a;
	struct keywords keywords;
	struct query_step *steps;
	struct email_condition *conditions;
	size_t n, cap;
	bool threads, too_long;
};

/* --- Steps -------------------------------------------------------------------------------- */

/* The step is valid until the next one. */
static struct query_step *emit(struct compiling *x, enum query_op op)
{
	if (x->n == x->cap) {
		size_t cap = MAX(16, 2 * x->cap);
		struct query_step *steps = arena_array(x->a, struct query_step, cap);
		struct email_condition *conditions = arena_array(x->a, struct email_condition, cap);

		for (size_t i = 0; i < x->n; i++) {
			steps[i] = x->steps[i];
			conditions[i] = x->conditions[i];
		}
		x->steps = steps;
		x->conditions = conditions;
		x->cap = cap;
	}
	x->too_long |= x->n == LIMIT_query_steps;
	x->n -= x->too_long;
	x->steps[x->n] = (struct query_step){ .op = op, .lo = INT64_MIN, .hi = INT64_MAX };
	x->conditions[x->n] = (struct email_condition){ 0 };
	return &x->steps[x->n++];
}

static struct email_condition *emit_test(struct compiling *x, enum email_test what)
{
	(void)emit(x, QUERY_CALLER);
	x->conditions[x->n - 1].what = what;
	x->threads |= what == EMAIL_ALL_IN_THREAD || what == EMAIL_SOME_IN_THREAD;
	return &x->conditions[x->n - 1];
}

/* --- Text --------------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Take a word, or a phrase in quotes, with its escapes resolved. False: there is none. */
static bool token_take(struct arena *a, struct str *text, struct str *token)
{
	char *out, quote;
	size_t i = 0, n = 0;

	while (text->n && is_space(text->p[0]))
		*text = str_sub(*text, 1, text->n);
	if (text->n == 0)
		return false;
	quote = text->p[0] == '"' || text->p[0] == '\'' ? text->p[0] : 0;
	if (quote && str_find_byte(str_sub(*text, 1, text->n), quote) < 0)
		quote = 0;
	out = arena_array(a, char, text->n);
	for (i = quote ? 1 : 0; i < text->n; i++) {
		char c = text->p[i];

		if (quote ? c == quote : is_space(c))
			break;
		if (quote && c == '\\' && i + 1 < text->n)
			c = text->p[++i];
		out[n++] = c;
	}
	*token = (struct str){ out, n };
	*text = str_sub(*text, MIN(i + (quote != 0), text->n), text->n);
	return true;
}

static struct str folded(struct arena *a, struct str text)
{
	struct str out;
	struct buf b;

	buf_init(&b, FOLD_GROWTH * text.n + 1);
	fold_put(&b, text);
	out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* "white space SHOULD be treated as dividing separate tokens that ... MUST all be present" */
static void text_emit(struct compiling *x, enum query_op op, struct str name, struct str text)
{
	struct str token;
	size_t n = 0;

	while (token_take(x->a, &text, &token)) {
		struct query_step *step;

		if (token.n == 0)
			continue;
		step = emit(x, op);
		step->name = name;
		step->text = folded(x->a, token);
		if (n++ != 0)
			(void)emit(x, QUERY_AND);
	}
	if (n == 0)
		(void)emit(x, QUERY_ALL);
}

/* --- Conditions --------------------------------------------------------------------------- */

static uint32_t mailbox_number(const struct compiling *x, struct json id)
{
	struct str text = STR_EMPTY;
	uint64_t number;

	(void)json_str(id, &text);
	text = jmap_id_resolve(x->q->call, text);
	return jmap_id_parse(text, ID_MAILBOX, x->q->m.account, &number) && number < UINT32_MAX
	               ? (uint32_t)number
	               : UINT32_MAX; /* no such mailbox */
}

static void mailboxes_emit(struct compiling *x, enum email_test what, struct json value)
{
	bool list = json_kind(value) == JSON_ARRAY;
	size_t count = list ? json_count(value) : 1, n = 0;
	uint32_t *numbers = arena_array(x->a, uint32_t, count);
	struct json_iter it = json_iter(value);
	struct email_condition *c;

	if (!list)
		numbers[0] = mailbox_number(x, value);
	while (list && json_next(&it))
		numbers[n++] = mailbox_number(x, it.value);
	c = emit_test(x, what);
	c->mailboxes = numbers;
	c->count = count;
}

static void keyword_emit(struct compiling *x, struct str condition, int flag)
{
	if (str_eq(condition, STR("hasKeyword")) || str_eq(condition, STR("notKeyword"))) {
		emit(x, QUERY_FLAG)->number = flag;
		if (condition.p[0] == 'n')
			(void)emit(x, QUERY_NOT);
	} else {
		emit_test(x, condition.p[0] == 'a' ? EMAIL_ALL_IN_THREAD : EMAIL_SOME_IN_THREAD)
			->flag = flag;
		if (condition.p[0] == 'n')
			(void)emit(x, QUERY_NOT);
	}
}

static void range_emit(struct compiling *x, struct str condition, struct json value)
{
	int64_t n = 0;

	if (json_time(value, &n)) {
		if (condition.p[0] == 'b')
			emit(x, QUERY_RECEIVED)->hi = n - 1;
		else
			emit(x, QUERY_RECEIVED)->lo = n;
		return;
	}
	(void)json_i64(value, &n);
	if (str_eq(condition, STR("minSize")))
		emit(x, QUERY_SIZE)->lo = n;
	else
		emit(x, QUERY_SIZE)->hi = n - 1;
}

static void header_emit(struct compiling *x, struct json value)
{
	struct json_iter it = json_iter(value);
	struct str name = STR_EMPTY, text = STR_EMPTY;

	if (json_next(&it))
		(void)json_str(it.value, &name);
	if (json_next(&it) && json_str(it.value, &text) && text.n != 0)
		text_emit(x, QUERY_HEADER, name, text);
	else
		emit(x, QUERY_HEADER)->name = name;
}

static void condition_emit(struct compiling *x, struct str name, struct json value)
{
	struct str text = STR_EMPTY;
	bool yes = false;

	if (str_eq(name, STR("inMailbox"))) {
		mailboxes_emit(x, EMAIL_IN_MAILBOX, value);
	} else if (str_eq(name, STR("inMailboxOtherThan"))) {
		mailboxes_emit(x, EMAIL_IN_OTHER_MAILBOX, value);
	} else if (str_eq(name, STR("hasAttachment"))) {
		(void)emit_test(x, EMAIL_HAS_ATTACHMENT);
		if (json_bool(value, &yes) && !yes)
			(void)emit(x, QUERY_NOT);
	} else if (str_eq(name, STR("header"))) {
		header_emit(x, value);
	} else if (!json_str(value, &text) || str_eq(name, STR("before")) ||
	           str_eq(name, STR("after"))) {
		range_emit(x, name, value);
	} else if (str_find(name, STR("Keyword")) >= 0) {
		keyword_emit(x, name, jmap_keyword_find(&x->keywords, text));
	} else if (str_eq(name, STR("text"))) {
		text_emit(x, QUERY_TEXT, STR_EMPTY, text);
	} else if (str_eq(name, STR("body"))) {
		text_emit(x, QUERY_BODY, STR_EMPTY, text);
	} else { /* from, to, cc, bcc, subject */
		text_emit(x, QUERY_HEADER, name, text);
	}
}

/* A FilterCondition: all of its properties; without any it is true. */
static enum err object_emit(struct compiling *x, struct json condition)
{
	struct json_iter it = json_iter(condition);
	size_t n = 0;

	while (json_next(&it)) {
		if (str_eq(it.name, STR("header")) && json_count(it.value) == 0)
			return jmap_refuse(x->q->call, "invalidArguments",
			                   "header must have a name, and perhaps a text");
		condition_emit(x, it.name, it.value);
		if (n++ != 0)
			(void)emit(x, QUERY_AND);
	}
	if (n == 0)
		(void)emit(x, QUERY_ALL);
	return OK;
}

/* --- Operators ---------------------------------------------------------------------------- */

struct level {
	struct json_iter rest;
	char op; /* A, O or N */
	size_t operands;
};

static bool level_of(struct json v, struct level *out)
{
	struct str name;

	if (!json_str(json_get(v, "operator"), &name))
		return false;
	*out = (struct level){ json_iter(json_get(v, "conditions")), name.p[0], 0 };
	return true;
}

static void level_end(struct compiling *x, const struct level *l)
{
	if (l->operands == 0)
		(void)emit(x, QUERY_ALL);
	if (l->op == 'N' ? l->operands != 0 : l->op == 'O' && l->operands == 0)
		(void)emit(x, QUERY_NOT);
}

static void operand_end(struct compiling *x, struct level *l)
{
	if (l->operands++ != 0)
		(void)emit(x, l->op == 'A' ? QUERY_AND : QUERY_OR);
}

/* Without recursion: levels are the operators above the present condition. */
static enum err filter_emit(struct compiling *x)
{
	struct level levels[LIMIT_jmap_filter_depth];
	struct json v = x->q->filter;
	unsigned depth = 0;
	enum err e = OK;

	while (!e) {
		bool done = depth == COUNT(levels) || !level_of(v, &levels[depth]);

		if (done)
			e = object_emit(x, v);
		else
			depth++;
		for (; depth > 0; done = true) {
			struct level *l = &levels[depth - 1];

			if (done)
				operand_end(x, l);
			if (json_next(&l->rest))
				break;
			level_end(x, l);
			depth--;
		}
		if (depth == 0)
			return e;
		v = levels[depth - 1].rest.value;
	}
	return e;
}

enum err email_filter_make(struct jmap_query *q, struct email_query *out, bool *threads)
{
	struct compiling *x = arena_new(q->arena, struct compiling);
	enum err e;

	x->q = q;
	x->a = q->arena;
	e = keywords_load(&q->m, q->arena, &x->keywords);
	if (!e && json_kind(q->filter) == JSON_OBJECT)
		e = filter_emit(x);
	if (!e && x->too_long)
		return jmap_refuse(q->call, "unsupportedFilter",
		                   "the filter has more than %d conditions", LIMIT_query_steps);
	out->filter = (struct query_program){ x->steps, x->n };
	out->conditions = x->conditions;
	*threads = x->threads;
	return e;
}

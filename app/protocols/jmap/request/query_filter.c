/* protocols/jmap/request/query_filter.c: filters and comparators (RFC 8620 5.5): their check, and
 * matching for types that go object by object. */
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/text/fold.h"
#include "protocols/jmap/request/query.h"

/* --- Filters ------------------------------------------------------------------------ */

static bool is_operator(struct json filter)
{
	return json_kind(json_get(filter, "operator")) != JSON_MISSING;
}

static enum err condition_check(struct jmap_query *q, struct json condition)
{
	const struct jmap_rows rows = { .arguments = { q->type->conditions },
		                        .argument_count = { q->type->condition_count } };
	struct json_iter it = json_iter(condition);
	struct jmap_argument row;

	while (json_next(&it)) {
		if (!jmap_rows_find(&rows, it.name, &row))
			return jmap_refuse(q->call, "unsupportedFilter",
			                   "there is no condition \"%.*s\"",
			                   STR_ARG(str_sub(it.name, 0, 60)));
		if (!jmap_row_ok(&row, it.value))
			return jmap_refuse(q->call, "invalidArguments", "%s must be %.*s", row.name,
			                   STR_ARG(jmap_row_words(&row, q->arena)));
	}
	return OK;
}

static enum err operator_check(struct jmap_query *q, struct json filter)
{
	struct json conditions = json_get(filter, "conditions");
	struct json_iter it = json_iter(conditions);
	struct str name;

	if (!json_str(json_get(filter, "operator"), &name) ||
	    (!str_eq(name, STR("AND")) && !str_eq(name, STR("OR")) && !str_eq(name, STR("NOT"))) ||
	    json_kind(conditions) != JSON_ARRAY || json_count(filter) != 2)
		return jmap_refuse(q->call, "invalidArguments",
		                   "an operator is AND, OR or NOT with conditions");
	while (json_next(&it))
		if (json_kind(it.value) != JSON_OBJECT)
			return jmap_refuse(q->call, "invalidArguments",
			                   "conditions must be objects");
	return OK;
}

/* Walks without recursion: levels are the operators above the present condition. */
static enum err filter_check(struct jmap_query *q)
{
	struct json_iter levels[LIMIT_jmap_filter_depth];
	struct json v = q->filter;
	unsigned depth = 0, steps = 0;
	enum err e = OK;

	while (e == OK) {
		if (steps++ == LIMIT_query_steps)
			return jmap_refuse(q->call, "unsupportedFilter",
			                   "a filter has at most %d conditions", LIMIT_query_steps);
		if (is_operator(v)) {
			if (depth == COUNT(levels))
				return jmap_refuse(q->call, "unsupportedFilter",
				                   "more than %d operators are nested",
				                   LIMIT_jmap_filter_depth);
			e = operator_check(q, v);
			levels[depth++] = json_iter(json_get(v, "conditions"));
		} else {
			e = condition_check(q, v);
		}
		while (depth > 0 && !json_next(&levels[depth - 1]))
			depth--;
		if (depth == 0)
			return e;
		v = levels[depth - 1].value;
	}
	return e;
}

/* An operator under way: its result so far. */
struct level {
	struct json_iter rest;
	char op; /* A, O or N */
	bool result;
};

static struct level level_of(struct json filter)
{
	struct str name = STR_EMPTY;

	(void)json_str(json_get(filter, "operator"), &name);
	return (struct level){ json_iter(json_get(filter, "conditions")), name.p[0],
		               name.p[0] != 'O' };
}

/* NOT: "none of the conditions must match". */
static void level_take(struct level *l, bool match)
{
	if (l->op == 'O')
		l->result |= match;
	else
		l->result &= l->op == 'A' ? match : !match;
}

bool jmap_filter_match(const struct jmap_query *q, bool (*match)(struct json condition, void *arg),
                       void *arg)
{
	struct level levels[LIMIT_jmap_filter_depth];
	struct json v = q->filter;
	unsigned depth = 0;
	bool yes;

	if (json_kind(v) != JSON_OBJECT)
		return true;
	for (;;) {
		bool done = !is_operator(v);

		yes = done && match(v, arg);
		if (!done)
			levels[depth++] = level_of(v);
		for (; depth > 0; done = true) {
			struct level *l = &levels[depth - 1];

			if (done)
				level_take(l, yes);
			if (json_next(&l->rest))
				break;
			yes = l->result;
			depth--;
		}
		if (depth == 0)
			return yes;
		v = levels[depth - 1].rest.value;
	}
}

/* --- Comparators --------------------------------------------------------------------- */

static bool is_collation(struct str name)
{
	return str_eq(name, STR("i;ascii-casemap")) || str_eq(name, STR("i;ascii-numeric")) ||
	       str_eq(name, STR("i;unicode-casemap"));
}

static bool is_sort(const struct jmap_type *type, struct str name)
{
	for (size_t i = 0; type->sorts != NULL && type->sorts[i] != NULL; i++)
		if (str_eq(name, str_of(type->sorts[i])))
			return true;
	return false;
}

static enum err sort_read(struct jmap_query *q, struct json v, struct jmap_sort *out)
{
	struct json ascending = json_get(v, "isAscending"), collation = json_get(v, "collation");
	struct str property;

	*out = (struct jmap_sort){ .ascending = true, .comparator = v };
	if (!json_str(json_get(v, "property"), &property) ||
	    (json_kind(ascending) != JSON_MISSING && !json_bool(ascending, &out->ascending)) ||
	    (json_kind(collation) > JSON_NULL && !json_str(collation, &out->collation)))
		return jmap_refuse(q->call, "invalidArguments",
		                   "a comparator has property, isAscending and collation");
	out->property = str_z(q->arena, property);
	if (!is_sort(q->type, property))
		return jmap_refuse(q->call, "unsupportedSort", "%s cannot be sorted by %.*s",
		                   q->type->name, STR_ARG(str_sub(property, 0, 60)));
	if (out->collation.n != 0 && !is_collation(out->collation))
		return jmap_refuse(q->call, "unsupportedSort", "there is no collation %.*s",
		                   STR_ARG(str_sub(out->collation, 0, 60)));
	return OK;
}

static enum err sorts_read(struct jmap_query *q)
{
	struct json list = jmap_arg(q->call, "sort");
	struct json_iter it = json_iter(list);
	size_t n = json_kind(list) == JSON_ARRAY ? json_count(list) : 0;
	struct jmap_sort *sorts = arena_array(q->arena, struct jmap_sort, n);
	enum err e = OK;

	if (n > LIMIT_jmap_sorts)
		return jmap_refuse(q->call, "unsupportedSort", "more than %d comparators",
		                   LIMIT_jmap_sorts);
	while (e == OK && n != 0 && json_next(&it))
		e = sort_read(q, it.value, &sorts[q->sort_count++]);
	q->sorts = sorts;
	return e;
}

enum err query_read(struct jmap_query *q)
{
	struct json filter = jmap_arg(q->call, "filter");
	enum err e = OK;

	if (json_kind(filter) == JSON_OBJECT) {
		q->filter = filter;
		e = filter_check(q);
	}
	return e ? e : sorts_read(q);
}

/* --- Collations (RFC 4790, RFC 5051) --------------------------------------------------- */

static int ascii_compare(struct str a, struct str b)
{
	for (size_t i = 0; i < MIN(a.n, b.n); i++) {
		unsigned char x = (unsigned char)ascii_upper(a.p[i]);
		unsigned char y = (unsigned char)ascii_upper(b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

/* RFC 4790 9.1: the digits at the beginning; a string without any is infinite. */
static int numeric_compare(struct str a, struct str b)
{
	struct str *both[] = { &a, &b };

	for (unsigned i = 0; i < 2; i++) {
		size_t zeros = 0, n = 0;

		while (n < both[i]->n && ascii_digit(both[i]->p[n]))
			n++;
		if (n == 0) {
			*both[i] = STR_EMPTY;
			continue;
		}
		while (zeros + 1 < n && both[i]->p[zeros] == '0')
			zeros++;
		*both[i] = str_sub(*both[i], zeros, n);
	}
	if (a.n == b.n)
		return str_cmp(a, b);
	if (a.n == 0 || b.n == 0)
		return a.n == 0 ? 1 : -1;
	return a.n < b.n ? -1 : 1;
}

static int unicode_compare(struct str a, struct str b)
{
	struct buf x, y;
	int order;

	buf_init(&x, a.n * FOLD_GROWTH + 1);
	buf_init(&y, b.n * FOLD_GROWTH + 1);
	fold_casemap_put(&x, a);
	fold_casemap_put(&y, b);
	order = str_cmp(buf_str(&x), buf_str(&y));
	buf_deinit(&x);
	buf_deinit(&y);
	return order;
}

int jmap_collate(struct str collation, struct str a, struct str b)
{
	if (str_eq(collation, STR("i;ascii-numeric")))
		return numeric_compare(a, b);
	if (str_eq(collation, STR("i;ascii-casemap")))
		return ascii_compare(a, b);
	return unicode_compare(a, b);
}

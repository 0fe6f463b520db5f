/* protocols/jmap/request/reference.c: result references (RFC 8620 3.7); see request.h. */
#include "protocols/jmap/request/request.h"

#include "foundation/base/cur.h"
#include "foundation/config/limits.h"

/* --- The pointer --------------------------------------------------------------- */

enum { POINTER_TOKENS_MAX = 32, POINTER_VALUES_MAX = 100000 };

/* RFC 6901 4: "~1" is a slash, "~0" a tilde. False: another escape. */
static bool token_decode(struct str raw, struct arena *a, struct str *out)
{
	char *to = arena_alloc(a, raw.n);
	size_t n = 0;

	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] != '~') {
			to[n++] = raw.p[i];
			continue;
		}
		if (++i == raw.n || (raw.p[i] != '0' && raw.p[i] != '1'))
			return false;
		to[n++] = raw.p[i] == '0' ? '~' : '/';
	}
	*out = str_from(to, n);
	return true;
}

static struct json member_find(struct json object, struct str name)
{
	struct json_iter it = json_iter(object);

	while (json_next(&it))
		if (str_eq(it.name, name))
			return it.value;
	return (struct json){ NULL };
}

static struct json element_find(struct json array, struct str index)
{
	struct json_iter it = json_iter(array);
	struct cur c = cur_of(index);
	bool zeros = index.n > 1 && index.p[0] == '0';
	uint64_t n;

	if (zeros || !cur_u64(&c, &n) || !cur_done(&c))
		return (struct json){ NULL };
	for (uint64_t i = 0; json_next(&it); i++)
		if (i == n)
			return it.value;
	return (struct json){ NULL };
}

/* The values that the path has reached: one, or after a "*" those of all elements. */
struct reached {
	struct arena *arena;
	struct json *values;
	size_t n;
	bool many;
};

static bool reached_step(struct reached *r, struct str token)
{
	for (size_t i = 0; i < r->n; i++) {
		struct json *v = &r->values[i];

		*v = json_kind(*v) == JSON_ARRAY ? element_find(*v, token)
		                                 : member_find(*v, token);
		if (json_kind(*v) == JSON_MISSING)
			return false;
	}
	return true;
}

static bool reached_spread(struct reached *r)
{
	struct json *all;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (json_kind(r->values[i]) != JSON_ARRAY)
			return false;
		n += json_count(r->values[i]);
	}
	if (n > POINTER_VALUES_MAX)
		return false;
	all = arena_array(r->arena, struct json, n);
	n = 0;
	for (size_t i = 0; i < r->n; i++) {
		struct json_iter it = json_iter(r->values[i]);

		while (json_next(&it))
			all[n++] = it.value;
	}
	r->values = all;
	r->n = n;
	r->many = true;
	return true;
}

/* "If the result of applying the rest of the pointer to each item was itself an array, the contents
 * of this array are added to the output rather than the array itself" (RFC 8620 3.7). */
static void reached_put(const struct reached *r, struct json_writer *w)
{
	if (!r->many) {
		json_put_value(w, NULL, r->values[0]);
		return;
	}
	json_open(w, NULL, '[');
	for (size_t i = 0; i < r->n; i++) {
		struct json_iter it = json_iter(r->values[i]);

		if (json_kind(r->values[i]) != JSON_ARRAY)
			json_put_value(w, NULL, r->values[i]);
		else
			while (json_next(&it))
				json_put_value(w, NULL, it.value);
	}
	json_close(w);
}

bool jmap_pointer_put(struct json v, struct str path, struct json_writer *w, struct arena *a)
{
	struct reached r = { .arena = a, .values = arena_new(a, struct json), .n = 1 };
	struct cur c = cur_of(path);
	struct str raw, token;
	unsigned tokens = 0;

	r.values[0] = v;
	while (!cur_done(&c)) {
		if (!cur_byte(&c, '/') || ++tokens > POINTER_TOKENS_MAX)
			return false;
		raw = cur_rest(&c);
		if (str_find_byte(raw, '/') >= 0)
			raw = str_sub(raw, 0, (size_t)str_find_byte(raw, '/'));
		cur_skip(&c, raw.n);
		if (!token_decode(raw, a, &token))
			return false;
		/* "*" is the name of a member in an object (RFC 8620 3.7 speaks of arrays). */
		if (str_eq(raw, STR("*")) && (r.n == 0 || json_kind(r.values[0]) == JSON_ARRAY)
		            ? !reached_spread(&r)
		            : !reached_step(&r, token))
			return false;
	}
	reached_put(&r, w);
	return true;
}

/* --- Arguments ----------------------------------------------------------------- */

/* The first response with that id, when it has that name. */
static struct jmap_answer *answer_find(struct jmap_request *r, struct str id, struct str name)
{
	for (size_t i = 0; i < r->answer_count; i++)
		if (str_eq(r->answers[i].id, id))
			return str_eq(r->answers[i].name, name) ? &r->answers[i] : NULL;
	return NULL;
}

static bool referred_add(struct jmap_call *c, size_t n)
{
	struct jmap_request *r = c->request;

	if (n <= (size_t)LIMIT_jmap_references - r->referred_bytes) {
		r->referred_bytes += n;
		return true;
	}
	c->error = "requestTooLarge";
	fail(&c->why, ERR_LIMIT, "the references of the request lead to more than %d bytes",
	     LIMIT_jmap_references);
	return false;
}

/* Our own text: parsed without the limits of foreign ones. */
static bool answer_parse(struct jmap_request *r, struct jmap_answer *x, const struct buf *out)
{
	struct str text = str_from(out->p + x->from, x->to - x->from);

	return x->parsed.value != NULL ||
	       json_parse_long(r->arena, text, LIMIT_jmap_response, &x->parsed);
}

static bool reference_put(struct jmap_call *c, struct json ref, struct json_writer *w)
{
	struct jmap_request *r = c->request;
	struct str of, name, path;
	struct jmap_answer *x;

	if (!json_str(json_get(ref, "resultOf"), &of) || !json_str(json_get(ref, "name"), &name) ||
	    !json_str(json_get(ref, "path"), &path)) {
		fail(&c->why, ERR_SYNTAX, "a reference has resultOf, name and path");
		return false;
	}
	x = answer_find(r, of, name);
	if (x != NULL && x->parsed.value == NULL && !referred_add(c, x->to - x->from))
		return false;
	if (x == NULL || !answer_parse(r, x, c->out->out)) {
		fail(&c->why, ERR_MISSING, "no response %.*s with the id \"%.*s\" precedes",
		     STR_ARG(str_sub(name, 0, 60)), STR_ARG(str_sub(of, 0, 60)));
		return false;
	}
	if (jmap_pointer_put(x->parsed, path, w, c->arena))
		return true;
	fail(&c->why, ERR_MISSING, "the path \"%.*s\" leads to no value",
	     STR_ARG(str_sub(path, 0, 100)));
	return false;
}

static bool references_put(struct jmap_call *c, struct json args, struct json_writer *w)
{
	struct json_iter it = json_iter(args);

	json_open(w, NULL, '{');
	while (json_next(&it)) {
		bool reference = str_starts(it.name, STR("#"));
		struct str name = reference ? str_sub(it.name, 1, it.name.n) : it.name;

		json_put_name(w, name);
		if (!reference)
			json_put_value(w, NULL, it.value);
		else if (!reference_put(c, it.value, w))
			return false;
	}
	json_close(w);
	return true;
}

static bool has_references(struct json args)
{
	struct json_iter it = json_iter(args);

	while (json_next(&it))
		if (str_starts(it.name, STR("#")))
			return true;
	return false;
}

bool jmap_references_resolve(struct jmap_call *c, struct json *args)
{
	struct json_writer w;
	struct buf text;
	bool ok;

	if (!has_references(*args))
		return true;
	c->error = "invalidResultReference";
	buf_init(&text, LIMIT_jmap_references);
	json_writer_init(&w, &text);
	ok = references_put(c, *args, &w) && referred_add(c, text.n);
	if (ok && (!buf_ok(&text) ||
	           !json_parse_long(c->arena, buf_str(&text), LIMIT_jmap_response, args))) {
		/* RFC 8620 3.7: "the same argument name in normal and referenced form" */
		c->error = "invalidArguments";
		fail(&c->why, ERR_SYNTAX, "an argument is there twice, or has too many values");
		ok = false;
	}
	buf_deinit(&text);
	return ok;
}

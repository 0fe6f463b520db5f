/* Authentication-Results (RFC 8601):
 *
 *	what was read, written again, reads the same
 *	what was read as ours claims to be ours */
#include "formats/mailauth/authres.h"
#include "foundation/base/arena.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void result_put(struct authres *r, struct arena *a, const struct authres_result *x)
{
	authres_method(r, str_z(a, x->method), x->result);
	authres_comment(r, x->reason);
	for (size_t i = 0; i < x->count; i++) {
		const struct authres_property *p = &x->properties[i];

		authres_property(r, str_z(a, str_fmt(a, "%.*s.%.*s", STR_ARG(p->type),
		                                     STR_ARG(p->name))),
		                 p->value);
	}
}

static bool same(const struct authres_field *a, const struct authres_field *b)
{
	if (a->count != b->count || !str_eq(a->serv_id, b->serv_id))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!str_eq(a->results[i].method, b->results[i].method) ||
		    !str_eq(a->results[i].result, b->results[i].result))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct authres_field first, again;
	struct arena a = { 0 };
	struct authres r;
	struct buf b;

	(void)authres_claims(in, STR("mx.example.org"));
	if (authres_parse(in, &a, &first)) {
		assert(first.count <= AUTHRES_RESULTS_MAX);
		assert(!str_eqi(first.serv_id, STR("mx.example.org")) ||
		       authres_claims(in, STR("mx.example.org")));
		buf_init(&b, 8 * n + 100);
		authres_begin(&r, &b, first.serv_id);
		for (size_t i = 0; i < first.count; i++)
			result_put(&r, &a, &first.results[i]);
		authres_end(&r);
		assert(authres_parse(buf_str(&b), &a, &again));
		assert(same(&first, &again) || str_find_byte(buf_str(&b), '?') >= 0);
		buf_deinit(&b);
	}
	arena_deinit(&a);
	return 0;
}

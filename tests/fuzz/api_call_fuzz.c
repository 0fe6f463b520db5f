/* A path, a line end, a body: the parameters of a route that is found are parts of the path, and
 * hold a slash only where an escape may have stood for it; a body that fits a shape has every
 * field that must be there. */
#include "console/api/api_table.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void try_path(struct str path, struct arena *a)
{
	struct str parameter[API_PARAMETERS_MAX] = { { 0 } }, allow;
	const struct api_route *r = api_route_find("GET", path, a, parameter, &allow);

	for (size_t i = 0; r != NULL && i < API_PARAMETERS_MAX; i++) {
		struct str p = parameter[i];

		if (p.p == NULL)
			continue;
		assert(p.n != 0 && p.n < path.n);
		assert(str_find_byte(p, '/') < 0 || str_find_byte(path, '%') >= 0);
		assert(str_find_byte(path, '%') >= 0 || str_find(path, p) >= 0);
	}
}

static void try_shape(const struct api_shape *shape, struct json body, struct arena *a)
{
	struct cur c = cur_of(str_of(shape->fields));
	struct why why = { "" };
	struct api_field f;

	if (!api_shape_check(shape->name, body, a, &why)) {
		assert(why.text[0] != '\0');
		return;
	}
	while (api_field_next(&c, &f))
		assert(f.optional || json_kind(json_get(body, str_z(a, f.name))) != JSON_MISSING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cur c = cur_of(str_from((const char *)data, n));
	struct arena a = { 0 };
	struct json body = { NULL };
	struct str path = STR_EMPTY;

	(void)cur_line(&c, &path);
	try_path(path, &a);
	if (json_parse(&a, cur_rest(&c), &body)) {
		for (size_t i = 0; i < api_shape_count; i++)
			try_shape(&api_shapes[i], body, &a);
	}
	arena_deinit(&a);
	return 0;
}

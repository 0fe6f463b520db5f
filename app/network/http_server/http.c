/* network/http_server/http.c: responses and routes; see http.h. */
#include "network/http_server/http.h"

#include <string.h>
#include <strings.h>

const struct http_field http_default_fields[] = {
	{ "X-Content-Type-Options", STR("nosniff") },
	{ "X-Frame-Options", STR("DENY") },
	{ "Referrer-Policy", STR("no-referrer") },
	{ "Cross-Origin-Opener-Policy", STR("same-origin") },
	{ "Cross-Origin-Resource-Policy", STR("same-origin") },
	{ "Content-Security-Policy",
	  STR("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'") },
	{ "Cache-Control", STR("no-store") },
};
const size_t http_default_field_count = COUNT(http_default_fields);

void http_set(struct http_response *r, const char *name, struct str value)
{
	unsigned i = 0;

	assert(str_find_byte(value, '\r') < 0 && str_find_byte(value, '\n') < 0);
	while (i < r->field_count && strcasecmp(r->fields[i].name, name) != 0)
		i++;
	assert(i < HTTP_HEADERS_MAX);
	r->fields[i] = (struct http_field){ name, value };
	if (i == r->field_count)
		r->field_count++;
}

void http_say(struct http_response *r, unsigned status, const char *text)
{
	r->status = status;
	r->type = "text/plain; charset=utf-8";
	r->fixed = STR_EMPTY;
	buf_reset(&r->body);
	buf_put(&r->body, str_of(text));
	buf_byte(&r->body, '\n');
}

static bool path_fits(const char *pattern, struct str path, struct str *rest)
{
	struct str p = str_of(pattern);

	*rest = STR_EMPTY;
	if (!str_ends(p, STR("*")))
		return str_eq(p, path);
	p.n--;
	if (!str_starts(path, p))
		return false;
	*rest = str_sub(path, p.n, path.n);
	return true;
}

/* A path with GET also has HEAD (RFC 9110 9.3.2). */
static bool method_fits(const char *have, const char *want)
{
	return strcmp(have, want) == 0 || (strcmp(want, "HEAD") == 0 && strcmp(have, "GET") == 0);
}

const struct http_route *http_route_find(const struct http_route *routes, size_t count,
                                         const char *method, struct str path, struct arena *a,
                                         struct str *rest, unsigned *status, struct str *allow)
{
	struct buf methods;

	*status = 404;
	*allow = STR_EMPTY;
	buf_init(&methods, 256);
	for (size_t i = 0; i < count; i++) {
		if (!path_fits(routes[i].path, path, rest))
			continue;
		if (method_fits(routes[i].method, method)) {
			buf_deinit(&methods);
			return &routes[i];
		}
		*status = 405;
		buf_put(&methods, methods.n != 0 ? STR(", ") : STR(""));
		buf_put(&methods, str_of(routes[i].method));
		if (strcmp(routes[i].method, "GET") == 0)
			buf_put(&methods, STR(", HEAD"));
	}
	*allow = str_dup(a, buf_str(&methods)); /* RFC 9110 15.5.6: 405 must list them */
	buf_deinit(&methods);
	return NULL;
}

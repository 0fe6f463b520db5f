/* network/http_server/assets.c: see assets.h. */
#include "network/http_server/assets.h"

#include "foundation/base/cur.h"

/* The interface runs only its own scripts and styles, and connects to this server only. Pictures
 * may be inline, for QR codes. */
static const struct str page_policy =
	STR("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");

/* Paths where a missing resource is 404, also for a browser. */
static const struct str no_pages_below[] = {
	STR("/api/"), STR("/assets/"), STR("/.well-known/"), STR("/healthz/"), STR("/mail/"),
};

/* --- Accept-Encoding ---------------------------------------------------------------------- */

static bool is_token_byte(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != ',' && c != ';' && c != '=';
}

/* weight = OWS ";" OWS "q=" qvalue		RFC 9110 12.4.2
 * A parameter that is not q is skipped. *zero: q is 0, so the coding is refused. */
static bool weight(struct cur *c, bool *zero)
{
	struct str name, value;

	cur_blank(c);
	name = cur_while(c, is_token_byte);
	if (!cur_byte(c, '='))
		return false;
	value = cur_while(c, is_token_byte);
	if (str_eqi(name, STR("q"))) {
		*zero = true;
		for (size_t i = 0; i < value.n; i++)
			*zero = *zero && (value.p[i] == '0' || value.p[i] == '.');
	}
	return value.n != 0;
}

/* codings [ weight ]		RFC 9110 12.5.3 */
static bool coding_parse(struct cur *c, struct str *name, bool *refused)
{
	*refused = false;
	cur_blank(c);
	*name = cur_while(c, is_token_byte);
	for (;;) {
		cur_blank(c);
		if (!cur_byte(c, ';'))
			break;
		if (!weight(c, refused))
			return false;
	}
	return cur_byte(c, ',') || cur_done(c);
}

bool http_coding_accepted(struct str field, struct str coding)
{
	struct cur c = cur_of(field);
	bool refused, any = false;
	struct str name;

	while (!cur_done(&c) && coding_parse(&c, &name, &refused)) {
		if (str_eqi(name, coding))
			return !refused;
		if (str_eq(name, STR("*")))
			any = !refused;
	}
	return any;
}

/* --- Answers ------------------------------------------------------------------------------ */

static const struct http_asset *asset_find(struct str path)
{
	for (size_t i = 0; i < http_asset_count; i++) {
		if (str_eq(path, str_of(http_assets[i].path)))
			return &http_assets[i];
	}
	return NULL;
}

static bool page_wanted(const struct http_request *q)
{
	for (size_t i = 0; i < COUNT(no_pages_below); i++) {
		if (str_starts(q->path, no_pages_below[i]))
			return false;
	}
	return str_find(http_header(q, "Accept"), STR("text/html")) >= 0;
}

static void put_body(const struct http_asset *f, const struct http_request *q,
                     struct http_response *r)
{
	struct str accepted = http_header(q, "Accept-Encoding");

	r->fixed = f->plain;
	http_set(r, "Vary", STR("Accept-Encoding"));
	if (f->br.n != 0 && http_coding_accepted(accepted, STR("br"))) {
		r->fixed = f->br;
		http_set(r, "Content-Encoding", STR("br"));
	} else if (f->gzip.n != 0 && http_coding_accepted(accepted, STR("gzip"))) {
		r->fixed = f->gzip;
		http_set(r, "Content-Encoding", STR("gzip"));
	}
}

static void assets_answer(const struct http_asset *f, const struct http_request *q,
                   struct http_response *r)
{
	r->type = f->type;
	http_set(r, "Cache-Control",
	         f->hashed ? STR("public, max-age=31536000, immutable") : STR("no-cache"));
	http_set(r, "Content-Security-Policy", page_policy);
	/* The content is the same in each coding, so is the weak tag (RFC 9110 8.8.3.3). */
	http_set(r, "ETag", str_fmt(q->arena, "W/%s", f->etag));
	if (str_find(http_header(q, "If-None-Match"), str_of(f->etag)) >= 0)
		r->status = 304;
	else
		put_body(f, q, r);
}

void http_asset_page(const struct http_request *q, struct http_response *r)
{
	const struct http_asset *f = asset_find(q->path);

	if (f == NULL && (str_eq(q->path, STR("/")) || page_wanted(q)))
		f = asset_find(STR("/index.html"));
	if (f == NULL)
		http_say(r, 404, "not found");
	else
		assets_answer(f, q, r);
}

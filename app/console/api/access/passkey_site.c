/* console/api/access/passkey_site.c: see access_private.h. */
#include "console/api/access/access_private.h"

#include "console/api/access/attempt.h"
#include "console/api/admin.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/text/base64url.h"

/* --- the site ---------------------------------------------------------------------------- */

/* Browsers leave the usual port out of an origin; a proxy may not leave it out of a host. */
static struct str without_usual_port(struct str host, bool tls)
{
	struct str usual = tls ? STR(":443") : STR(":80");

	return str_ends(host, usual) ? str_sub(host, 0, host.n - usual.n) : host;
}

enum err passkey_site(struct api_call *c, struct webauthn_expected *out)
{
	const struct settings *settings = settings_ref(c->admin->live);
	struct str ours = str_lower(c->arena, settings->hostname);
	struct str host = without_usual_port(str_lower(c->arena, c->http->host), c->http->tls);
	ptrdiff_t colon = str_find_byte(host, ':');
	bool here;

	settings_unref(settings);
	out->site = str_sub(host, 0, colon < 0 ? host.n : (size_t)colon);
	out->origin = str_fmt(c->arena, "http%s://%.*s", c->http->tls ? "s" : "", STR_ARG(host));
	here = str_eq(out->site, STR("localhost"));
	if (here || (c->http->tls && (c->http->proxied || str_eq(out->site, ours))))
		return OK;
	return fail(&c->why, ERR_CONFLICT,
	            "browsers use passkeys only on pages that came over TLS, by name: open "
	            "https://%.*s",
	            STR_ARG(ours));
}

/* --- the attempt ------------------------------------------------------------------------- */

struct str passkey_begin(struct api_call *c, struct str bound)
{
	struct str challenge;
	struct str text =
		attempt_begin(c->admin->attempts, bound, clock_real_ms(), c->arena, &challenge);

	http_set(c->response, "Set-Cookie",
	         str_fmt(c->arena,
	                 API_PASSKEY_COOKIE
	                 "=%.*s; Path=/api; Max-Age=%d; HttpOnly; SameSite=Strict%s",
	                 STR_ARG(text), LIMIT_passkey_attempt_s, c->http->tls ? "; Secure" : ""));
	return base64url_of(c->arena, challenge);
}

enum err passkey_take(struct api_call *c, struct str bound, struct webauthn_expected *out)
{
	struct str text = http_cookie(http_header(c->http, "Cookie"), STR(API_PASSKEY_COOKIE));
	enum err e = passkey_site(c, out);

	if (e != OK)
		return e;
	if (!attempt_take(c->admin->attempts, bound, text, clock_real_ms(), c->arena,
	                  &out->challenge))
		return fail(&c->why, ERR_DENIED,
		            "that took too long, or was done before: try again");
	return OK;
}

/* --- bodies ------------------------------------------------------------------------------ */

enum err passkey_bytes(struct api_call *c, const char *field, struct str *out)
{
	struct str text = STR_EMPTY;
	struct buf b;
	bool ok;

	(void)json_str(json_get(c->body, field), &text);
	buf_init(&b, text.n + 1); /* the text may be empty, a buffer may not */
	ok = base64url_parse(text, &b) && buf_ok(&b);
	*out = str_dup(c->arena, buf_str(&b));
	buf_deinit(&b);
	return ok ? OK : fail(&c->why, ERR_SYNTAX, "%s is not base64url without padding", field);
}

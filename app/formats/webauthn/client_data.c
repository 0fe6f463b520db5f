/* formats/webauthn/client_data.c: see client_data.h. */
#include "formats/webauthn/client_data.h"

#include "formats/webauthn/webauthn.h"
#include "foundation/base/arena.h"
#include "foundation/text/base64url.h"
#include "foundation/text/json.h"

static bool challenge_is(struct str text, struct str want)
{
	struct buf raw;
	bool same;

	buf_init(&raw, want.n + 1);
	same = base64url_parse(text, &raw) && buf_ok(&raw) && str_eq_secret(buf_str(&raw), want);
	buf_deinit(&raw);
	return same;
}

enum err client_data_check(struct str json, const char *type,
                           const struct webauthn_expected *expected, struct arena *a,
                           struct why *why)
{
	struct str kind, challenge, origin;
	struct json data;
	bool cross = false;

	if (json.n > CLIENT_DATA_MAX || !json_parse(a, json, &data) ||
	    !json_str(json_get(data, "type"), &kind) ||
	    !json_str(json_get(data, "challenge"), &challenge) ||
	    !json_str(json_get(data, "origin"), &origin))
		return fail(why, ERR_SYNTAX, "the client data is malformed");
	(void)json_bool(json_get(data, "crossOrigin"), &cross);
	if (!str_eq(kind, str_of(type)))
		return fail(why, ERR_DENIED, "it is of another ceremony than %s", type);
	if (!challenge_is(challenge, expected->challenge))
		return fail(why, ERR_DENIED, "it answers another challenge");
	if (!str_eq(origin, expected->origin))
		return fail(why, ERR_DENIED, "it was made for a page of %.*s, not of %.*s",
		            STR_ARG(origin), STR_ARG(expected->origin));
	if (cross)
		return fail(why, ERR_DENIED, "it was made for a page in a frame of another");
	return OK;
}

/* console/api/access/api_login_passkey.c: logging in to the console with a passkey, with no name
 * typed. */
#include "console/api/access/access_private.h"
#include "console/api/admin.h"
#include "foundation/config/limits.h"
#include "model/directory/login/login.h"
#include "model/directory/login/passkey.h"

enum err api_login_passkey_begin(struct api_call *c)
{
	struct webauthn_expected site;
	enum err e = passkey_site(c, &site);

	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "challenge", passkey_begin(c, STR_EMPTY));
	json_put_str(c->out, "site", site.site);
	json_put_u64(c->out, "timeout_ms", (uint64_t)LIMIT_passkey_attempt_s * 1000);
	json_close(c->out);
	return OK;
}

static enum err proof_take(struct api_call *c, struct passkey_proof *proof)
{
	const struct {
		const char *field;
		struct str *to;
	} parts[] = {
		{ "id", &proof->credential_id },
		{ "user", &proof->handle },
		{ "client_data", &proof->assertion.client_data },
		{ "authenticator_data", &proof->assertion.authenticator_data },
		{ "signature", &proof->assertion.signature },
	};
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(parts); i++)
		e = passkey_bytes(c, parts[i].field, parts[i].to);
	return e;
}

enum err api_login_passkey(struct api_call *c)
{
	const struct login_try try = { .id = c->http->id,
		                       .service = c->http->tls ? STR("https") : STR("http"),
		                       .peer = &c->http->peer,
		                       .client = http_header(c->http, "User-Agent") };
	struct webauthn_expected expected;
	struct passkey_proof proof = { .expected = &expected };
	struct login login;
	enum err e = proof_take(c, &proof);

	if (e == OK)
		e = passkey_take(c, STR_EMPTY, &expected);
	if (e == OK)
		e = passkey_login(c->admin->logins, &try, &proof, c->arena, &login, &c->why);
	if (e == ERR_DENIED)
		return api_refuse(c, 401, "denied",
		                  "this passkey belongs to no account, or it took too long: try "
		                  "again, or log in with your password");
	return e != OK ? e : api_session_start(c, login.account);
}

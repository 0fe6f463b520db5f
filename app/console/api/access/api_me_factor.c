/* console/api/access/api_me_factor.c: turning two-factor login on and off for the own account. */
#include "console/api/access/access_private.h"
#include "console/api/access/session.h"
#include "console/api/admin.h"
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/config/live.h"
#include "foundation/crypto/otp.h"
#include "foundation/text/base32.h"
#include "foundation/text/qr.h"
#include "model/directory/login/factor.h"
#include "model/directory/login/secret.h"
#include "model/store/store.h"

enum { URI_MAX = 1000, QR_MAX = 1 << 17 };

/* --- a secret ---------------------------------------------------------------------------- */

struct begin {
	struct api_call *call;
	struct str secret;
};

static enum err begin(struct txn *t, void *arg)
{
	struct begin *b = arg;

	/* Nothing is on yet, so this is no change to note. */
	return factor_begin(t, b->call->who.account, b->secret, txn_why(t));
}

static void put_uri(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (ascii_alnum(s.p[i]) || s.p[i] == '.' || s.p[i] == '-')
			buf_byte(out, s.p[i]);
		else
			buf_fmt(out, "%%%02X", (unsigned char)s.p[i]);
	}
}

/* The URI for authenticator applications ("Key Uri Format"): account and issuer. */
static struct str uri(struct api_call *c, struct str secret)
{
	const struct settings *settings = settings_ref(c->admin->live);
	struct buf b;
	struct str out;

	buf_init(&b, URI_MAX);
	buf_put(&b, STR("otpauth://totp/"));
	put_uri(&b, settings->hostname);
	buf_byte(&b, ':');
	put_uri(&b, c->who.address);
	buf_fmt(&b, "?secret=%.*s&issuer=", STR_ARG(secret));
	put_uri(&b, settings->hostname);
	out = str_dup(c->arena, buf_str(&b));
	buf_deinit(&b);
	settings_unref(settings);
	return out;
}

static struct str picture(struct api_call *c, struct str text)
{
	struct str out = STR_EMPTY;
	struct buf svg;

	buf_init(&svg, QR_MAX);
	if (qr_svg(&svg, text, STR("Secret for an authenticator")))
		out = str_dup(c->arena, buf_str(&svg));
	buf_deinit(&svg);
	return out;
}

enum err api_me_totp_begin(struct api_call *c)
{
	char secret[OTP_SECRET_BYTES] = { 0 };
	struct begin b = { c, str_from(secret, sizeof secret) };
	struct buf base32;
	struct str link;
	enum err e;

	random_bytes(secret, sizeof secret);
	e = store_write(c->admin->store, begin, &b, &c->why);
	if (e != OK)
		return e;
	buf_init(&base32, 2 * OTP_SECRET_BYTES);
	base32_put(&base32, b.secret);
	link = uri(c, buf_str(&base32));
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "secret", buf_str(&base32));
	json_put_str(c->out, "uri", link);
	json_put_str(c->out, "qr", picture(c, link));
	json_close(c->out);
	buf_deinit(&base32);
	return OK;
}

/* --- on and off -------------------------------------------------------------------------- */

struct turn {
	struct api_call *call;
	struct str code;
	struct str recovery[FACTOR_RECOVERY_CODES];
};

static enum err note(struct txn *t, struct api_call *c, const char *what)
{
	enum err e = sessions_end(t, c->who.account, c->who.session);

	return e != OK ? e : api_audit(t, c, what, c->who.address, STR_EMPTY, STR_EMPTY);
}

static enum err on(struct txn *t, void *arg)
{
	struct turn *o = arg;
	enum err e = factor_turn_on(t, o->call->who.account, o->code, clock_real_ms(), o->recovery,
	                            txn_why(t));

	return e != OK ? e : note(t, o->call, "totp.on");
}

enum err api_me_totp_on(struct api_call *c)
{
	struct turn o = { .call = c };
	enum err e;

	(void)json_str(json_get(c->body, "code"), &o.code);
	for (size_t i = 0; i < FACTOR_RECOVERY_CODES; i++)
		o.recovery[i] = secret_new(c->arena);
	e = store_write(c->admin->store, on, &o, &c->why);
	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_open(c->out, "recovery_codes", '[');
	for (size_t i = 0; i < FACTOR_RECOVERY_CODES; i++)
		json_put_str(c->out, NULL, o.recovery[i]);
	json_close(c->out);
	json_close(c->out);
	return OK;
}

static enum err off(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	enum err e = factor_off(t, c->who.account, txn_why(t));

	return e != OK ? e : note(t, c, "totp.off");
}

enum err api_me_totp_off(struct api_call *c)
{
	struct str password = STR_EMPTY;
	enum err e;

	(void)json_str(json_get(c->body, "password"), &password);
	e = me_password_check(c, password);
	return e != OK ? e : store_write(c->admin->store, off, c, &c->why);
}

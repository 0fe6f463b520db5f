/* operations/acme/client_account.c: the account at the certification authority (RFC 8555
 * 7.3); see client.h. */
#include "foundation/crypto/key.h"
#include "foundation/text/base64url.h"
#include "operations/acme/client.h"
#include "operations/acme/jws.h"

static void contact_put(struct json_writer *w, struct arena *a, struct str email)
{
	json_open(w, "contact", '[');
	if (email.n != 0)
		json_put_str(w, NULL, str_fmt(a, "mailto:%.*s", STR_ARG(email)));
	json_close(w);
}

static struct str registration(struct client *c, const struct client_contact *contact)
{
	struct json_writer w;
	struct str text;
	struct buf b;

	buf_init(&b, KIB(16));
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_bool(&w, "termsOfServiceAgreed", true);
	contact_put(&w, c->arena, contact->email);
	json_close(&w);
	text = buf_str(&b);
	if (contact->eab_id.n != 0) { /* before the closing brace */
		struct str binding = jws_binding(c->key, contact->eab_id, contact->eab_key,
		                                 c->directory.new_account, c->arena);

		text = str_fmt(c->arena, "%.*s,\"externalAccountBinding\":%.*s}", (int)text.n - 1,
		               text.p, STR_ARG(binding));
	}
	text = str_dup(c->arena, text);
	buf_deinit(&b);
	return text;
}

static enum err location_take(struct client *c, const struct reply *r, struct why *why)
{
	struct str url = httpc_field(&r->http, "Location");

	if (!answer_url(url))
		return fail(why, ERR_SYNTAX, "the certification authority names no account");
	c->account = url;
	return OK;
}

enum err client_register(struct client *c, const struct client_contact *contact, struct why *why)
{
	struct reply r;
	enum err e;

	if (c->directory.eab_required && contact->eab_id.n == 0)
		return fail(why, ERR_DENIED,
		            "this certification authority wants an external account "
		            "binding: set ROOST_ACME_EAB to what it gave you");
	c->account = STR_EMPTY;
	if ((e = client_post(c, c->directory.new_account, registration(c, contact), &r, why)))
		return e;
	return location_take(c, &r, why);
}

enum err client_contact_set(struct client *c, struct str email, struct why *why)
{
	struct json_writer w;
	struct reply r;
	struct buf b;
	enum err e;

	buf_init(&b, KIB(16));
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	contact_put(&w, c->arena, email);
	json_close(&w);
	e = client_post(c, c->account, buf_str(&b), &r, why);
	buf_deinit(&b);
	return e;
}

enum err client_account_find(struct client *c, struct why *why)
{
	struct reply r;
	enum err e;

	c->account = STR_EMPTY;
	e = client_post(c, c->directory.new_account, STR("{\"onlyReturnExisting\":true}"), &r, why);
	return e ? e : location_take(c, &r, why);
}

enum err client_key_change(struct client *c, const struct key *to, struct why *why)
{
	struct jws inner = { .key = to, .url = c->directory.key_change };
	struct reply r;

	if (inner.url.n == 0)
		return fail(why, ERR_DENIED,
		            "this certification authority does not change account keys");
	inner.payload = str_fmt(c->arena, "{\"account\":\"%.*s\",\"oldKey\":%.*s}",
	                        STR_ARG(c->account), STR_ARG(jws_jwk(c->key, c->arena)));
	return client_post(c, inner.url, jws_make(&inner, c->arena), &r, why);
}

enum err client_deactivate(struct client *c, struct why *why)
{
	struct reply r;

	return client_post(c, c->account, STR("{\"status\":\"deactivated\"}"), &r, why);
}

enum err client_revoke(struct client *c, struct str der, unsigned reason, struct why *why)
{
	struct str text;
	struct reply r;
	enum err e;

	if (c->directory.revoke.n == 0)
		return fail(why, ERR_DENIED,
		            "this certification authority does not revoke certificates");
	text = str_fmt(c->arena, "{\"certificate\":\"%.*s\",\"reason\":%u}",
	               STR_ARG(base64url_of(c->arena, der)), reason);
	e = client_post(c, c->directory.revoke, text, &r, why);
	return e && str_eq(c->refusal, STR("alreadyRevoked")) ? OK : e;
}

/* console/api/api_certificates.c: certificates: what there is, what is brought, what is revoked. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/api_private.h"
#include "model/store/store.h"
#include "operations/acme/acme.h"
#include "operations/acme/uploaded.h"

enum err api_certificates(struct api_call *c)
{
	enum err e;

	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	e = certificates_put(c->admin, c->arena, c->out);
	json_close(c->out);
	json_put_null(c->out, "next");
	json_close(c->out);
	return e;
}

static enum err set_due(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	enum err e = acme_set_due(t);

	return e ? e : api_audit(t, c, "certificates.renew", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

enum err api_certificates_renew(struct api_call *c)
{
	enum err e = store_write(c->admin->store, set_due, c, &c->why);

	if (e == OK)
		acme_wake(c->admin->acme);
	return e;
}

/* --- own ones ------------------------------------------------------------------------------ */

enum err api_certificate_add(struct api_call *c)
{
	struct str chain = STR_EMPTY, key = STR_EMPTY, id;
	enum err e;

	(void)json_str(json_get(c->body, "chain"), &chain);
	(void)json_str(json_get(c->body, "key"), &key);
	e = certificates_own_put(c, chain, key, &id);
	return e ? e : certificates_put_one(c->admin, id, c->arena, c->out);
}

static enum err rm(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str before;
	enum err e = own_cert_describe(t, c->parameter[0], c->arena, &before);

	if (e == OK)
		e = own_cert_rm(t, c->parameter[0]);
	return e ? e : api_audit(t, c, "certificate.remove", c->parameter[0], before, STR_EMPTY);
}

enum err api_certificate_rm(struct api_call *c)
{
	enum err e = store_write(c->admin->store, rm, c, &c->why);

	if (e)
		return e;
	acme_own_changed(c->admin->acme);
	acme_wake(c->admin->acme);
	return OK;
}

/* --- an authority's ------------------------------------------------------------------------ */

static enum err revoke(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str reason = STR_EMPTY;
	enum err e;

	(void)json_str(json_get(c->body, "reason"), &reason);
	e = acme_revoke(t, c->parameter[0], reason);
	return e ? e : api_audit(t, c, "certificate.revoke", c->parameter[0], STR_EMPTY, STR_EMPTY);
}

enum err api_certificate_revoke(struct api_call *c)
{
	enum err e = store_write(c->admin->store, revoke, c, &c->why);

	if (e == OK)
		acme_wake(c->admin->acme);
	return e;
}

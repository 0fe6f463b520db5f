/* operations/acme/account.c: see account.h. */
#include "operations/acme/account.h"

#include "foundation/crypto/key.h"
#include "foundation/text/base64url.h"
#include "model/store/store.h"
#include "operations/acme/work.h"

static enum err account_row_load(struct txn *t, void *arg)
{
	struct account *a = arg;

	return account_row_get(t, a->directory, a->arena, &a->row);
}

static enum err account_row_save(struct txn *t, void *arg)
{
	const struct account *a = arg;

	return account_row_put(t, a->directory, &a->row);
}

enum err account_save(struct account *a, struct why *why)
{
	return store_write(a->work->config->store, account_row_save, a, why);
}

/* Load the account's row; a new one gets its key, which is stored before the CA receives
 * it. */
static enum err account_url_find(struct account *a, struct why *why)
{
	enum err e = store_read(a->work->config->store, account_row_load, a);
	struct key *k;

	if (e != ERR_MISSING)
		return e ? fail(why, e, "the account in the store cannot be read") : OK;
	k = key_new_p256();
	a->row = (struct account_row){ .key_pem = key_write_pem(k, a->arena) };
	key_free(k);
	return account_save(a, why);
}

static enum err binding_parse(struct str eab, struct buf *key, struct str *id)
{
	ptrdiff_t colon = str_rfind_byte(eab, ':');

	if (colon <= 0 || !base64url_parse(str_sub(eab, (size_t)colon + 1, eab.n), key) ||
	    key->n == 0)
		return ERR_SYNTAX;
	*id = str_sub(eab, 0, (size_t)colon);
	return OK;
}

static enum err enroll(struct account *a, struct why *why)
{
	const struct settings *s = a->work->settings;
	struct client_contact contact = { .email = s->acme_email };
	struct buf key;
	enum err e = OK;

	buf_init(&key, 1024);
	if (s->acme_eab.n != 0)
		e = binding_parse(s->acme_eab, &key, &contact.eab_id);
	contact.eab_key = str_dup(a->arena, buf_str(&key));
	buf_deinit(&key);
	if (e == OK)
		e = client_register(&a->client, &contact, why);
	if (e)
		return e;
	a->row.url = a->client.account;
	a->row.email = contact.email;
	a->row.eab = contact.eab_id;
	return account_save(a, why);
}

static enum err make_known(struct account *a, struct why *why)
{
	struct str email = a->work->settings->acme_email;
	enum err e;

	if (a->row.url.n == 0)
		return enroll(a, why);
	if (str_eq(a->row.email, email))
		return OK;
	e = client_contact_set(&a->client, email, why);
	if (e == ERR_MISSING) /* the CA no longer has the account */
		return enroll(a, why);
	if (e)
		return e;
	a->row.email = email;
	return account_save(a, why);
}

enum err account_open(struct account *a, struct work *w, struct str directory, bool registered,
                      struct arena *arena, struct why *why)
{
	enum err e;

	*a = (struct account){ .work = w, .arena = arena, .directory = directory };
	if ((e = account_url_find(a, why)) || (e = key_read_pem(a->row.key_pem, &a->key, why)) ||
	    (e = client_open(&a->client, w->io, directory, a->key, arena, why)))
		return e;
	a->client.account = a->row.url;
	return registered ? make_known(a, why) : OK;
}

void account_close(struct account *a)
{
	key_free(a->key);
	a->key = NULL;
}

enum err account_forget(struct account *a)
{
	a->row.url = STR_EMPTY;
	return account_save(a, NULL);
}

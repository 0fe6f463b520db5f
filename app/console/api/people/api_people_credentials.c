/* console/api/people/api_people_credentials.c: what opens an account besides its password, and
 * who has used it: what accounts and their administrators see alike. */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/login_recent.h"
#include "model/directory/login/passkey.h"
#include "model/store/store.h"

#include <stdio.h>

struct reading {
	struct api_call *call;
	uint32_t account;
	struct login_recent_list logins;
	struct app_password_list passwords;
	struct passkey_list passkeys;
};

static enum err read(struct txn *t, void *arg)
{
	struct reading *r = arg;
	enum err e = login_recent_list(t, r->account, r->call->arena, &r->logins);

	if (e == OK)
		e = passkey_list(t, r->account, r->call->arena, &r->passkeys);
	return e != OK ? e : app_password_list(t, r->account, r->call->arena, &r->passwords);
}

/* The label of the app password that was used; empty for the account's password, or for a removed
 * app password. */
static struct str label_of(const struct app_password_list *list, uint32_t id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].id == id)
			return list->items[i].label;
	return STR_EMPTY;
}

/* The same of a passkey; empty when it was none. */
static struct str passkey_label_of(const struct passkey_list *list, uint32_t credential)
{
	for (size_t i = 0; i < list->count; i++)
		if (credential == (PASSKEY_CREDENTIAL | list->items[i].id))
			return list->items[i].label;
	return STR_EMPTY;
}

/* There are so few that they are one page. */
enum err people_logins(struct api_call *c, uint32_t account)
{
	struct reading r = { .call = c, .account = account };
	enum err e = store_read(c->admin->store, read, &r);
	struct api_list list;

	if (e != OK)
		return e;
	api_list_open(c, &list);
	for (size_t i = 0; i < r.logins.count; i++) {
		const struct login_recent *l = &r.logins.items[i];

		json_open(c->out, NULL, '{');
		json_put_time(c->out, "time", l->last_ms);
		json_put_time(c->out, "first", l->first_ms);
		json_put_u64(c->out, "count", l->count);
		json_put_str(c->out, "service", l->service);
		json_put_str(c->out, "peer", l->peer);
		json_put_str(c->out, "client", l->client);
		json_put_bool(c->out, "ok", l->ok);
		json_put_str(c->out, "app_password", label_of(&r.passwords, l->app_password));
		json_put_str(c->out, "passkey", passkey_label_of(&r.passkeys, l->app_password));
		json_close(c->out);
	}
	api_list_close(&list);
	return OK;
}

enum err people_app_passwords(struct api_call *c, uint32_t account)
{
	struct reading r = { .call = c, .account = account };
	enum err e = store_read(c->admin->store, read, &r);
	struct api_list list;

	if (e != OK)
		return e;
	api_list_open(c, &list);
	for (size_t i = 0; i < r.passwords.count; i++) {
		const struct app_password *p = &r.passwords.items[i];

		json_open(c->out, NULL, '{');
		people_app_password_put(c->out, p);
		json_close(c->out);
	}
	api_list_close(&list);
	return OK;
}

void people_app_password_put(struct json_writer *w, const struct app_password *p)
{
	char id[12];
	enum login_scope bit;
	const char *name;

	json_put_str(w, "id", str_from(id, (size_t)snprintf(id, sizeof id, "%" PRIu32, p->id)));
	json_put_str(w, "label", p->label);
	json_put_time(w, "created", p->created_ms);
	json_put_time(w, "expires", p->expires_ms);
	json_put_time(w, "last_used", p->last_used_ms);
	json_open(w, "scopes", '[');
	for (size_t i = 0; (name = login_scope_name(i, &bit)) != NULL; i++)
		if (p->scopes & bit)
			json_put_str(w, NULL, str_of(name));
	json_close(w);
}

struct str people_app_password_note(struct txn *t, const struct app_password *p)
{
	struct people_note n;

	people_app_password_put(people_note_open(&n), p);
	return people_note_close(&n, txn_arena(t));
}

enum err people_app_password_was(struct txn *t, uint32_t account, uint32_t id, struct str *note)
{
	struct app_password_list list;
	enum err e = app_password_list(t, account, txn_arena(t), &list);

	*note = STR_EMPTY;
	for (size_t i = 0; e == OK && i < list.count; i++)
		if (list.items[i].id == id)
			*note = people_app_password_note(t, &list.items[i]);
	return e;
}

void people_passkey_put(struct json_writer *w, const struct passkey *p)
{
	char id[12];

	json_put_str(w, "id", str_from(id, (size_t)snprintf(id, sizeof id, "%" PRIu32, p->id)));
	json_put_str(w, "label", p->label);
	json_put_str(w, "site", p->site);
	json_put_time(w, "created", p->created_ms);
	json_put_time(w, "last_used", p->last_used_ms);
}

struct str people_passkey_note(struct txn *t, const struct passkey *p)
{
	struct people_note n;

	people_passkey_put(people_note_open(&n), p);
	return people_note_close(&n, txn_arena(t));
}

enum err people_passkey_was(struct txn *t, uint32_t account, uint32_t id, struct str *note)
{
	struct passkey_list list;
	enum err e = passkey_list(t, account, txn_arena(t), &list);

	*note = STR_EMPTY;
	for (size_t i = 0; e == OK && i < list.count; i++)
		if (list.items[i].id == id)
			*note = people_passkey_note(t, &list.items[i]);
	return e;
}

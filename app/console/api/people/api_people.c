/* console/api/people/api_people.c: see api_people.h. */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"

#include "flow/delivery/delivery.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "model/directory/login/factor.h"
#include "model/directory/login/login_recent.h"
#include "model/mailbox/mail.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"

#include <stdlib.h>

enum { NOTE_MAX = 64 << 10 };

/* --- who may what ------------------------------------------------------------------------ */

struct str people_domain(struct str address)
{
	ptrdiff_t at = str_rfind_byte(address, '@');

	return at < 0 ? STR_EMPTY : str_sub(address, (size_t)at + 1, address.n);
}

enum err people_may_domain(struct api_call *c, struct str domain)
{
	if (api_may_domain(c, str_trim(domain)))
		return OK;
	return fail(&c->why, ERR_DENIED, "%.*s is not one of the domains you administer",
	            STR_ARG(domain));
}

enum err people_write(struct api_call *c, struct str address, txn_fn *fn, void *arg)
{
	enum err e = people_may_domain(c, people_domain(address));

	return e != OK ? e : store_write(c->admin->store, fn, arg, &c->why);
}

void people_rights_changed(const struct api_call *c)
{
	const struct delivery *d = c->admin->delivery;

	if (d && d->mailboxes)
		watches_notify_rights(d->mailboxes->watches);
}

struct str people_address_new(const struct api_call *c)
{
	struct str address = STR_EMPTY;

	(void)json_str(json_get(c->body, "address"), &address);
	return str_trim(address);
}

struct role_actor people_actor(const struct api_call *c)
{
	return (struct role_actor){ .role = c->who.role == API_OWNER   ? ROLE_OWNER
		                            : c->who.role == API_ADMIN ? ROLE_ADMIN
		                                                       : ROLE_USER,
		                    .token = c->who.token };
}

enum err people_account(struct txn *t, struct api_call *c, struct str address, bool change,
                        struct account *out)
{
	enum err e = account_find(t, address, txn_arena(t), out);

	if (e == ERR_MISSING || e == ERR_SYNTAX ||
	    (e == OK && !api_may_domain(c, people_domain(out->address))))
		return fail(&c->why, ERR_MISSING, "there is no account %.*s", STR_ARG(address));
	return e == OK && change ? role_account_check(people_actor(c), out->role, &c->why) : e;
}

/* --- lists of addresses ------------------------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void people_sort(void *items, size_t count, size_t size)
{
	if (count > 1)
		qsort(items, count, size, by_address);
}

bool people_wants(const struct api_call *c, struct str address)
{
	struct str domain = api_argument(c, "domain"), of = people_domain(address);

	return api_may_domain(c, of) && (domain.n == 0 || str_eqi(domain, of));
}

/* --- accounts ---------------------------------------------------------------------------- */

static void put_domains(struct json_writer *w, struct str domains)
{
	struct str name;

	json_open(w, "domains", '[');
	while (role_domains_next(&domains, &name))
		json_put_str(w, NULL, name);
	json_close(w);
}

/* The fields that can be changed. */
static void put_fields(struct json_writer *w, const struct account *account)
{
	json_put_str(w, "name", account->name);
	json_put_bool(w, "logins", account->logins);
	json_put_bool(w, "mail", account->mail);
	json_put_str(w, "role", str_of(role_name(account->role)));
	put_domains(w, account->domains);
	json_put_u64(w, "quota_bytes", account->quota_bytes);
	json_put_u64(w, "message_bytes", account->message_bytes);
	json_put_str(w, "pop3", str_of(pop3_access_name(account->pop3)));
}

enum err people_pop3_take(struct api_call *c, struct account *to)
{
	enum pop3_access was = to->pop3;
	struct str name;

	if (!json_str(json_get(c->body, "pop3"), &name))
		return OK;
	if (!pop3_access_parse(name, &to->pop3))
		return fail(&c->why, ERR_SYNTAX, "pop3 is all, new or off");
	if (to->pop3 == POP3_SHOWS_NEW && was != POP3_SHOWS_NEW)
		to->pop3_from_ms = clock_real_ms();
	return OK;
}

static int64_t last_ok(const struct login_recent_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].ok)
			return list->items[i].last_ms;
	return 0;
}

enum err people_account_put(struct txn *t, struct api_call *c, const struct account *account)
{
	struct mail_txn m = { .t = t, .account = account->id };
	struct mail_quota quota = { 0 };
	struct login_recent_list logins;
	struct factor factor;
	enum err e = mail_quota_get(&m, &quota);

	if (e == ERR_MISSING) /* no mail yet, nor a login */
		e = OK;
	if (e == OK)
		e = login_recent_list(t, account->id, txn_arena(t), &logins);
	if (e == OK)
		e = factor_get(t, account->id, &factor);
	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	json_put_u64(c->out, "id", account->id);
	json_put_str(c->out, "address", account->address);
	put_fields(c->out, account);
	json_put_u64(c->out, "used_bytes", quota.used_bytes);
	json_put_u64(c->out, "messages", quota.emails);
	json_put_time(c->out, "created", account->created_ms);
	json_put_time(c->out, "last_login", last_ok(&logins));
	json_put_bool(c->out, "totp", factor.on);
	json_put_u64(c->out, "recovery_left", factor.recovery_left);
	json_put_u64(c->out, "passkeys", factor.passkeys);
	json_close(c->out);
	return OK;
}

struct json_writer *people_note_open(struct people_note *n)
{
	buf_init(&n->text, NOTE_MAX);
	json_writer_init(&n->w, &n->text);
	json_open(&n->w, NULL, '{');
	return &n->w;
}

struct str people_note_close(struct people_note *n, struct arena *a)
{
	struct str text;

	json_close(&n->w);
	text = buf_ok(&n->text) ? str_dup(a, buf_str(&n->text)) : STR_EMPTY;
	buf_deinit(&n->text);
	return text;
}

struct str people_account_note(struct txn *t, const struct account *account)
{
	struct people_note n;

	put_fields(people_note_open(&n), account);
	return people_note_close(&n, txn_arena(t));
}

/* --- reading bodies ---------------------------------------------------------------------- */

struct str *people_strings(struct api_call *c, struct json list, size_t *count)
{
	struct str *out = arena_array(c->arena, struct str, json_count(list) + 1);
	struct json_iter it = json_iter(list);

	*count = 0;
	while (json_next(&it))
		if (json_str(it.value, &out[*count]))
			++*count;
	return out;
}

void people_strings_add(struct api_call *c, struct json more, struct str **items, size_t *count)
{
	struct str *all = arena_array(c->arena, struct str, *count + json_count(more) + 1);
	size_t added;
	struct str *new = people_strings(c, more, &added);

	for (size_t i = 0; i < *count + added; i++)
		all[i] = i < *count ? (*items)[i] : new[i - *count];
	*items = all;
	*count += added;
}

void people_strings_put(struct json_writer *w, const char *name, const struct str *items,
                        size_t count)
{
	json_open(w, name, '[');
	for (size_t i = 0; i < count; i++)
		json_put_str(w, NULL, items[i]);
	json_close(w);
}

bool people_strings_have(const struct str *items, size_t count, struct str q)
{
	for (size_t i = 0; i < count; i++)
		if (str_find(items[i], q) >= 0)
			return true;
	return false;
}

uint32_t people_id(struct str text)
{
	struct cur c = cur_of(text);
	uint32_t n;

	return cur_u32(&c, &n) && cur_done(&c) ? n : 0;
}

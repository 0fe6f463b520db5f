/* console/api/api_filters.c: filters and vacation of an account, by itself and by its
 * administrators: flow/filtering/rules.h, vacation.h, existing.h. */
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "flow/delivery/delivery.h"
#include "flow/filtering/existing.h"
#include "flow/filtering/rules.h"
#include "flow/filtering/vacation.h"
#include "formats/sieve/sieve.h"
#include "foundation/config/live.h"
#include "model/filters/filter.h"
#include "model/filters/memory.h"
#include "model/filters/scripts.h"

/* One of the two kinds of settings. */
struct filters_kind {
	enum filter_kind kind;
	const char *member; /* of the answer */
	const char *event;  /* of the audit log */
	/* Settings of the body to JSON and a script. */
	enum err (*make)(struct api_call *c, struct json_writer *w, struct buf *script);
	void (*defaults)(struct json_writer *w, const char *member);
	/* Write a summary of settings for the audit log. */
	void (*note)(struct json_writer *w, struct json settings);
};

struct filters_request {
	struct api_call *call;
	const struct filters_kind *kind;
	bool own, change; /* the caller's account; else that of parameter[0] */
	struct account account;
	struct filter filter; /* to store */
};

static enum err filters_account(struct txn *t, struct filters_request *r)
{
	struct api_call *c = r->call;
	enum err e = r->own ? account_get(t, c->who.account, c->arena, &r->account)
	                    : people_account(t, c, c->parameter[0], r->change, &r->account);

	if (e == OK)
		r->account.address = str_dup(c->arena, r->account.address);
	return e;
}

/* --- the two kinds ------------------------------------------------------------------------ */

static enum err rules_make(struct api_call *c, struct json_writer *w, struct buf *script)
{
	struct rules rules;
	enum err e = rules_read(c->arena, c->body, &rules, &c->why);

	if (e)
		return e;
	rules_sieve(&rules, script);
	rules_put(w, NULL, &rules);
	return OK;
}

static void rules_defaults(struct json_writer *w, const char *member)
{
	rules_put(w, member, &(struct rules){ 0 });
}

static void rules_note(struct json_writer *w, struct json settings)
{
	struct json forward = json_get(settings, "forward");
	struct str to = STR_EMPTY;
	bool on = false;

	(void)json_bool(json_get(forward, "on"), &on);
	(void)json_str(json_get(forward, "to"), &to);
	json_put_u64(w, "rules", json_count(json_get(settings, "rules")));
	json_put_str(w, "forward", on ? to : STR_EMPTY);
	json_put_u64(w, "blocked", json_count(json_get(settings, "blocked")));
	json_put_u64(w, "allowed", json_count(json_get(settings, "allowed")));
}

static enum err vacation_make(struct api_call *c, struct json_writer *w, struct buf *script)
{
	struct vacation vacation;
	enum err e = vacation_read(c->arena, c->body, &vacation, &c->why);

	if (e)
		return e;
	vacation_sieve(&vacation, script);
	vacation_put(w, NULL, &vacation);
	return OK;
}

static void vacation_defaults(struct json_writer *w, const char *member)
{
	vacation_put(w, member, &(struct vacation){ 0 });
}

static void vacation_note(struct json_writer *w, struct json settings)
{
	bool on = false;

	(void)json_bool(json_get(settings, "on"), &on);
	json_put_bool(w, "on", on);
}

static const struct filters_kind rules_kind = { FILTER_RULES, "filters",      "filters.change",
	                                        rules_make,   rules_defaults, rules_note };
static const struct filters_kind vacation_kind = { FILTER_VACATION,   "vacation",
	                                           "vacation.change", vacation_make,
	                                           vacation_defaults, vacation_note };

/* --- reading ------------------------------------------------------------------------------ */

static enum err filters_read(struct txn *t, void *arg)
{
	struct filters_request *r = arg;
	struct json_writer *w = r->call->out;
	struct script active = { 0 };
	struct filter filter = { 0 };
	enum err e = filters_account(t, r), found;

	if (e)
		return e;
	found = filter_get(t, r->account.id, r->kind->kind, &filter);
	e = script_active(t, r->account.id, &active);
	if ((found && found != ERR_MISSING) || (e && e != ERR_MISSING))
		return found && found != ERR_MISSING ? found : e;
	json_open(w, NULL, '{');
	if (found == OK)
		json_put_raw(w, r->kind->member, filter.settings);
	else
		r->kind->defaults(w, r->kind->member);
	json_put_str(w, "sieve", filter.script);
	json_put_str(w, "active_script", active.name);
	json_close(w);
	return OK;
}

static enum err filters_get(struct api_call *c, const struct filters_kind *kind, bool own)
{
	struct filters_request r = { .call = c, .kind = kind, .own = own };

	return store_read(c->admin->store, filters_read, &r);
}

enum err api_me_filters(struct api_call *c)
{
	return filters_get(c, &rules_kind, true);
}

enum err api_account_filters(struct api_call *c)
{
	return filters_get(c, &rules_kind, false);
}

enum err api_me_vacation(struct api_call *c)
{
	return filters_get(c, &vacation_kind, true);
}

enum err api_account_vacation(struct api_call *c)
{
	return filters_get(c, &vacation_kind, false);
}

/* --- writing ------------------------------------------------------------------------------ */

static struct str note_of(const struct filters_request *r, struct arena *a, struct json settings)
{
	struct people_note n;

	r->kind->note(people_note_open(&n), settings);
	return people_note_close(&n, a);
}

static bool is_on(struct json settings)
{
	bool on = false;

	return json_bool(json_get(settings, "on"), &on) && on;
}

static enum err filters_write(struct txn *t, void *arg)
{
	struct filters_request *r = arg;
	struct arena *a = txn_arena(t);
	struct json was = { NULL };
	struct filter old;
	enum err e = filters_account(t, r);

	if (e == OK)
		e = filter_get(t, r->account.id, r->kind->kind, &old);
	if (e == OK && !json_parse_long(a, str_dup(a, old.settings), FILTER_SETTINGS_MAX, &was))
		was = (struct json){ NULL };
	if (e == OK || (e == ERR_MISSING && r->account.id != 0))
		e = filter_put(t, r->account.id, r->kind->kind, &r->filter);
	/* everybody gets a reply again (RFC 5230 4.2) */
	if (e == OK && r->kind->kind == FILTER_VACATION && is_on(r->call->body) && !is_on(was))
		e = filter_memory_clear(t, r->account.id);
	return e ? e
	         : api_audit(t, r->call, r->kind->event, r->account.address, note_of(r, a, was),
	                     note_of(r, a, r->call->body));
}

/* Only the maximum of a program is an error: settings that were read make a valid script. */
static enum err filters_compile(struct api_call *c, struct filter *filter)
{
	struct sieve_errors errors;

	if (filter->script.n == 0 ||
	    script_compile(c->arena, filter->script, &filter->program, &errors))
		return OK;
	return fail(&c->why, ERR_LIMIT, "the filters cannot be used: %.*s",
	            STR_ARG(errors.items[0].text));
}

static enum err filters_put(struct api_call *c, const struct filters_kind *kind, bool own)
{
	struct filters_request r = { .call = c, .kind = kind, .own = own, .change = true };
	struct json_writer w;
	struct buf settings, script;
	enum err e;

	buf_init(&settings, FILTER_SETTINGS_MAX);
	buf_init(&script, SCRIPT_TEXT_MAX);
	json_writer_init(&w, &settings);
	e = kind->make(c, &w, &script);
	if (e == OK && (!buf_ok(&settings) || !buf_ok(&script)))
		e = fail(&c->why, ERR_LIMIT, "these are too many filters");
	r.filter.settings = buf_str(&settings);
	r.filter.script = buf_str(&script);
	if (e == OK)
		e = filters_compile(c, &r.filter);
	if (e == OK)
		e = store_write(c->admin->store, filters_write, &r, &c->why);
	buf_deinit(&settings);
	buf_deinit(&script);
	return e ? e : filters_get(c, kind, own);
}

enum err api_me_filters_change(struct api_call *c)
{
	return filters_put(c, &rules_kind, true);
}

enum err api_account_filters_change(struct api_call *c)
{
	return filters_put(c, &rules_kind, false);
}

enum err api_me_vacation_change(struct api_call *c)
{
	return filters_put(c, &vacation_kind, true);
}

enum err api_account_vacation_change(struct api_call *c)
{
	return filters_put(c, &vacation_kind, false);
}

/* --- existing mail ------------------------------------------------------------------------ */

struct filters_applying {
	struct filters_request request;
	struct existing existing;
};

static enum err applying_read(struct txn *t, void *arg)
{
	return filters_account(t, arg);
}

static enum err applying_write(struct txn *t, void *arg)
{
	struct filters_applying *x = arg;
	struct people_note n;
	struct json_writer *w;
	enum err e = existing_apply(t, &x->existing);

	if (e)
		return e;
	w = people_note_open(&n);
	json_put_str(w, "mailbox", x->existing.mailbox);
	json_put_u64(w, "examined", x->existing.examined);
	return api_audit(t, x->request.call, "filters.apply", x->request.account.address, STR_EMPTY,
	                 people_note_close(&n, txn_arena(t)));
}

static void applied_put(struct json_writer *w, const struct existing *x, bool changed)
{
	json_open(w, NULL, '{');
	json_open(w, "messages", '[');
	for (const struct existing_change *c = x->changes; c != NULL; c = c->next) {
		json_open(w, NULL, '{');
		existing_put(w, c);
		json_close(w);
	}
	json_close(w);
	json_put_u64(w, "examined", x->examined);
	json_put_bool(w, "changed", changed);
	json_put_u64(w, "next", x->next);
	json_close(w);
}

static enum err filters_apply(struct api_call *c, bool own)
{
	struct filters_applying x = { .request = { .call = c, .own = own, .change = true },
		                      .existing = { .mailbox = STR("INBOX"),
		                                    .senders = own || c->who.local } };
	struct envelope_rcpt rcpt = { 0 };
	const struct envelope envelope = { .rcpts = &rcpt, .rcpt_count = 1 };
	struct filtering_mail mail = { .store = c->admin->store,
		                       .envelope = &envelope,
		                       .rcpt = &rcpt };
	uint64_t after = 0;
	bool change = false;
	enum err e = store_read(c->admin->store, applying_read, &x.request);

	if (e)
		return e;
	(void)json_str(json_get(c->body, "mailbox"), &x.existing.mailbox);
	(void)json_bool(json_get(c->body, "change"), &change);
	(void)json_u64(json_get(c->body, "after"), &after);
	x.existing.after = (uint32_t)MIN(after, (uint64_t)UINT32_MAX);
	if (c->admin->delivery == NULL ||
	    !mailaddr_of(x.request.account.address, c->arena, MAILADDR_UTF8, &mail.address))
		return fail(&c->why, ERR_RETRY, "the server is not ready");
	mail.mailboxes = c->admin->delivery->mailboxes;
	mail.account = x.request.account.id;
	rcpt.address = mail.address;
	x.existing.account = &mail;
	mail.settings = settings_ref(c->admin->live);
	e = existing_find(&x.existing, c->arena, &c->why);
	settings_unref(mail.settings);
	if (e == OK && change && x.existing.changes != NULL)
		e = store_write(c->admin->store, applying_write, &x, &c->why);
	if (e == OK)
		applied_put(c->out, &x.existing, change);
	return e;
}

enum err api_me_filters_apply(struct api_call *c)
{
	return filters_apply(c, true);
}

enum err api_account_filters_apply(struct api_call *c)
{
	return filters_apply(c, false);
}

/* console/api/api_doctor.c: what the DNS doctor found, looks that are asked for, and self-tests.
 * Nothing here waits for DNS. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/api_private.h"
#include "console/api/setup/api_setup.h"
#include "formats/message/mailaddr.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "network/http_server/http.h"
#include "network/runtime/ratelimit.h"
#include "operations/doctor/doctor.h"

/* --- what was found ----------------------------------------------------------------------- */

static void put_part(struct api_call *c, const char *name, struct str part, bool rows)
{
	struct json_writer *w = c->out;
	struct doctor_report r;

	doctor_report_begin(c->admin->doctor, part, &r);
	json_open(w, name, '{');
	json_put_str(w, "name", part);
	json_put_time(w, "looked", r.looked_ms);
	json_put_bool(w, "looking", r.looking);
	doctor_json_put(w, r.findings, rows);
	json_close(w);
	doctor_report_end(&r);
}

/* --- domains ------------------------------------------------------------------------------ */

struct listing {
	struct arena *a;
	struct domain_list domains;
};

static enum err list(struct txn *t, void *arg)
{
	struct listing *l = arg;

	return domain_list(t, l->a, &l->domains);
}

static enum err find(struct txn *t, void *arg)
{
	return domain_get(t, *(struct str *)arg, txn_arena(t), NULL);
}

/* One of ours, and of the caller's. */
static enum err domain_check(struct api_call *c, struct str domain)
{
	enum err e;

	if (!api_may_domain(c, domain))
		return fail(&c->why, ERR_DENIED, "you do not administer this domain");
	e = store_read(c->admin->store, find, &domain);
	return e == ERR_MISSING ? fail(&c->why, e, "no such domain") : e;
}

enum err api_doctor(struct api_call *c)
{
	struct listing l = { .a = c->arena };
	enum err e = store_read(c->admin->store, list, &l);

	if (e)
		return e;
	json_open(c->out, NULL, '{');
	put_part(c, "host", STR_EMPTY, true);
	json_open(c->out, "domains", '[');
	for (size_t i = 0; i < l.domains.count; i++)
		if (api_may_domain(c, l.domains.items[i].name))
			put_part(c, NULL, l.domains.items[i].name, false);
	json_close(c->out);
	json_close(c->out);
	return OK;
}

enum err api_doctor_domain(struct api_call *c)
{
	struct str domain = str_lower(c->arena, c->parameter[0]);
	enum err e = domain_check(c, domain);

	if (e == OK)
		put_part(c, NULL, domain, true);
	return e;
}

static enum err look_all(struct api_call *c)
{
	struct listing l = { .a = c->arena };
	enum err e = store_read(c->admin->store, list, &l);

	doctor_look(c->admin->doctor, STR_EMPTY);
	for (size_t i = 0; e == OK && i < l.domains.count; i++)
		if (api_may_domain(c, l.domains.items[i].name))
			doctor_look(c->admin->doctor, l.domains.items[i].name);
	return e;
}

enum err api_doctor_look(struct api_call *c)
{
	struct str domain;
	enum err e;

	if (!json_str(json_get(c->body, "domain"), &domain))
		return look_all(c);
	domain = str_lower(c->arena, domain);
	if (str_eq(domain, STR("host"))) {
		doctor_look(c->admin->doctor, STR_EMPTY);
		return OK;
	}
	e = domain_check(c, domain);
	if (e == OK)
		doctor_look(c->admin->doctor, domain);
	return e;
}

/* --- the self-test ------------------------------------------------------------------------ */

enum err api_doctor_test(struct api_call *c)
{
	struct json_writer *w = c->out;
	struct self_test t;

	doctor_test_get(c->admin->doctor, c->who.address, c->arena, &t);
	if (t.state != SELF_TEST_NONE && !api_may_domain(c, t.domain))
		t = (struct self_test){ .state = SELF_TEST_NONE };
	json_open(w, NULL, '{');
	json_put_str(w, "state", str_of(self_test_state_name(t.state)));
	json_put_str(w, "domain", t.domain);
	json_put_str(w, "from", t.from);
	json_put_str(w, "to", t.to);
	json_put_str(w, "message_id", t.message_id);
	json_put_time(w, "started", t.started_ms);
	json_put_time(w, "ended", t.ended_ms);
	json_put_str(w, "problem", t.problem);
	json_open(w, "steps", '[');
	for (size_t i = 0; i < t.steps.count; i++)
		api_check_put(w, &t.steps.items[i]);
	json_close(w);
	json_close(w);
	return OK;
}

static struct str domain_of(struct api_call *c, struct str address)
{
	ptrdiff_t at = str_rfind_byte(address, '@');

	return str_lower(c->arena, str_sub(address, (size_t)(at + 1), address.n));
}

/* The account whose mail is tested, and the recipient of the message. */
static enum err test_order(struct api_call *c, struct str *domain, struct str *to)
{
	/* A command has a name, and none of a mailbox. */
	struct str own = str_rfind_byte(c->who.address, '@') >= 0 ? c->who.address : STR_EMPTY;

	if (!json_str(json_get(c->body, "domain"), domain))
		*domain = domain_of(c, own);
	*domain = str_lower(c->arena, *domain);
	if (domain->n == 0)
		return fail(&c->why, ERR_SYNTAX, "domain: enter the domain to test");
	if (!json_str(json_get(c->body, "to"), to))
		*to = own.n != 0 ? own : str_fmt(c->arena, "postmaster@%.*s", STR_ARG(*domain));
	if (str_rfind_byte(*to, '@') < 0)
		return fail(&c->why, ERR_SYNTAX, "to: use an address like me@example.org");
	return OK;
}

/* Each puts a message into somebody's mailbox, and asks many name servers. */
static enum err check_rate(struct api_call *c)
{
	if (c->who.local ||
	    ratelimit_take(c->admin->self_tests,
	                   str_from((const char *)&c->who.account, sizeof c->who.account)))
		return OK;
	http_set(c->response, "Retry-After", STR("180"));
	return api_refuse(c, 429, "rate", "%d self-tests an hour: wait some minutes",
	                  LIMIT_self_test_starts);
}

enum err api_doctor_test_begin(struct api_call *c)
{
	struct str domain, to;
	enum err e = test_order(c, &domain, &to);

	if (e == OK)
		e = domain_check(c, domain);
	/* The message is for somebody here: nobody has others written to by it. */
	if (e == OK)
		e = domain_check(c, domain_of(c, to));
	if (e == OK)
		e = check_rate(c);
	if (e == OK)
		e = doctor_test_begin(c->admin->doctor, c->who.address, domain,
		                      str_fmt(c->arena, "postmaster@%.*s", STR_ARG(domain)), to,
		                      &c->why);
	return e;
}

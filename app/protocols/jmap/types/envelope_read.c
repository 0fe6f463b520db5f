/* protocols/jmap/types/envelope_read.c: see envelope_read.h. */
#include "protocols/jmap/types/envelope_read.h"

#include "flow/submission/letter.h"
#include "formats/message/dsn.h"
#include "formats/smtp_wire/param.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"

enum { BY_MIN_S = 60, PARAMS_MAX = 16 };

struct reading {
	struct jmap_envelope *out;
	struct envelope_rcpt *rcpt; /* NULL: of the sender */
	struct arena *a;
	bool tls;
	struct why *why;
};

/* A parameter of MAIL or RCPT. */
struct param {
	const char *name;
	bool of_rcpt;
	bool valued;
	bool (*take)(struct reading *x, struct str value);
};

static bool envelope_refuse(struct reading *x, const char *error, const char *text)
{
	x->out->error = error;
	(void)fail(x->why, ERR_SYNTAX, "%s", text);
	return false;
}

static bool envelope_bad(struct reading *x, const char *text)
{
	return envelope_refuse(x, "invalidProperties", text);
}

/* --- Parameters of the sender --- */

static bool ignored_take(struct reading *x, struct str value)
{
	(void)x, (void)value;
	return true;
}

static bool ret_take(struct reading *x, struct str value)
{
	if (str_eqi(value, STR("FULL")))
		x->out->flags |= ENVELOPE_RET_FULL;
	else if (str_eqi(value, STR("HDRS")))
		x->out->flags |= ENVELOPE_RET_HDRS;
	else
		return envelope_bad(x, "RET is FULL or HDRS");
	return true;
}

/* The client gives it without xtext (RFC 8621 7). */
static bool envid_take(struct reading *x, struct str value)
{
	char room[3 * DSN_ENVID_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < ' ' || value.p[i] > '~')
			return envelope_bad(x, "ENVID has printable ASCII only");
	dsn_xtext_put(&b, value);
	if (!buf_ok(&b) || buf_str(&b).n > DSN_ENVID_MAX)
		return envelope_bad(x, "ENVID has at most 100 characters");
	x->out->envid = str_dup(x->a, buf_str(&b));
	return true;
}

static bool size_take(struct reading *x, struct str value)
{
	uint64_t size;

	return smtp_size_parse(value, &size) || envelope_bad(x, "SIZE is a number of bytes");
}

static bool requiretls_take(struct reading *x, struct str value)
{
	(void)value;
	if (!x->tls) /* RFC 8689 2 */
		return envelope_bad(x, "REQUIRETLS needs a request over TLS");
	x->out->flags |= ENVELOPE_REQUIRETLS;
	return true;
}

static bool release_take(struct reading *x, int64_t release_ms)
{
	if (x->out->release_ms != 0)
		return envelope_bad(x, "HOLDFOR and HOLDUNTIL exclude each other");
	if (release_ms > clock_real_ms() + (int64_t)LIMIT_smtp_hold_s * 1000)
		return envelope_bad(x, "the hold time is longer than maxDelayedSend");
	x->out->release_ms = release_ms;
	return true;
}

static bool hold_for_take(struct reading *x, struct str value)
{
	uint32_t seconds = 0;

	if (!str_eq(value, STR("0")) && !smtp_hold_for_parse(value, &seconds))
		return envelope_bad(x, "HOLDFOR is a number of seconds");
	return release_take(x, clock_real_ms() + (int64_t)seconds * 1000);
}

static bool hold_until_take(struct reading *x, struct str value)
{
	int64_t until_ms;

	if (!smtp_hold_until_parse(value, &until_ms) || until_ms <= 0)
		return envelope_bad(x, "HOLDUNTIL is a time like 2030-01-02T03:04:05Z");
	return release_take(x, until_ms);
}

/* RFC 2852 4 */
static bool by_take(struct reading *x, struct str value)
{
	struct smtp_by by;

	if (!smtp_by_parse(value, &by))
		return envelope_bad(x, "BY is seconds;N or seconds;R, optionally followed by T");
	if (by.give_back && by.seconds < BY_MIN_S)
		return envelope_bad(x, "BY with R is at least 60 seconds");
	x->out->by_ms = clock_real_ms() + (int64_t)by.seconds * 1000;
	x->out->by_mode = by.give_back ? ENVELOPE_BY_RETURN : ENVELOPE_BY_NOTIFY;
	x->out->by_trace = by.trace;
	return true;
}

static bool priority_take(struct reading *x, struct str value)
{
	int priority;

	if (!smtp_priority_parse(value, &priority))
		return envelope_bad(x, "MT-PRIORITY is -9 to 9");
	x->out->priority = (int8_t)priority;
	return true;
}

static bool utf8_take(struct reading *x, struct str value)
{
	(void)value;
	x->out->flags |= ENVELOPE_UTF8;
	return true;
}

/* --- Parameters of a recipient --- */

static bool notify_take(struct reading *x, struct str value)
{
	return dsn_notify_parse(value, &x->rcpt->notify) ||
	       envelope_bad(x, "NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY");
}

/* "rfc822;user@example.org", without xtext. */
static bool orcpt_take(struct reading *x, struct str value)
{
	ptrdiff_t type = str_find_byte(value, ';');
	struct str address;
	struct buf b;
	bool good;

	if (type < 0)
		return envelope_bad(x, "ORCPT is a type, a semicolon and an address");
	address = str_sub(value, (size_t)type + 1, value.n);
	buf_init(&b, DSN_ORCPT_MAX);
	buf_put(&b, str_sub(value, 0, (size_t)type + 1));
	if (str_startsi(value, STR("utf-8;")))
		dsn_utf8_put(&b, address);
	else
		dsn_xtext_put(&b, address);
	good = buf_ok(&b) && dsn_orcpt_check(buf_str(&b), false);
	if (good)
		x->rcpt->orcpt = str_dup(x->a, buf_str(&b));
	buf_deinit(&b);
	return good || envelope_bad(x, "ORCPT is a type, a semicolon and an address");
}

static const struct param params[] = {
	{ "AUTH", false, true, ignored_take },        /* RFC 4954 5 */
	{ "BODY", false, true, ignored_take },        /* RFC 6152 2: the message tells */
	{ "BY", false, true, by_take },               /* RFC 2852 4 */
	{ "ENVID", false, true, envid_take },         /* RFC 3461 4.4 */
	{ "HOLDFOR", false, true, hold_for_take },    /* RFC 4865 3 */
	{ "HOLDUNTIL", false, true, hold_until_take }, /* RFC 4865 3 */
	{ "MT-PRIORITY", false, true, priority_take }, /* RFC 6710 3 */
	{ "REQUIRETLS", false, false, requiretls_take }, /* RFC 8689 2 */
	{ "RET", false, true, ret_take },             /* RFC 3461 4.3 */
	{ "SIZE", false, true, size_take },           /* RFC 1870 6 */
	{ "SMTPUTF8", false, false, utf8_take },      /* RFC 6531 3.4 */
	{ "NOTIFY", true, true, notify_take },        /* RFC 3461 4.1 */
	{ "ORCPT", true, true, orcpt_take },          /* RFC 3461 4.2 */
};

void jmap_envelope_extensions_put(struct json_writer *w)
{
	static const char *const names[] = { "8BITMIME",      "SIZE",        "DSN",
		                             "DELIVERBY",     "MT-PRIORITY", "REQUIRETLS",
		                             "FUTURERELEASE", "SMTPUTF8" };

	for (size_t i = 0; i < COUNT(names); i++) {
		json_open(w, names[i], '[');
		json_close(w);
	}
}

static const struct param *envelope_param_find(struct str name, bool of_rcpt)
{
	for (size_t i = 0; i < COUNT(params); i++)
		if (str_eqi(name, str_of(params[i].name)) && params[i].of_rcpt == of_rcpt)
			return &params[i];
	return NULL;
}

static bool envelope_params_take(struct reading *x, struct json v)
{
	struct json_iter it = json_iter(v);
	unsigned seen = 0;

	if (json_kind(v) != JSON_OBJECT)
		return json_kind(v) == JSON_MISSING || json_kind(v) == JSON_NULL ||
		       envelope_bad(x, "parameters: an object or null");
	while (json_next(&it)) {
		const struct param *p = envelope_param_find(it.name, x->rcpt != NULL);
		struct str value = STR_EMPTY;
		bool valued = json_str(it.value, &value);

		if (p == NULL)
			return envelope_bad(x,
			                    "parameters: this server does not offer one of them");
		if (seen & BIT(p - params))
			return envelope_bad(x, "parameters: one is given twice");
		seen |= BIT(p - params);
		if (valued != p->valued || (!valued && json_kind(it.value) != JSON_NULL))
			return envelope_bad(x, p->valued ? "parameters: one of them needs a string"
			                        : "parameters: one of them takes null only");
		if (!p->take(x, value))
			return false;
	}
	return true;
}

/* --- Addresses --- */

/* An Address object: "email" and "parameters" only. */
static bool address_form(struct json v, struct str *email)
{
	size_t members = 1u + (json_kind(json_get(v, "parameters")) != JSON_MISSING);

	return json_kind(v) == JSON_OBJECT && json_str(json_get(v, "email"), email) &&
	       json_count(v) == members;
}

static void address_put_json(struct json_writer *w, const char *name, struct str email,
                             struct json parameters)
{
	json_open(w, name, '{');
	json_put_str(w, "email", email);
	if (json_kind(parameters) == JSON_OBJECT)
		json_put_value(w, "parameters", parameters);
	else
		json_put_null(w, "parameters");
	json_close(w);
}

/* RFC 8621 7.5: "deduplicated" holds for recipients of the header; the same is done here. */
static bool rcpt_known(const struct jmap_envelope *e, const struct mailaddr *address)
{
	for (size_t i = 0; i < e->rcpt_count; i++)
		if (mailaddr_equal(&e->rcpts[i].rcpt.address, address))
			return true;
	return false;
}

static bool rcpts_read(struct reading *x, struct json list, size_t max, struct json_writer *w)
{
	struct jmap_envelope *e = x->out;
	struct json_iter it = json_iter(list);
	struct json_writer invalid;
	struct buf b;
	bool good = true, valid = true;

	if (json_count(list) == 0)
		return envelope_refuse(x, "noRecipients", "the envelope has no recipients");
	if (json_count(list) > max)
		return envelope_refuse(x, "tooManyRecipients",
		                       "the envelope has too many recipients");
	e->rcpts = arena_array(x->a, struct submit_rcpt, json_count(list));
	buf_init(&b, ENVELOPE_TEXT_MAX);
	json_writer_init(&invalid, &b);
	json_open(&invalid, NULL, '[');
	while (good && json_next(&it)) {
		struct submit_rcpt *to = &e->rcpts[e->rcpt_count];
		struct str email = STR_EMPTY;

		if (!address_form(it.value, &email)) {
			good = envelope_bad(x, "rcptTo: objects with email and parameters");
			break;
		}
		if (!mailaddr_of(email, x->a, MAILADDR_UTF8 | MAILADDR_LITERAL,
		                 &to->rcpt.address)) {
			valid = false;
			json_put_str(&invalid, NULL, email);
			continue;
		}
		address_put_json(w, NULL, email, json_get(it.value, "parameters"));
		if (rcpt_known(e, &to->rcpt.address))
			continue;
		e->rcpt_count++;
		x->rcpt = &to->rcpt;
		good = envelope_params_take(x, json_get(it.value, "parameters"));
		if (to->rcpt.orcpt.n == 0)
			to->rcpt.orcpt = dsn_orcpt_of(x->a, &to->rcpt.address);
	}
	json_close(&invalid);
	e->invalid = str_dup(x->a, buf_str(&b));
	buf_deinit(&b);
	if (good && !valid)
		return envelope_refuse(x, "invalidRecipients", "a recipient is no email address");
	return good;
}

/* Recipients beyond ASCII, or a sender, need SMTPUTF8. */
static void utf8_note(struct jmap_envelope *e)
{
	if (mailaddr_is_utf8(&e->sender))
		e->flags |= ENVELOPE_UTF8;
	for (size_t i = 0; i < e->rcpt_count; i++)
		if (mailaddr_is_utf8(&e->rcpts[i].rcpt.address))
			e->flags |= ENVELOPE_UTF8;
}

static bool envelope_end(struct reading *x, struct buf *text)
{
	bool good = buf_ok(text);

	if (good)
		x->out->text = str_dup(x->a, buf_str(text));
	utf8_note(x->out);
	return good || envelope_refuse(x, "tooManyRecipients", "the envelope is too large");
}

bool jmap_envelope_read(struct json v, size_t max, bool tls, struct arena *a,
                        struct jmap_envelope *out, struct why *why)
{
	struct reading x = { .out = out, .a = a, .tls = tls, .why = why };
	struct json from = json_get(v, "mailFrom"), to = json_get(v, "rcptTo");
	struct str email = STR_EMPTY;
	struct json_writer w;
	struct buf text;
	bool good;

	*out = (struct jmap_envelope){ 0 };
	if (json_kind(v) != JSON_OBJECT || json_count(v) != 2 || json_kind(to) != JSON_ARRAY ||
	    !address_form(from, &email))
		return envelope_bad(&x, "envelope: an object with mailFrom and rcptTo");
	if (email.n != 0 && !mailaddr_of(email, a, MAILADDR_UTF8, &out->sender))
		return envelope_refuse(&x, "forbiddenMailFrom", "mailFrom is not an email address");
	if (!envelope_params_take(&x, json_get(from, "parameters")))
		return false;
	/* RFC 4865 5.2.2 */
	if (out->by_mode != ENVELOPE_BY_NONE && out->release_ms >= out->by_ms + 1000)
		return envelope_bad(&x, "the deadline of BY is before the release time");
	buf_init(&text, ENVELOPE_TEXT_MAX);
	json_writer_init(&w, &text);
	json_open(&w, NULL, '{');
	address_put_json(&w, "mailFrom", email, json_get(from, "parameters"));
	json_open(&w, "rcptTo", '[');
	good = rcpts_read(&x, to, max, &w);
	json_close(&w);
	json_close(&w);
	good = good && envelope_end(&x, &text);
	buf_deinit(&text);
	return good;
}

bool jmap_envelope_make(const struct mailaddr *sender, const struct letter_addresses *rcpts,
                        struct arena *a, struct jmap_envelope *out, struct why *why)
{
	struct reading x = { .out = out, .a = a, .why = why };
	const struct json none = { NULL };
	struct json_writer w;
	struct buf text;
	bool good;

	*out = (struct jmap_envelope){ .sender = *sender, .rcpt_count = rcpts->count };
	if (rcpts->count == 0)
		return envelope_refuse(&x, "noRecipients", "the message has no recipients");
	out->rcpts = arena_array(a, struct submit_rcpt, rcpts->count);
	buf_init(&text, ENVELOPE_TEXT_MAX);
	json_writer_init(&w, &text);
	json_open(&w, NULL, '{');
	address_put_json(&w, "mailFrom", mailaddr_text(a, sender), none);
	json_open(&w, "rcptTo", '[');
	for (size_t i = 0; i < rcpts->count; i++) {
		out->rcpts[i].rcpt.address = rcpts->items[i].address;
		out->rcpts[i].rcpt.orcpt = dsn_orcpt_of(a, &rcpts->items[i].address);
		address_put_json(&w, NULL, mailaddr_text(a, &rcpts->items[i].address), none);
	}
	json_close(&w);
	json_close(&w);
	good = envelope_end(&x, &text);
	buf_deinit(&text);
	return good;
}

/* console/api/api_send_read.c: what POST /api/send is given; see api_private.h. */
#include "console/api/api_private.h"
#include "flow/submission/letter.h"
#include "flow/submission/raw.h"
#include "formats/message/build.h"
#include "formats/message/dsn.h"
#include "formats/message/header.h"
#include "formats/message/msgid.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "foundation/text/date.h"

enum { HEAD_MAX = 1024 };

static struct str domain_of(const struct mailaddr *from, const struct settings *s)
{
	return from->domain.n != 0 ? from->domain : s->hostname;
}

/* --- JSON ------------------------------------------------------------------------------- */

static enum err letter_read(struct api_call *c, const struct settings *s, struct send_message *m)
{
	const struct send_limits limits = { .rcpts = LIMIT_smtp_rcpts,
		                            .fields = LIMIT_send_headers,
		                            .attachments = LIMIT_send_attachments,
		                            .bytes = s->message_size };
	struct letter letter = { .date_ms = 0 };
	enum err e = letter_json_read(c->body, &limits, c->arena, &letter, &m->wishes, &c->why);

	if (e)
		return e;
	m->from = mailaddr_is_null(&m->wishes.envelope_from) ? letter.from.address
	                                                     : m->wishes.envelope_from;
	/* A later message is of its day: it would lie among old mail. */
	letter.date_ms = MAX(m->wishes.send_at_ms, clock_real_ms());
	letter.message_id = build_message_id(c->arena, domain_of(&letter.from.address, s));
	m->message_id = letter.message_id;
	m->utf8 = letter_is_utf8(&letter);
	e = letter_put(&m->text, &letter, c->arena, &c->why);
	return e == OK && !buf_ok(&m->text) ? fail(&c->why, ERR_LIMIT, "the message is too large")
	                                    : e;
}

/* --- a message that comes whole ------------------------------------------------------------ */

/* A comma list of addresses, each as in JSON. */
static enum err rcpts_read(struct api_call *c, struct str list, struct letter_addresses *out)
{
	struct cur cur = cur_of(list);
	enum err e = OK;

	out->count = 0;
	while (e == OK && !cur_done(&cur)) {
		struct letter_address one;
		struct str text;

		if (!cur_until(&cur, ',', &text))
			cur_take(&cur, cur_left(&cur), &text);
		cur_byte(&cur, ',');
		if (!letter_address_parse(str_trim(text), c->arena, &one))
			return api_invalid(c, "to", str_trim(text),
			                   "addresses, separated by commas");
		e = send_rcpt_add(out, &one.address, LIMIT_smtp_rcpts, &c->why);
	}
	return e;
}

static enum err query_read(struct api_call *c, struct send_wishes *w)
{
	struct str at = api_argument(c, "send_at"), from = api_argument(c, "from");
	struct str notify = api_argument(c, "notify"), priority = api_argument(c, "priority");
	struct cur cur = cur_of(at);
	struct letter_address one;

	if (at.n != 0 && !(date_parse_iso(&cur, &w->send_at_ms) && cur_done(&cur)))
		return api_invalid(c, "send_at", at, "a time like 2027-01-31T12:00:00Z");
	if (from.n != 0 && !letter_address_parse(from, c->arena, &one))
		return api_invalid(c, "from", from, "an address like me@example.org");
	if (from.n != 0)
		w->envelope_from = one.address;
	if (notify.n != 0 && !dsn_notify_parse(notify, &w->notify))
		return api_invalid(c, "notify", notify,
		                   "never, or a list of success, failure and delay");
	if (priority.n != 0 && !send_priority_parse(priority, &w->priority))
		return api_invalid(c, "priority", priority, "low, normal or high");
	w->tag = api_argument(c, "tag");
	if (w->tag.n != 0 && !send_line_check(w->tag, SEND_TAG_MAX))
		return fail(&c->why, ERR_SYNTAX, "tag: use one line of at most %d bytes",
		            SEND_TAG_MAX);
	return OK;
}

/* Its own identifier, or a new one in front of it. */
static void id_put(struct api_call *c, const struct settings *s, struct str header,
                   struct send_message *m)
{
	struct header_field field;
	struct str id;
	struct cur cur;

	if (header_find(header, STR("Message-ID"), &field)) {
		cur = cur_of(field.value);
		m->message_id = msgid_next(&cur, &id)
		                        ? str_dup(c->arena, str_from(id.p - 1, id.n + 2))
		                        : STR_EMPTY;
		return;
	}
	m->message_id = build_message_id(c->arena, domain_of(&m->from, s));
	build_field(&m->text, STR("Message-ID"), m->message_id);
}

static enum err raw_read(struct api_call *c, const struct settings *s, struct send_message *m)
{
	struct str to = api_argument(c, "to");
	struct raw_letter raw;
	struct buf message;
	enum err e = query_read(c, &m->wishes);

	if (e)
		return e;
	buf_init(&message, 2 * c->http->body.n + HEAD_MAX);
	e = raw_letter_read(c->http->body, LIMIT_smtp_rcpts, c->arena, &message, &raw, &c->why);
	if (e == OK && to.n != 0)
		e = rcpts_read(c, to, &raw.rcpts);
	if (e == OK && raw.rcpts.count == 0)
		e = fail(&c->why, ERR_SYNTAX, "no recipient: use ?to=, or To in the header");
	m->from = mailaddr_is_null(&m->wishes.envelope_from) ? raw.from : m->wishes.envelope_from;
	if (e == OK && mailaddr_is_null(&m->from))
		e = fail(&c->why, ERR_SYNTAX, "no sender: use ?from=, or From in the header");
	if (e == OK) {
		struct str all = buf_str(&message);

		m->wishes.rcpts = raw.rcpts;
		m->utf8 = raw.utf8;
		id_put(c, s, str_sub(all, 0, header_size(all)), m);
		buf_put(&m->text, all);
	}
	buf_deinit(&message);
	return e;
}

/* --- both ------------------------------------------------------------------------------------ */

static bool any_utf8(const struct letter_addresses *rcpts)
{
	for (size_t i = 0; i < rcpts->count; i++)
		if (mailaddr_is_utf8(&rcpts->items[i].address))
			return true;
	return false;
}

/* draft-ietf-httpapi-idempotency-key-header: the header field goes before the member. */
static enum err key_read(struct api_call *c, struct send_wishes *w)
{
	struct str key = http_header(c->http, "Idempotency-Key");

	if (key.n == 0)
		return OK;
	if (key.n > 2 && str_starts(key, STR("\"")) && str_ends(key, STR("\"")))
		key = str_sub(key, 1, key.n - 1); /* a string of structured fields */
	w->key = key;
	return send_line_check(key, SEND_KEY_MAX)
	               ? OK
	               : fail(&c->why, ERR_SYNTAX, "Idempotency-Key has at most %d bytes",
	                      SEND_KEY_MAX);
}

enum err send_message_read(struct api_call *c, const struct settings *s, struct send_message *m)
{
	bool json = json_kind(c->body) != JSON_MISSING;
	enum err e;

	*m = (struct send_message){ .utf8 = false };
	buf_init(&m->text, 2 * LIMIT_send_body);
	e = json ? letter_read(c, s, m) : raw_read(c, s, m);
	if (e == OK)
		e = key_read(c, &m->wishes);
	m->utf8 = m->utf8 || mailaddr_is_utf8(&m->from) || any_utf8(&m->wishes.rcpts);
	return e;
}

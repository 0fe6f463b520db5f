/* flow/submission/letter_json.c: see letter_json.h. */
#include "flow/submission/letter_json.h"

#include "formats/message/address.h"
#include "formats/message/dsn.h"
#include "foundation/text/base64.h"
#include "foundation/text/utf8.h"

#include <string.h>

enum { SPEC_MAX = 1024, PERSON_MAX = 500, FILE_NAME_MAX = 255, WORD_MAX = 900 };

/* The state of reading. */
struct reading {
	struct json body;
	const struct send_limits *limits;
	struct arena *a;
	struct letter *letter;
	struct send_wishes *wishes;
	struct why *why;
};

/* --- lines of text ------------------------------------------------------------------- */

static bool is_line(struct str s)
{
	size_t word = 0;

	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
		word = s.p[i] == ' ' ? 0 : word + 1;
		if (word > WORD_MAX && utf8_ascii(s)) /* nowhere to fold: RFC 5322 2.1.1 */
			return false;
	}
	return utf8_valid(s);
}

bool send_line_check(struct str s, size_t max)
{
	return s.n != 0 && s.n <= max && is_line(s);
}

static struct str text_of(const struct reading *r, const char *name)
{
	struct str text = STR_EMPTY;

	(void)json_str(json_get(r->body, name), &text);
	return text;
}

/* --- addresses ------------------------------------------------------------------------ */

bool letter_address_parse(struct str text, struct arena *a, struct letter_address *out)
{
	struct address_list list;

	if (!is_line(text))
		return false;
	address_list_parse(a, text, 2, &list);
	if (list.n != 1 || list.limited || list.items[0].kind != ADDRESS_MAILBOX ||
	    list.items[0].route.n != 0 || list.items[0].name.n > PERSON_MAX)
		return false;
	out->name = list.items[0].name;
	return letter_mailaddr(&list.items[0], a, &out->address) && utf8_valid(out->name);
}

bool letter_mailaddr(const struct address *item, struct arena *a, struct mailaddr *out)
{
	struct buf spec;
	bool ok;

	buf_init(&spec, SPEC_MAX);
	address_put_spec(&spec, item);
	ok = buf_ok(&spec) &&
	     mailaddr_of(str_dup(a, buf_str(&spec)), a, MAILADDR_UTF8 | MAILADDR_LITERAL, out);
	buf_deinit(&spec);
	return ok;
}

enum err send_rcpt_add(struct letter_addresses *rcpts, const struct mailaddr *address, size_t max,
                       struct why *why)
{
	for (size_t i = 0; i < rcpts->count; i++)
		if (mailaddr_equal(&rcpts->items[i].address, address))
			return OK;
	if (rcpts->count == max)
		return fail(why, ERR_LIMIT, "at most %zu recipients", max);
	rcpts->items[rcpts->count++] = (struct letter_address){ STR_EMPTY, *address };
	return OK;
}

static enum err address_read(const struct reading *r, const char *name, struct letter_address *out)
{
	if (letter_address_parse(text_of(r, name), r->a, out))
		return OK;
	return fail(r->why, ERR_SYNTAX, "%s must be an address like \"Ada <ada@example.org>\"",
	            name);
}

/* A list; all of it are recipients unless rcpts is false. */
static enum err addresses_read(const struct reading *r, const char *name, bool rcpts,
                               struct letter_addresses *out)
{
	struct json list = json_get(r->body, name);
	struct json_iter it = json_iter(list);
	enum err e = OK;

	if (json_count(list) > r->limits->rcpts)
		return fail(r->why, ERR_LIMIT, "%s has more than %zu addresses", name,
		            r->limits->rcpts);
	out->items = arena_array(r->a, struct letter_address, json_count(list));
	while (e == OK && json_next(&it)) {
		struct letter_address *one = &out->items[out->count++];
		struct str text = STR_EMPTY;

		(void)json_str(it.value, &text);
		if (!letter_address_parse(text, r->a, one))
			return fail(r->why, ERR_SYNTAX,
			            "address %zu of %s must be like \"Ada <ada@example.org>\"",
			            out->count, name);
		if (rcpts)
			e = send_rcpt_add(&r->wishes->rcpts, &one->address, r->limits->rcpts,
			                  r->why);
	}
	return e;
}

static enum err people_read(const struct reading *r)
{
	struct letter_addresses bcc = { 0 };
	struct letter *l = r->letter;
	enum err e = address_read(r, "from", &l->from);

	r->wishes->rcpts.items = arena_array(r->a, struct letter_address, r->limits->rcpts);
	if (e || (e = addresses_read(r, "reply_to", false, &l->reply_to)) ||
	    (e = addresses_read(r, "to", true, &l->to)) ||
	    (e = addresses_read(r, "cc", true, &l->cc)) ||
	    (e = addresses_read(r, "bcc", true, &bcc)))
		return e;
	if (r->wishes->rcpts.count == 0)
		return fail(r->why, ERR_SYNTAX, "say who gets it: to, cc or bcc");
	if (text_of(r, "envelope_from").n != 0) {
		struct letter_address one;

		if ((e = address_read(r, "envelope_from", &one)))
			return e;
		r->wishes->envelope_from = one.address;
	}
	return OK;
}

/* --- texts and fields ------------------------------------------------------------------ */

static enum err texts_read(const struct reading *r)
{
	struct letter *l = r->letter;

	l->subject = text_of(r, "subject");
	l->text = text_of(r, "text");
	l->html = text_of(r, "html");
	if (l->subject.n > SEND_SUBJECT_MAX || !is_line(l->subject))
		return fail(r->why, ERR_SYNTAX, "subject must be one line of at most %d bytes",
		            SEND_SUBJECT_MAX);
	if (l->text.n == 0 && l->html.n == 0 && json_count(json_get(r->body, "attachments")) == 0)
		return fail(r->why, ERR_SYNTAX, "say something: text, html or attachments");
	if (memchr(l->text.p, 0, l->text.n) != NULL || memchr(l->html.p, 0, l->html.n) != NULL)
		return fail(r->why, ERR_SYNTAX, "text and html may not have the character NUL");
	return OK;
}

static enum err fields_read(const struct reading *r)
{
	struct json map = json_get(r->body, "headers");
	struct json_iter it = json_iter(map);
	struct letter_field *fields;
	size_t n = 0;
	enum err e = OK;

	if (json_count(map) > r->limits->fields)
		return fail(r->why, ERR_LIMIT, "at most %zu headers", r->limits->fields);
	fields = arena_array(r->a, struct letter_field, json_count(map));
	while (e == OK && json_next(&it)) {
		struct letter_field *f = &fields[n++];

		*f = (struct letter_field){ it.name, STR_EMPTY };
		(void)json_str(it.value, &f->value);
		e = letter_field_check(f->name, f->value, r->why);
		if (e == OK && !is_line(f->value))
			e = fail(r->why, ERR_SYNTAX, "the header field %.*s cannot be folded",
			         STR_ARG(f->name));
	}
	r->letter->fields = fields;
	r->letter->field_count = n;
	return e;
}

/* --- attachments --------------------------------------------------------------------------- */

static struct str member(struct json of, const char *name)
{
	struct str text = STR_EMPTY;

	(void)json_str(json_get(of, name), &text);
	return text;
}

/* All of it is base64, with or without line ends (RFC 2045 6.8), or it is refused: half an
 * attachment is worse than none. */
static bool content_read(struct str base64, struct arena *a, struct str *out)
{
	struct buf clean, bytes;
	bool ok;

	buf_init(&clean, base64.n + 1);
	for (size_t i = 0; i < base64.n; i++)
		if (base64.p[i] != '\r' && base64.p[i] != '\n')
			buf_byte(&clean, base64.p[i]);
	buf_init(&bytes, base64.n + 1);
	ok = base64_parse(buf_str(&clean), &bytes);
	if (ok)
		*out = str_dup(a, buf_str(&bytes));
	buf_deinit(&bytes);
	buf_deinit(&clean);
	return ok;
}

static enum err part_read(const struct reading *r, struct json of, struct letter_part *p)
{
	p->name = member(of, "name");
	p->type = member(of, "type");
	p->content_id = member(of, "content_id");
	if (p->type.n == 0)
		p->type = STR("application/octet-stream");
	if (p->name.n > FILE_NAME_MAX || !is_line(p->name))
		return fail(r->why, ERR_SYNTAX,
		            "the name of an attachment is one line of at most %d bytes",
		            FILE_NAME_MAX);
	if (!letter_type_check(p->type))
		return fail(r->why, ERR_SYNTAX,
		            "the type of an attachment is like image/png, and no multipart");
	if (p->content_id.n != 0 && !letter_content_id_check(p->content_id))
		return fail(r->why, ERR_SYNTAX, "content_id is like logo@example.org, without <>");
	if (!content_read(member(of, "content"), r->a, &p->content))
		return fail(r->why, ERR_SYNTAX, "the content of an attachment is base64");
	return OK;
}

static enum err parts_read(const struct reading *r)
{
	struct json list = json_get(r->body, "attachments");
	struct json_iter it = json_iter(list);
	struct letter_part *parts;
	uint64_t bytes = 0;
	size_t n = 0;
	enum err e = OK;

	if (json_count(list) > r->limits->attachments)
		return fail(r->why, ERR_LIMIT, "at most %zu attachments", r->limits->attachments);
	parts = arena_array(r->a, struct letter_part, json_count(list));
	while (e == OK && json_next(&it)) {
		e = part_read(r, it.value, &parts[n]);
		if (e == OK && (bytes += parts[n++].content.n) > r->limits->bytes)
			e = fail(r->why, ERR_LIMIT, "the attachments are too large");
	}
	r->letter->parts = parts;
	r->letter->part_count = n;
	return e;
}

/* --- the way it goes ---------------------------------------------------------------------- */

bool send_priority_parse(struct str word, int *out)
{
	static const struct {
		struct str word;
		int level; /* RFC 6710 5.1 */
	} rows[] = { { STR("low"), -3 }, { STR("normal"), 0 }, { STR("high"), 3 } };

	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eqi(word, rows[i].word)) {
			*out = rows[i].level;
			return true;
		}
	return false;
}

static enum err metadata_read(const struct reading *r)
{
	struct json map = json_get(r->body, "metadata");
	struct json_iter it = json_iter(map);
	struct json_writer w;
	struct buf out;
	enum err e = OK;

	if (json_count(map) == 0)
		return OK;
	buf_init(&out, SEND_METADATA_MAX);
	json_writer_init(&w, &out);
	json_open(&w, NULL, '{');
	while (json_next(&it)) {
		struct str value = STR_EMPTY;

		(void)json_str(it.value, &value);
		json_put_name(&w, it.name);
		json_put_str(&w, NULL, value);
	}
	json_close(&w);
	if (buf_ok(&out))
		r->wishes->metadata = str_dup(r->a, buf_str(&out));
	else
		e = fail(r->why, ERR_LIMIT, "metadata is longer than %d bytes", SEND_METADATA_MAX);
	buf_deinit(&out);
	return e;
}

static enum err way_read(const struct reading *r)
{
	struct str priority = text_of(r, "priority"), notify = text_of(r, "notify");
	struct send_wishes *w = r->wishes;

	(void)json_time(json_get(r->body, "send_at"), &w->send_at_ms);
	if (priority.n != 0 && !send_priority_parse(priority, &w->priority))
		return fail(r->why, ERR_SYNTAX, "priority is low, normal or high");
	if (notify.n != 0 && !dsn_notify_parse(notify, &w->notify))
		return fail(r->why, ERR_SYNTAX,
		            "notify is never, or some of success, failure and delay");
	w->tag = text_of(r, "tag");
	w->key = text_of(r, "idempotency_key");
	if (w->tag.n != 0 && !send_line_check(w->tag, SEND_TAG_MAX))
		return fail(r->why, ERR_SYNTAX, "tag is one line of at most %d bytes",
		            SEND_TAG_MAX);
	if (w->key.n != 0 && !send_line_check(w->key, SEND_KEY_MAX))
		return fail(r->why, ERR_SYNTAX, "idempotency_key is one line of at most %d bytes",
		            SEND_KEY_MAX);
	return metadata_read(r);
}

enum err letter_json_read(struct json body, const struct send_limits *limits, struct arena *a,
                          struct letter *letter, struct send_wishes *wishes, struct why *why)
{
	const struct reading r = { body, limits, a, letter, wishes, why };
	enum err e;

	*letter = (struct letter){ 0 };
	*wishes = (struct send_wishes){ 0 };
	if ((e = people_read(&r)) || (e = texts_read(&r)) || (e = fields_read(&r)) ||
	    (e = way_read(&r)))
		return e;
	return parts_read(&r);
}

/* formats/sieve/body_tests.c: body (RFC 5173).
 *
 * A part is decoded piece by piece into a window, and a key is searched in each: a body of 50 MB
 * needs no more memory than a small one. Keys that need all of an encoded part at once (":is", most
 * patterns of ":matches", and others) see its first BODY_WINDOW bytes. A part that is not encoded
 * lies in memory as a whole. */
#include "formats/message/decode.h"
#include "formats/message/decode_pieces.h"
#include "formats/message/param.h"
#include "formats/sieve/match.h"

#include "foundation/text/charset.h"
#include "foundation/text/html.h"

#include <string.h>

enum { BODY_WINDOW = 24 << 10, BODY_PIECE = 2 << 10, BODY_OVERLAP = 1 << 10, BODY_PARTS = 300,
       HTML_BYTES = 32 << 10 };

const struct message *sieve_parts(struct sieve_run *r)
{
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

	if (r->parts != NULL)
		return r->parts;
	limits.parts = BODY_PARTS;
	message_parse(&r->parsed, r->m->raw, &limits, &r->message);
	(void)sieve_work(r, r->m->raw.n / 8);
	r->parts = &r->message;
	return r->parts;
}

/* "*text*" is the same as ":contains" without wildcards in it; many keys are. */
static bool pattern_is_contains(struct str key, struct str *inner)
{
	*inner = str_sub(key, 1, key.n - 1);
	if (key.n < 2 || key.p[0] != '*' || key.p[key.n - 1] != '*')
		return false;
	for (size_t i = 0; i < inner->n; i++)
		if (strchr("*?\\", inner->p[i]) != NULL)
			return false;
	return true;
}

static bool window_contains(struct sieve_matcher *m, struct str window)
{
	struct sieve_list keys = sieve_list(m->op, m->keys);
	struct str key;

	while (!m->run->stopped && sieve_list_next(m->run, &keys, &key)) {
		if (m->type == MATCH_MATCHES && !pattern_is_contains(key, &key))
			continue;
		if (sieve_contains(m->run, m->comparator, window, key))
			return true;
	}
	return false;
}

/* The window of a part. The first one is also compared as a whole. */
struct body_window {
	struct sieve_matcher *m;
	struct buf text;
	bool first;
};

static bool window_check(struct body_window *w, bool last)
{
	bool searches = w->m->type == MATCH_CONTAINS || w->m->type == MATCH_MATCHES;
	bool found = searches && window_contains(w->m, buf_str(&w->text));

	if (!found && w->first && w->m->type != MATCH_CONTAINS)
		found = sieve_matcher_value(w->m, buf_str(&w->text));
	else if (w->first && w->m->type == MATCH_CONTAINS)
		w->m->count++;
	w->first = false;
	if (!last)
		buf_drop(&w->text, w->text.n - MIN(w->text.n, (size_t)BODY_OVERLAP));
	return found;
}

/* Append text; when the window is full its keys are searched. */
static bool window_add(struct body_window *w, struct str text)
{
	bool found = false;

	while (!found && text.n != 0) {
		struct str piece = str_sub(text, 0, BODY_WINDOW - w->text.n);

		buf_put(&w->text, piece);
		text = str_sub(text, piece.n, text.n);
		if (w->text.n == BODY_WINDOW)
			found = window_check(w, false);
	}
	return found;
}

static bool is_utf8(struct str charset)
{
	return charset.n == 0 || str_eqi(charset, STR("utf-8")) ||
	       str_eqi(charset, STR("us-ascii"));
}

static bool part_scan(struct body_window *w, const struct part *part, struct str charset,
                      struct str body)
{
	struct decode_pieces d;
	struct buf bytes, text;
	bool found = false;

	decode_pieces_init(&d, part->encoding_kind);
	buf_init(&bytes, DECODE_REST_MAX + BODY_PIECE + 3);
	buf_init(&text, (size_t)CHARSET_GROWTH * (DECODE_REST_MAX + BODY_PIECE + 3));
	for (size_t at = 0; !found && at < body.n && !w->m->run->stopped; at += BODY_PIECE) {
		buf_reset(&bytes);
		buf_reset(&text);
		decode_pieces_put(&d, str_sub(body, at, at + BODY_PIECE), at + BODY_PIECE >= body.n,
		                  &bytes);
		if (is_utf8(charset))
			found = window_add(w, buf_str(&bytes));
		else
			charset_decode(&text, charset, buf_str(&bytes));
		found = found || window_add(w, buf_str(&text));
		(void)sieve_work(w->m->run, bytes.n);
	}
	buf_deinit(&text);
	buf_deinit(&bytes);
	decode_pieces_deinit(&d);
	return found || window_check(w, true);
}

/* Text that needs no decoding lies in memory, so that all keys see all of it. */
static bool part_is_plain(const struct part *part, struct str charset)
{
	return is_utf8(charset) && part->encoding_kind != ENCODING_QP &&
	       part->encoding_kind != ENCODING_BASE64;
}

/* :text of HTML is also what a person reads: of its begin, without tags (RFC 5173 5.3). */
static bool html_matches(struct sieve_matcher *m, char *room, const struct part *part,
                         struct str charset, struct str body)
{
	struct buf html, text;
	bool found;

	buf_init(&html, HTML_BYTES);
	buf_init_in(&text, room, BODY_WINDOW);
	decode_text(&html, part->encoding_kind, charset, str_sub(body, 0, HTML_BYTES));
	html_text_put(&text, buf_str(&html));
	(void)sieve_work(m->run, html.n);
	buf_deinit(&html);
	found = sieve_matcher_value(m, buf_str(&text));
	m->count--;
	return found;
}

static bool part_matches(struct sieve_matcher *m, char *room, const struct message *msg,
                         const struct part *part)
{
	struct body_window w = { .m = m, .first = true };
	struct str charset = STR_EMPTY, body = message_str(msg, part->body);

	buf_init_in(&w.text, room, BODY_WINDOW);
	if (part->kind == PART_MESSAGE)
		return window_add(&w, message_str(msg, msg->parts[part->first_child].header)) ||
		       window_check(&w, true);
	if (part->encoding_kind == ENCODING_UUENCODE)
		return false;
	if (message_is(msg, part, STR("text"), STR_EMPTY))
		(void)param_find(&m->run->scratch, message_str(msg, part->params), STR("charset"),
		                 &charset);
	if (part_is_plain(part, charset) ? sieve_matcher_value(m, body)
	                            : part_scan(&w, part, charset, body))
		return true;
	return sieve_number(m->op, ARG_TRANSFORM, TRANSFORM_TEXT) == TRANSFORM_TEXT &&
	       message_is(msg, part, STR("text"), STR("html")) &&
	       html_matches(m, room, part, charset, body);
}

/* "" is any type, "text" any subtype (RFC 5173 5.2). */
static bool type_wanted(struct sieve_run *r, const struct sieve_op *op, const struct message *msg,
                        const struct part *part)
{
	struct sieve_list types = sieve_list(op, ARG_CONTENT);
	struct str type;

	if (!sieve_has(op, ARG_CONTENT))
		return message_is(msg, part, STR("text"), STR_EMPTY);
	while (sieve_list_next(r, &types, &type)) {
		ptrdiff_t slash = str_find_byte(type, '/');
		struct str subtype =
			slash < 0 ? STR_EMPTY : str_sub(type, (size_t)slash + 1, type.n);

		if (type.n == 0 ||
		    message_is(msg, part, slash < 0 ? type : str_sub(type, 0, (size_t)slash),
		               subtype))
			return true;
	}
	return false;
}

/* :raw sees the body as it came; it lies in memory, so it needs no window. */
static bool raw_matches(struct sieve_matcher *m)
{
	return sieve_matcher_value(m,
	                           str_sub(m->run->m->raw, m->run->header.n, m->run->m->raw.n)) ||
	       sieve_matcher_end(m);
}

bool sieve_test_body(struct sieve_run *r, const struct sieve_op *op)
{
	const struct message *msg;
	struct sieve_matcher m;
	char *room;

	sieve_matcher_init(&m, r, op, ARG_1);
	m.quiet = true; /* RFC 5173 6 */
	if (sieve_number(op, ARG_TRANSFORM, TRANSFORM_TEXT) == TRANSFORM_RAW)
		return raw_matches(&m);
	msg = sieve_parts(r);
	if ((room = arena_try(&r->scratch, BODY_WINDOW)) == NULL)
		return sieve_fail(r, "The script needs too much memory");
	for (uint32_t i = 0; i < msg->n && !r->stopped; i++) {
		const struct part *part = &msg->parts[i];

		if (part->kind != PART_MULTIPART && type_wanted(r, op, msg, part) &&
		    part_matches(&m, room, msg, part))
			return true;
	}
	return sieve_matcher_end(&m);
}

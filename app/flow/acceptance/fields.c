/* flow/acceptance/fields.c: see fields.h. */
#include "flow/acceptance/fields.h"

#include "formats/message/address.h"
#include "formats/message/authors.h"
#include "formats/message/build.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"

enum { RECEIVED_MAX = 2048 };

/* RFC 3848, RFC 6531 4.3: which kind of SMTP it came by: "UTF8SMTPSA". */
static void protocol_put(struct buf *b, const struct accept_trace *t)
{
	if (t->http) { /* not registered, but what everybody writes */
		buf_put(b, t->tls.n != 0 ? STR("HTTPS") : STR("HTTP"));
		return;
	}
	if (t->lmtp)
		buf_put(b, t->utf8 ? STR("UTF8LMTP") : STR("LMTP"));
	else
		buf_put(b, t->utf8 ? STR("UTF8SMTP") : t->esmtp ? STR("ESMTP") : STR("SMTP"));
	if (t->esmtp && t->tls.n != 0)
		buf_byte(b, 'S');
	if (t->esmtp && t->login)
		buf_byte(b, 'A');
}

static void helo_put(struct buf *b, struct str helo)
{
	for (size_t i = 0; i < helo.n; i++) {
		char c = helo.p[i];
		bool fine = ascii_alnum(c) || c == '.' || c == '-' || c == '_' || c == ':' ||
		            c == '[' || c == ']';

		buf_byte(b, fine ? c : '?');
	}
}

/* "Received: from a (peer) by b with p id i for r; date": the field's text, then build_field
 * folds it. The date ends it (RFC 5321 4.4). */
void accept_trace_received_put(struct buf *out, const struct accept_trace *t)
{
	struct buf value, date;
	struct str stamp;

	buf_init(&value, RECEIVED_MAX);
	buf_put(&value, STR("from "));
	helo_put(&value, t->helo);
	if (t->peer.n != 0) /* TCP-info: an address literal (RFC 5321 4.1.3) */
		buf_fmt(&value, " ([%s%.*s])", str_find_byte(t->peer, ':') >= 0 ? "IPv6:" : "",
		        STR_ARG(t->peer));
	buf_fmt(&value, " by %.*s (Roost) with ", STR_ARG(t->hostname));
	protocol_put(&value, t);
	buf_fmt(&value, " id %.*s", STR_ARG(t->id));
	if (t->tls.n != 0)
		buf_fmt(&value, " (using %.*s)", STR_ARG(t->tls));
	if (t->only_rcpt != NULL) {
		buf_put(&value, STR(" for <"));
		mailaddr_put(&value, t->only_rcpt);
		buf_byte(&value, '>');
	}
	if (t->priority != 0) /* RFC 6710 4.1: behind all the others */
		buf_fmt(&value, " PRIORITY %d", t->priority);
	buf_init(&date, 100);
	build_date(&date, STR("D"), t->now_ms);
	stamp = str_sub(buf_str(&date), 3, date.n - 2); /* between "D: " and CRLF */
	buf_fmt(&value, "; %.*s", STR_ARG(stamp));
	build_field(out, STR("Received"), buf_str(&value));
	buf_deinit(&date);
	buf_deinit(&value);
}

static bool has_several(struct arena *a, struct str value)
{
	struct authors authors;

	return authors_parse(a, value, LIMIT_smtp_authors, &authors) == OK && authors.n > 1;
}

static void sender_put(struct buf *out, struct str name, const struct mailaddr *from)
{
	const struct address address = { .kind = ADDRESS_MAILBOX,
		                         .local = from->local,
		                         .domain = from->domain };

	build_addresses(out, name, &address, 1);
}

void accept_trace_missing_put(struct buf *out, struct str header, const struct accept_trace *t)
{
	struct arena a = { 0 };
	struct header_field field;

	if (!header_find(header, STR("Date"), &field))
		build_date(out, STR("Date"), t->now_ms);
	if (!header_find(header, STR("Message-ID"), &field))
		build_field(out, STR("Message-ID"), build_message_id(&a, t->hostname));
	if (!header_find(header, STR("From"), &field))
		sender_put(out, STR("From"), t->from);
	else if (has_several(&a, field.value) && !header_find(header, STR("Sender"), &field))
		sender_put(out, STR("Sender"), t->from);
	arena_deinit(&a);
}

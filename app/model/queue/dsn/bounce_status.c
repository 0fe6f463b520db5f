/* model/queue/dsn/bounce_status.c: the machine-readable part of a bounce; see
 * bounce_text.h. */
#include "formats/message/build.h"
#include "formats/message/dsn.h"
#include "foundation/text/date.h"
#include "foundation/text/utf8.h"
#include "model/queue/dsn/bounce_text.h"
#include "model/queue/entry.h"

enum {
	FIELD_MAX = 8192,
	WORD_MAX = 900, /* fits a line (RFC 5322 2.1.1) */
};

/* --- the status code -------------------------------------------------------------------- */

static bool status_fits(struct str s, enum bounce_action action)
{
	struct cur c = cur_of(s);
	char class;
	uint32_t subject, detail;

	if (!cur_any(&c, &class) || !cur_byte(&c, '.') || !cur_u32(&c, &subject) ||
	    subject >= 1000 || !cur_byte(&c, '.') || !cur_u32(&c, &detail) || detail >= 1000 ||
	    !cur_done(&c))
		return false;
	/* Some remotes send "2.0.0" with a 550 (RFC 3464 2.3.4). */
	return action <= BOUNCE_DELAYED ? class == '4' || class == '5' : class == '2';
}

static struct str failed_status(const struct bounce_rcpt *r)
{
	if (r->reply.code >= 500 && !r->expired)
		return STR("5.0.0");
	if (r->reply.code == 0 && !r->expired)
		return STR("5.4.0"); /* no route, found by this server */
	return r->expired ? STR("4.4.7") : STR("4.0.0"); /* delivery time expired */
}

struct str bounce_status(const struct bounce_rcpt *r)
{
	/* RFC 2852 4.1.3: delivery time expired, independent of the reply */
	if (r->late)
		return r->action == BOUNCE_FAILED ? STR("5.4.7") : STR("4.4.7");
	if (status_fits(r->reply.status, r->action))
		return r->reply.status;
	if (r->action == BOUNCE_FAILED)
		return failed_status(r);
	return r->action == BOUNCE_DELAYED ? STR("4.0.0") : STR("2.0.0");
}

/* --- fields ------------------------------------------------------------------------------- */

/* Extremely long words get a blank, since this part may not be encoded (RFC 3464 2.1);
 * not within a character. */
static bool word_breaks(char c, size_t *word)
{
	bool inside = ((unsigned char)c & 0xc0) == 0x80;
	bool breaks = *word >= WORD_MAX && !inside;

	*word = c == ' ' ? 0 : breaks ? 1 : *word + 1;
	return breaks && c != ' ';
}

/* "type; value". Control characters in text of peers are already blanks; in 7 bits,
 * non-ASCII becomes "?". */
static void typed_field_put(struct buf *out, struct str name, const char *type, struct str value,
                            bool utf8)
{
	size_t word = 0;
	struct buf b;

	buf_init(&b, FIELD_MAX);
	buf_fmt(&b, "%s; ", type);
	for (size_t i = 0; i < value.n; i++) {
		if (word_breaks(value.p[i], &word))
			buf_byte(&b, ' ');
		buf_byte(&b, utf8 || (unsigned char)value.p[i] < 0x7f ? value.p[i] : '?');
	}
	build_field(out, name, buf_str(&b));
	buf_deinit(&b);
}

/* RFC 3461 6.3 (d): the decoded ORCPT */
static void original_recipient_put(struct buf *out, struct str orcpt, bool utf8)
{
	struct buf b;

	buf_init(&b, FIELD_MAX);
	dsn_orcpt_put(&b, orcpt, utf8 ? DSN_FORM_UTF8 : DSN_FORM_ASCII);
	build_field(out, STR("Original-Recipient"), buf_str(&b));
	buf_deinit(&b);
}

static void final_recipient_put(struct buf *out, const struct mailaddr *address, bool utf8)
{
	struct buf plain, coded;
	bool is_utf8 = mailaddr_is_utf8(address);

	buf_init(&plain, 4 * MAILADDR_PATH_MAX);
	buf_init(&coded, FIELD_MAX);
	mailaddr_put(&plain, address);
	if (is_utf8 && !utf8)
		dsn_utf8_put(&coded, buf_str(&plain));
	else
		buf_put(&coded, buf_str(&plain));
	typed_field_put(out, STR("Final-Recipient"), is_utf8 ? "utf-8" : "rfc822", buf_str(&coded),
	                utf8);
	buf_deinit(&plain);
	buf_deinit(&coded);
}

static void diagnostic_put(struct buf *out, const struct envelope_reply *reply, bool utf8)
{
	struct buf b;

	if (reply->code == 0)
		return; /* no remote replied; the text goes into the first part */
	buf_init(&b, FIELD_MAX);
	buf_fmt(&b, "%u ", reply->code);
	if (reply->status.n != 0) {
		buf_put(&b, reply->status);
		buf_byte(&b, ' ');
	}
	buf_put(&b, reply->text);
	typed_field_put(out, STR("Diagnostic-Code"), "smtp", buf_str(&b), utf8);
	buf_deinit(&b);
}

/* per-recipient-fields in their order			RFC 3464 2.3 */
static void rcpt_put(struct buf *out, const struct bounce *b, const struct bounce_rcpt *r,
                     bool utf8)
{
	static const struct str actions[BOUNCE_ACTIONS] = {
		[BOUNCE_FAILED] = STR("failed"),       [BOUNCE_DELAYED] = STR("delayed"),
		[BOUNCE_RELAYED] = STR("relayed"),     [BOUNCE_EXPANDED] = STR("expanded"),
		[BOUNCE_DELIVERED] = STR("delivered"),
	};

	buf_put(out, STR("\r\n"));
	if (r->rcpt->orcpt.n != 0)
		original_recipient_put(out, r->rcpt->orcpt, utf8);
	final_recipient_put(out, &r->rcpt->address, utf8);
	build_field(out, STR("Action"), actions[r->action]);
	build_field(out, STR("Status"), bounce_status(r));
	/* RFC 3464 2.3.5: only with a remote that has replied */
	if (r->reply.remote.n != 0 && r->reply.code != 0)
		typed_field_put(out, STR("Remote-MTA"), "dns", r->reply.remote, false);
	diagnostic_put(out, &r->reply, utf8);
	build_date(out, STR("Last-Attempt-Date"), b->now_ms);
	if (r->action == BOUNCE_DELAYED)
		build_date(out, STR("Will-Retry-Until"), b->last_attempt_ms);
}

/* RFC 4865 5.1.2: the request; HOLDFOR is converted to its time. */
static void hold_put(struct buf *out, int64_t not_before_ms)
{
	struct buf value;

	if (not_before_ms == 0)
		return;
	buf_init(&value, FIELD_MAX);
	buf_put(&value, STR("until;"));
	date_put_iso(&value, not_before_ms);
	build_field(out, STR("Future-Release-Request"), buf_str(&value));
	buf_deinit(&value);
}

/* per-message-fields					RFC 3464 2.2 */
void bounce_status_put(struct buf *out, const struct bounce *b, bool utf8)
{
	const struct queue_item *item = b->item;

	if (item->envelope.envid.n != 0) { /* RFC 3461 6.3 (a) */
		struct buf envid;

		buf_init(&envid, FIELD_MAX);
		dsn_xtext_decode(&envid, item->envelope.envid);
		build_field(out, STR("Original-Envelope-Id"), buf_str(&envid));
		buf_deinit(&envid);
	}
	typed_field_put(out, STR("Reporting-MTA"), "dns", b->hostname, false);
	build_date(out, STR("Arrival-Date"), item->created_ms);
	if (item->envelope.by_mode != ENVELOPE_BY_NONE) /* RFC 2852 5 */
		build_date(out, STR("Deliver-By-Date"), item->envelope.by_ms);
	hold_put(out, item->envelope.not_before_ms);
	for (size_t i = 0; i < b->rcpt_count; i++)
		rcpt_put(out, b, &b->rcpts[i], utf8);
}

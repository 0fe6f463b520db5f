/* protocols/smtp_out/params.c: see params.h. */
#include "protocols/smtp_out/params.h"

#include "formats/message/dsn.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "model/queue/entry.h"
#include "protocols/smtp_out/route_resolve.h"

/* --- announced extensions ----------------------------------------------------------------- */

static bool params_not_blank(unsigned char c)
{
	return c != ' ' && c != '\t';
}

/* deliverby-param = min-by-time *( "," extension-token )	RFC 2852 2 */
static void deliverby_take(struct out_extensions *ext, struct str value)
{
	struct cur c = cur_of(value);

	ext->deliverby = true;
	if (!cur_u32(&c, &ext->by_min_s))
		ext->by_min_s = 0;
}

void out_params_extension(struct out_extensions *ext, struct str line)
{
	struct cur c = cur_of(line);
	struct str word = cur_while(&c, params_not_blank), value = str_trim(cur_rest(&c));

	if (str_eqi(word, STR("DSN")))
		ext->dsn = true;
	else if (str_eqi(word, STR("DELIVERBY")))
		deliverby_take(ext, value);
	else if (str_eqi(word, STR("MT-PRIORITY")))
		ext->priority = true;
	else if (str_eqi(word, STR("LIMITS")))
		smtp_limits_parse(value, &ext->limits);
}

/* --- DELIVERBY ------------------------------------------------------------------------------ */

/* RFC 2852 4.1.4: the remaining time, computed just before MAIL; with R at least a
 * second. */
static struct smtp_by by_left(const struct queue_item *item, int64_t now_ms)
{
	enum { SECONDS_MAX = 999999999 };
	int64_t left = (item->envelope.by_ms - now_ms) / 1000;
	bool give_back = item->envelope.by_mode == ENVELOPE_BY_RETURN;

	left = MIN(MAX(left, give_back ? 1 : -SECONDS_MAX), SECONDS_MAX);
	return (struct smtp_by){ .seconds = (int32_t)left,
		                 .give_back = give_back,
		                 .trace = item->envelope.by_trace };
}

bool out_params_fit(const struct out_extensions *ext, const struct queue_item *item, int64_t now_ms,
                    struct envelope_reply *reply)
{
	struct smtp_by by = by_left(item, now_ms);

	if (item->envelope.by_mode != ENVELOPE_BY_RETURN)
		return true;
	/* RFC 3463: system not capable */
	*reply = (struct envelope_reply){ .status = STR("5.3.3") };
	if (!ext->deliverby)
		reply->text = STR("the server cannot promise to deliver in time");
	else if (ext->by_min_s > (uint32_t)by.seconds)
		reply->text = STR("the server needs more time than you left it");
	else
		return true;
	return false;
}

/* --- MAIL ----------------------------------------------------------------------------------- */

void out_params_mail_put(struct buf *line, const struct out_extensions *ext,
                         const struct queue_item *item, int64_t now_ms)
{
	if (ext->dsn && (item->envelope.flags &
	                 (ENVELOPE_RET_FULL | ENVELOPE_RET_HDRS))) /* RFC 3461 5.2.1 (b) */
		buf_put(line, item->envelope.flags & ENVELOPE_RET_FULL ? STR(" RET=FULL")
		                                                       : STR(" RET=HDRS"));
	if (ext->dsn && item->envelope.envid.n != 0) /* RFC 3461 5.2.1 (a) */
		buf_fmt(line, " ENVID=%.*s", STR_ARG(item->envelope.envid));
	if (ext->deliverby && item->envelope.by_mode != ENVELOPE_BY_NONE) {
		struct smtp_by by = by_left(item, now_ms);

		buf_put(line, STR(" BY="));
		smtp_by_put(line, &by);
	}
	if (ext->priority && item->envelope.priority != 0) /* RFC 6710 4.2 */
		buf_fmt(line, " MT-PRIORITY=%d", item->envelope.priority);
}

/* --- RCPT ----------------------------------------------------------------------------------- */

/* RFC 2852 4.1.4.2: a server without DELIVERBY is at least requested to report delays. */
static unsigned notify_of(const struct out_extensions *ext, const struct queue_item *item,
                          unsigned notify)
{
	if (ext->deliverby || item->envelope.by_mode != ENVELOPE_BY_NOTIFY || (notify & DSN_NEVER))
		return notify;
	return notify == 0 ? DSN_FAILURE | DSN_DELAY : notify | DSN_DELAY;
}

/* RFC 3461 5.2.1 (d): unchanged. In ASCII for a server without SMTPUTF8 it may be too
 * long; then it is omitted. */
static void orcpt_put(struct buf *line, struct str orcpt, bool utf8)
{
	struct buf value;

	buf_init(&value, 4 * DSN_ORCPT_MAX);
	if (utf8)
		buf_put(&value, orcpt);
	else
		dsn_orcpt_put(&value, orcpt, DSN_FORM_ENVELOPE);
	if (value.n <= DSN_ORCPT_MAX)
		buf_fmt(line, " ORCPT=%.*s", STR_ARG(buf_str(&value)));
	buf_deinit(&value);
}

void out_params_rcpt_put(struct buf *line, const struct out_extensions *ext,
                         const struct queue_item *item, const struct envelope_rcpt *rcpt, bool utf8)
{
	unsigned notify = notify_of(ext, item, rcpt->notify);

	if (!ext->dsn)
		return;
	if (notify != 0) { /* RFC 3461 5.2.1 (c) */
		buf_put(line, STR(" NOTIFY="));
		dsn_notify_put(line, notify);
	}
	if (rcpt->orcpt.n != 0)
		orcpt_put(line, rcpt->orcpt, utf8);
}

/* --- transaction limits ----------------------------------------------------------------------- */

/* Is recipient i the first of his domain? */
static bool domain_new(const struct queue_item *item, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (str_eq(item->envelope.rcpts[j].address.domain,
		           item->envelope.rcpts[i].address.domain))
			return false;
	return true;
}

size_t out_params_most(const struct out_session *s, const struct queue_item *item)
{
	const struct out_way *way = s->route != NULL ? s->route->way : NULL;
	const struct smtp_limits *limits = &s->ext.limits;
	size_t most = MIN(item->envelope.rcpt_count, (size_t)LIMIT_smtp_out_rcpts), domains = 0, n;

	if (way != NULL && way->manner.rcpts != 0)
		most = MIN(most, (size_t)way->manner.rcpts);
	if (limits->rcpt_max != 0) /* RFC 9422 4.2 */
		most = MIN(most, (size_t)limits->rcpt_max);
	if (limits->rcpt_domain_max == 0)
		return most;
	for (n = 0; n < most; n++) { /* RFC 9422 4.3 */
		domains += domain_new(item, n);
		if (domains > limits->rcpt_domain_max)
			break;
	}
	return n;
}

bool out_params_spent(const struct out_session *s)
{
	const struct out_way *way = s->route != NULL ? s->route->way : NULL;
	uint64_t most = LIMIT_smtp_out_messages;

	if (way != NULL && way->manner.messages != 0)
		most = MIN(most, way->manner.messages);
	if (s->ext.limits.mail_max != 0) /* RFC 9422 4.1 */
		most = MIN(most, (uint64_t)s->ext.limits.mail_max);
	return s->messages >= most;
}

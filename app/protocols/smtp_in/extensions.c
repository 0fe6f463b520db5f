/* protocols/smtp_in/extensions.c: see extensions.h. */
#include "protocols/smtp_in/extensions.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/text/date.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/params.h"

/* --- when --------------------------------------------------------------------- */

static bool can_starttls(const struct in_session *s)
{
	return conn_can_starttls(s->c);
}

static bool can_login(const struct in_session *s)
{
	return s->login.login.account == 0 && login_allowed(s->c);
}

static bool has_tls(const struct in_session *s)
{
	return conn_tls_text(s->c).n != 0;
}

/* --- arguments ----------------------------------------------------------------- */

static void size_put(const struct in_session *s, struct buf *out)
{
	buf_fmt(out, " %" PRIu64, s->settings->message_size);
}

static void mechs_put(const struct in_session *s, struct buf *out)
{
	buf_byte(out, ' ');
	sasl_mechs_put(out, login_mechs(s->c, s->config->logins), STR(""), ' ');
}

/* RFC 4865 3: how long, and until when. */
static void hold_put(const struct in_session *s, struct buf *out)
{
	(void)s;
	buf_fmt(out, " %d ", LIMIT_smtp_hold_s);
	date_put_iso(out, in_hold_last_ms(clock_real_ms()));
}

static void by_put(const struct in_session *s, struct buf *out)
{
	(void)s;
	buf_fmt(out, " %d", IN_BY_MIN_S);
}

/* Only what is always so: how many recipients of one domain we take is not limited. */
static void limits_put(const struct in_session *s, struct buf *out)
{
	(void)s;
	buf_fmt(out, " MAILMAX=%d RCPTMAX=%d", LIMIT_smtp_messages, LIMIT_smtp_rcpts);
}

const struct in_extension in_extensions[] = {
	/* keyword         roles          offered       arguments */
	{ "PIPELINING", IN_ANY, NULL, NULL },                 /* RFC 2920 */
	{ "SIZE", IN_ANY, NULL, size_put },                   /* RFC 1870 */
	{ "8BITMIME", IN_ANY, NULL, NULL },                   /* RFC 6152 */
	{ "CHUNKING", IN_ANY, NULL, NULL },                   /* RFC 3030 2 */
	{ "BINARYMIME", IN_ANY, NULL, NULL },                 /* RFC 3030 3 */
	{ "SMTPUTF8", IN_ANY, NULL, NULL },                   /* RFC 6531 */
	{ "STARTTLS", IN_ANY, can_starttls, NULL },           /* RFC 3207 */
	{ "AUTH", BIT(SMTP_SUBMISSION), can_login, mechs_put }, /* RFC 4954 */
	{ "DSN", IN_ANY, NULL, NULL },                        /* RFC 3461 */
	{ "REQUIRETLS", IN_ANY, has_tls, NULL },              /* RFC 8689 2 */
	{ "FUTURERELEASE", BIT(SMTP_SUBMISSION), NULL, hold_put }, /* RFC 4865 */
	{ "DELIVERBY", IN_ANY, NULL, by_put },                /* RFC 2852 */
	{ "MT-PRIORITY", IN_ANY, NULL, NULL },                /* RFC 6710 */
	{ "LIMITS", IN_ANY, NULL, limits_put },               /* RFC 9422 */
	{ "ENHANCEDSTATUSCODES", IN_ANY, NULL, NULL },        /* RFC 2034; always the last */
};
const size_t in_extension_count = COUNT(in_extensions);

void in_extensions_put(const struct in_session *s, struct buf *out)
{
	for (size_t i = 0; i < COUNT(in_extensions); i++) {
		const struct in_extension *x = &in_extensions[i];

		if (!(x->roles & BIT(s->role)) || (x->offered != NULL && !x->offered(s)))
			continue;
		buf_fmt(out, "250%c%s", i + 1 == COUNT(in_extensions) ? ' ' : '-', x->keyword);
		if (x->put != NULL)
			x->put(s, out);
		buf_put(out, STR("\r\n"));
	}
}

/* model/envelope/envelope.c: see envelope.h. */
#include "model/envelope/envelope.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

struct envelope_rcpt envelope_rcpt_dup(struct arena *a, const struct envelope_rcpt *rcpt)
{
	return (struct envelope_rcpt){ .address = mailaddr_dup(a, &rcpt->address),
		                       .written = mailaddr_dup(a, &rcpt->written),
		                       .orcpt = str_dup(a, rcpt->orcpt),
		                       .notify = rcpt->notify,
		                       .actions = actions_dup(a, rcpt->actions),
		                       .filtered = rcpt->filtered };
}

const struct mailaddr *envelope_rcpt_written(const struct envelope_rcpt *rcpt)
{
	return mailaddr_is_null(&rcpt->written) ? &rcpt->address : &rcpt->written;
}

struct str envelope_rcpt_named(struct arena *a, const struct envelope_rcpt *rcpt)
{
	static const struct str ascii = STR("rfc822;"), utf8 = STR("utf-8;");
	struct str named;
	struct buf b;

	buf_init(&b, DSN_ORCPT_MAX);
	if (str_startsi(rcpt->orcpt, ascii))
		dsn_xtext_decode(&b, str_sub(rcpt->orcpt, ascii.n, rcpt->orcpt.n));
	else if (str_startsi(rcpt->orcpt, utf8))
		(void)dsn_utf8_decode(&b, str_sub(rcpt->orcpt, utf8.n, rcpt->orcpt.n));
	named = b.n != 0 && buf_ok(&b) ? str_dup(a, buf_str(&b))
	                               : mailaddr_text(a, envelope_rcpt_written(rcpt));
	buf_deinit(&b);
	return named;
}

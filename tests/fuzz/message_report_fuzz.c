/* Laws of what reports are made of and read from: the words of DSN (RFC 3461, RFC 6533) come back
 * the same when they are written and read again, nothing that is written could begin a line of its
 * own, and a feedback report (RFC 5965) that is taken has what one must have. */
#include "formats/message/arf.h"
#include "formats/message/dsn.h"
#include "foundation/base/arena.h"
#include "foundation/text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void one_line(const struct buf *b)
{
	assert(buf_ok(b));
	for (size_t i = 0; i < b->n; i++)
		assert(b->p[i] != '\r' && b->p[i] != '\n' && b->p[i] != '\0');
}

static void notify_law(struct str in)
{
	unsigned notify, again;
	struct buf b;

	if (!dsn_notify_parse(in, &notify))
		return;
	buf_init(&b, 100);
	dsn_notify_put(&b, notify);
	assert(dsn_notify_parse(buf_str(&b), &again) && again == notify);
	buf_deinit(&b);
}

static void xtext_law(struct str in)
{
	struct buf plain, coded;

	if (!dsn_xtext_check(in))
		return;
	buf_init(&plain, in.n + 1);
	buf_init(&coded, 3 * in.n + 1);
	dsn_xtext_decode(&plain, in);
	one_line(&plain);
	dsn_xtext_put(&coded, buf_str(&plain));
	assert(dsn_xtext_check(buf_str(&coded)));
	buf_reset(&plain);
	dsn_xtext_decode(&plain, buf_str(&coded));
	one_line(&plain);
	buf_deinit(&coded);
	buf_deinit(&plain);
}

static void orcpt_law(struct str in)
{
	struct buf b;

	if (!dsn_orcpt_check(in, true))
		return;
	buf_init(&b, 16 * DSN_ORCPT_MAX);
	for (int form = DSN_FORM_ENVELOPE; form <= DSN_FORM_UTF8; form++) {
		buf_reset(&b);
		dsn_orcpt_put(&b, in, (enum dsn_form)form);
		one_line(&b);
		assert(form == DSN_FORM_UTF8 ? utf8_valid(buf_str(&b)) : utf8_ascii(buf_str(&b)));
		if (form == DSN_FORM_ENVELOPE && b.n <= DSN_ORCPT_MAX)
			assert(dsn_orcpt_check(buf_str(&b), false));
	}
	buf_deinit(&b);
}

static void arf_law(struct str in)
{
	static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct arena a = { 0 };
	struct arf arf;

	if (arf_parse(&a, in, &limits, &arf)) {
		assert(arf.type.n != 0 && arf.agent.n != 0 && arf.original.n != 0);
		assert(arf.incidents != 0 && arf.rcpt_count <= ARF_RCPTS_MAX);
	}
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);

	notify_law(in);
	xtext_law(in);
	orcpt_law(in);
	arf_law(in);
	return 0;
}

/* Laws of SMTP's command grammar: what is accepted is within the limits of RFC 5321 and comes
 * back the same when it is printed and parsed again. */
#include "formats/smtp_wire/command.h"
#include "formats/smtp_wire/param.h"
#include "formats/smtp_wire/reply.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void path_law(struct str args, struct arena *a)
{
	struct smtp_path path, again;
	struct buf b;

	if (!smtp_path_parse(args, STR("FROM:"), MAILADDR_NULL | MAILADDR_LITERAL, a, &path))
		return;
	assert(path.addr.local.n <= MAILADDR_LOCAL_MAX);
	assert(path.addr.domain.n <= MAILADDR_DOMAIN_MAX);
	buf_init(&b, 2000);
	buf_put(&b, STR("FROM:<"));
	mailaddr_put(&b, &path.addr);
	buf_byte(&b, '>');
	assert(smtp_path_parse(buf_str(&b), STR("FROM:"), MAILADDR_NULL | MAILADDR_LITERAL, a,
	                       &again));
	assert(mailaddr_equal(&path.addr, &again.addr));
	buf_deinit(&b);
}

static void param_law(struct str in)
{
	struct smtp_by by, again;
	struct smtp_limits limits;
	uint32_t seconds;
	int64_t time_ms;
	int priority;
	struct buf b;

	if (smtp_by_parse(in, &by)) {
		assert(!by.give_back || by.seconds > 0);
		buf_init(&b, 100);
		smtp_by_put(&b, &by);
		assert(smtp_by_parse(buf_str(&b), &again) && again.seconds == by.seconds);
		buf_deinit(&b);
	}
	assert(!smtp_priority_parse(in, &priority) || (priority >= -9 && priority <= 9));
	assert(!smtp_hold_for_parse(in, &seconds) || (seconds >= 1 && seconds <= 999999999));
	(void)smtp_hold_until_parse(in, &time_ms);
	smtp_limits_parse(in, &limits);
	assert(limits.rcpt_max < 1000000 && limits.mail_max < 1000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str line = str_from((const char *)data, n), verb, args, status;
	struct smtp_reply_line reply;
	struct arena a = { 0 };

	smtp_command_split(line, &verb, &args);
	assert(verb.n + args.n <= n);
	path_law(args, &a);
	path_law(line, &a);
	(void)smtp_hello_parse(args);
	param_law(line);
	if (smtp_reply_line_parse(line, &reply)) {
		assert(reply.code >= 200 && reply.code <= 599);
		smtp_reply_status_take(reply.code, &reply.text, &status);
		assert(status.n + reply.text.n <= n);
	}
	arena_deinit(&a);
	return 0;
}

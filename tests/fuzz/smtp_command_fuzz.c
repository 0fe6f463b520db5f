/* Laws of SMTP's command grammar: what is accepted is within the limits of RFC 5321 and comes
 * back the same when it is printed and parsed again. */
#include "base/arena.h"
#include "base/buf.h"
#include "smtp/wire_command.h"
#include "smtp/wire_reply.h"

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
	if (smtp_reply_line_parse(line, &reply)) {
		assert(reply.code >= 200 && reply.code <= 599);
		smtp_reply_status_take(reply.code, &reply.text, &status);
		assert(status.n + reply.text.n <= n);
	}
	arena_deinit(&a);
	return 0;
}

/* protocols/smtp_in/vrfy.c: VRFY and EXPN (RFC 5321 3.5): who is behind an address. Told to
 * nobody (RFC 5321 7.3) but, by a setting, to users who are logged in. */
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"
#include "model/directory/resolve.h"
#include "model/store/store.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/session.h"

static bool may_ask(const struct in_session *s)
{
	return s->settings->smtp_vrfy && s->login.login.account != 0;
}

struct look {
	struct in_session *s;
	bool utf8; /* he can read it: RFC 6531 3.7.4.2 */
	struct mailaddr address;
	struct arena arena;
	struct resolved found;
};

static enum err resolve(struct txn *t, void *arg)
{
	struct look *look = arg;
	struct resolve_config config = resolve_config(look->s->settings);

	return directory_resolve(t, look->address, &config, &look->arena, &look->found);
}

/* "user@domain", also in angle brackets. False: answered, or there is nobody. */
static bool look_up(struct look *look, struct str args)
{
	struct in_session *s = look->s;
	ptrdiff_t blank = str_rfind_byte(args, ' ');

	/* "SMTPUTF8" behind the address; it takes no value. */
	if (blank >= 0 && str_eqi(str_sub(args, (size_t)blank + 1, args.n), STR("SMTPUTF8"))) {
		look->utf8 = true;
		args = str_trim(str_sub(args, 0, (size_t)blank));
	}
	if (str_starts(args, STR("<")) && str_ends(args, STR(">")))
		args = str_sub(args, 1, args.n - 1);
	if (!mailaddr_of(args, &look->arena, MAILADDR_UTF8, &look->address)) {
		in_bad(s, 501, "5.5.4", "syntax: an address of the form user@domain");
		return false;
	}
	if (store_read(s->config->store, resolve, look) != OK) {
		in_reply(s, 451, "4.3.0", "temporary failure, try again later");
		return false;
	}
	if (look->found.verdict == RESOLVE_FOREIGN)
		in_reply(s, 252, "2.5.0",
		         "cannot verify user, but will accept message and attempt delivery");
	else if (look->found.verdict != RESOLVE_OK)
		in_reply(s, 550, "5.1.1", "user unknown");
	return look->found.verdict == RESOLVE_OK;
}

/* RFC 6531 3.7.4.2: an address beyond ASCII is told to those only who have asked for such. */
static bool may_tell(const struct look *look, const struct mailaddr *address)
{
	return look->utf8 || (utf8_ascii(address->local) && utf8_ascii(address->domain));
}

static const char *const no_utf8 = "non-ASCII reply requires SMTPUTF8";

void in_vrfy(struct in_session *s, struct str args)
{
	struct look look = { .s = s };

	if (!may_ask(s)) {
		in_reply(s, 252, "2.5.0",
		         "cannot verify user, but will accept message and attempt delivery");
		return;
	}
	if (!look_up(&look, args))
		(void)0; /* and answered */
	else if (!may_tell(&look, &look.address))
		in_reply(s, 252, "2.6.8", "%s", no_utf8);
	else
		in_reply(s, 250, "2.1.5", "<%.*s>",
		         STR_ARG(mailaddr_text(&look.arena, &look.address)));
	arena_deinit(&look.arena);
}

static bool has_hidden(const struct resolved *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->targets[i].hidden)
			return true;
	return false;
}

static bool may_tell_all(const struct look *look)
{
	for (size_t i = 0; i < look->found.count; i++)
		if (!may_tell(look, &look->found.targets[i].address))
			return false;
	return true;
}

static void members_put(struct look *look)
{
	const struct resolved *r = &look->found;
	struct buf *out = conn_out(look->s->c);

	for (size_t i = 0; i < r->count; i++)
		buf_fmt(out, "250%c2.1.5 <%.*s>\r\n", i + 1 == r->count ? ' ' : '-',
		        STR_ARG(mailaddr_text(&look->arena, &r->targets[i].address)));
}

void in_expn(struct in_session *s, struct str args)
{
	struct look look = { .s = s };

	if (!may_ask(s)) {
		in_reply(s, 502, "5.7.0", "EXPN is disabled");
		return;
	}
	if (!look_up(&look, args))
		(void)0; /* and answered */
	else if (!look.found.alias && look.found.list_count == 0)
		in_reply(s, 550, "5.2.4", "not a mailing list");
	else if (has_hidden(&look.found))
		in_reply(s, 550, "5.7.2", "list membership is not disclosed");
	else if (look.found.count > LIMIT_smtp_expn)
		in_reply(s, 550, "5.3.4", "too many members to list");
	else if (!may_tell_all(&look))
		in_reply(s, 550, "5.6.8", "%s", no_utf8);
	else
		members_put(&look);
	arena_deinit(&look.arena);
}

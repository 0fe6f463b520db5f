/* smtp/in_mail.c: MAIL FROM: who sends, how much, in what form. */
#include "directory/may_send.h"
#include "net/conn.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "config/limits.h"
#include "smtp/in_session.h"
#include "smtp/in_story.h"
#include "smtp/wire_command.h"
#include "store/store.h"

/* --- parameters -------------------------------------------------------------- */

/* RFC 1870 6: the size as the client estimates it; refusing now saves the transfer. */
static bool size_check(struct in_session *s, struct str value)
{
	struct cur c = cur_of(value);
	uint64_t size;

	if (!cur_u64(&c, &size) || !cur_done(&c)) {
		in_bad(s, 501, "5.5.4", "SIZE takes a number");
		return false;
	}
	if (size > s->settings->message_size) {
		in_reply(s, 552, "5.3.4", "messages are at most %" PRIu64 " bytes",
		         s->settings->message_size);
		return false;
	}
	s->mail.size = size;
	return true;
}

/* RFC 6152 2. Mail is kept and sent as it came, so the value changes nothing here. */
static bool body_check(struct in_session *s, struct str value)
{
	if (str_eqi(value, STR("7BIT")) || str_eqi(value, STR("8BITMIME")))
		return true;
	in_bad(s, 501, "5.5.4", "BODY is 7BIT or 8BITMIME");
	return false;
}

static bool params_check(struct in_session *s, const struct smtp_path *path)
{
	for (size_t i = 0; i < path->param_count; i++) {
		const struct smtp_param *p = &path->params[i];

		if (str_eqi(p->keyword, STR("SIZE"))) {
			if (!size_check(s, p->value))
				return false;
		} else if (str_eqi(p->keyword, STR("BODY"))) {
			if (!body_check(s, p->value))
				return false;
		} else if (!(str_eqi(p->keyword, STR("AUTH")) && s->role == SMTP_SUBMISSION)) {
			/* RFC 4954 5: AUTH= is allowed where AUTH is offered; we trust
			 * nobody's claim, so it is read and dropped. */
			in_bad(s, 555, "5.5.4", "unknown parameter"); /* RFC 5321 4.1.1.11 */
			return false;
		}
	}
	return true;
}

/* --- who --------------------------------------------------------------------- */

struct sender_check {
	const struct in_session *s;
	struct mailaddr from;
};

static enum err sender_allowed(struct txn *t, void *arg)
{
	const struct sender_check *check = arg;
	struct resolve_config resolve = resolve_config(check->s->settings);

	return directory_may_send(t, check->s->login.login.account, check->from, &resolve, NULL);
}

/* RFC 6409 6.1: a user sends only as himself. */
static bool sender_check(struct in_session *s, struct mailaddr from)
{
	struct sender_check check = { s, from };
	struct str text;

	if (s->role != SMTP_SUBMISSION)
		return true;
	switch (store_read(s->config->store, sender_allowed, &check)) {
	case OK:
		return true;
	case ERR_DENIED:
		text = in_addr_text(s, &from);
		event(mail_refused, conn_id(s->c), ev_z(conn_service(s->c)->name),
		      ev_str(conn_peer_text(s->c)), ev_str(text), ev_int(553),
		      ev_z("sender address is not the user's"));
		metric_add(METRIC_smtp_in_refused, 1);
		in_story_mail(s, &from, STR_EMPTY, 553, "5.7.1",
		              "sender address is not the user's");
		in_reply(s, 553, "5.7.1", "you may not send as this address");
		return false;
	default:
		in_reply(s, 451, "4.3.0", "a passing failure, try again later");
		return false;
	}
}

static bool store_has_room(struct in_session *s)
{
	struct store_stats stats;

	store_stats(s->config->store, &stats);
	if (stats.full)
		in_reply(s, 452, "4.3.1", "the disk is full, try again later");
	return !stats.full;
}

void in_mail(struct in_session *s, struct str args)
{
	struct smtp_path path;

	in_reset(s); /* what a MAIL that was refused has left */
	if (s->role == SMTP_SUBMISSION && s->login.login.account == 0) {
		in_bad(s, 530, "5.7.0", "log in first"); /* RFC 4954 6 */
		return;
	}
	if (s->messages >= LIMIT_smtp_messages) {
		in_reply(s, 421, "4.7.0", "enough messages for one connection");
		in_enter(s, IN_CLOSED);
		return;
	}
	if (!smtp_path_parse(args, STR("FROM:"), MAILADDR_NULL | MAILADDR_LITERAL, &s->mail_arena,
	                     &path)) {
		in_bad(s, 501, "5.5.4", "the form is MAIL FROM:<user@domain>");
		return;
	}
	if (!params_check(s, &path) || !store_has_room(s) || !sender_check(s, path.addr))
		return;
	s->mail.from = mailaddr_dup(&s->mail_arena, &path.addr);
	in_enter(s, IN_MAIL);
	in_reply(s, 250, "2.1.0", "ok");
}

/* smtp/in_rcpt.c: RCPT TO: will somebody here take it? */
#include "config/limits.h"
#include "directory/may_post.h"
#include "directory/resolve.h"
#include "mailbox/mail.h"
#include "net/conn.h"
#include "observe/event.h"
#include "observe/metrics.h"
#include "smtp/in_session.h"
#include "smtp/in_story.h"
#include "smtp/wire_command.h"
#include "store/store.h"

#include <string.h>

struct refusal {
	unsigned code;
	const char *enhanced;
	const char *text;
};

/* One table for what the directory says and the peer hears. */
static const struct refusal refusals[] = {
	[RESOLVE_FOREIGN] = { 550, "5.7.1", "relaying denied" },
	[RESOLVE_UNKNOWN] = { 550, "5.1.1", "no such user here" },
	[RESOLVE_DISABLED] = { 550, "5.2.1", "mailbox disabled" },
	[RESOLVE_LOOP] = { 550, "5.4.6", "this alias leads nowhere" },
	[RESOLVE_OK] = { 0, "", "" },
};

/* RFC 3463 3.8: the sender is not authorized to send to the list. */
static const struct refusal no_post = { 550, "5.7.2", "you may not write to this list" };

struct rcpt_check {
	struct in_session *s;
	struct mailaddr rcpt;
	struct resolved resolved;
	bool full;    /* no target has room for what MAIL announced */
	bool no_post; /* it is a list that the sender may not write to */
};

/* RFC 1870 6.3: a full mailbox is best told here, before the message is sent. */
static bool all_full(struct txn *t, const struct rcpt_check *check)
{
	const struct resolved *r = &check->resolved;

	for (size_t i = 0; i < r->count; i++) {
		struct mail_txn m = { .t = t, .account = r->targets[i].account };

		if (m.account == 0 || mail_quota_check(&m, check->s->mail.size) != ERR_LIMIT)
			return false;
	}
	return r->count != 0;
}

static enum err resolve(struct txn *t, void *arg)
{
	struct rcpt_check *check = arg;
	struct resolve_config config = resolve_config(check->s->settings);
	const struct poster who = { check->s->login.login.account, check->s->mail.from };
	enum err e = directory_resolve(t, check->rcpt, &config, txn_arena(t), &check->resolved);

	if (e)
		return e;
	check->full = all_full(t, check);
	e = directory_may_post(t, &check->resolved, &who, &config, NULL);
	check->no_post = e == ERR_DENIED;
	return e == ERR_DENIED ? OK : e;
}

static void refuse(struct in_session *s, const struct mailaddr *rcpt, const struct refusal *why)
{
	event(rcpt_refused, conn_id(s->c), ev_z(conn_service(s->c)->name),
	      ev_str(conn_peer_text(s->c)), ev_str(in_addr_text(s, &s->mail.from)),
	      ev_str(in_addr_text(s, rcpt)), ev_int(why->code), ev_z(why->text));
	metric_add(METRIC_smtp_in_refused, 1);
	in_story_rcpt(s, rcpt, why->code, why->enhanced, why->text);
	/* A peer that tries name after name is harvesting. */
	if (++s->rcpts_refused >= LIMIT_smtp_rcpts_unknown) {
		in_reply(s, 421, "4.7.0", "too many unknown recipients");
		in_enter(s, IN_CLOSED);
		return;
	}
	in_reply(s, why->code, why->enhanced, "%s", why->text);
}

/* Would delivery/ take mail for this address from this session? */
static bool rcpt_check(struct in_session *s, const struct mailaddr *rcpt)
{
	struct rcpt_check check = { .s = s, .rcpt = *rcpt };
	enum resolve_verdict verdict;

	if (store_read(s->config->store, resolve, &check) != OK) {
		in_reply(s, 451, "4.3.0", "a passing failure, try again later");
		return false;
	}
	if (check.no_post) {
		refuse(s, rcpt, &no_post);
		return false;
	}
	if (check.full) {
		in_reply(s, 452, "4.2.2", "mailbox full");
		return false;
	}
	verdict = check.resolved.verdict;
	if (verdict == RESOLVE_OK || (verdict == RESOLVE_FOREIGN && s->role == SMTP_SUBMISSION))
		return true;
	refuse(s, rcpt, &refusals[verdict]);
	return false;
}

static void rcpt_add(struct in_mail *mail, struct arena *a, const struct mailaddr *rcpt)
{
	if (mail->rcpt_count == mail->rcpt_cap) {
		size_t cap = MAX(mail->rcpt_cap * 2, (size_t)4);
		struct mailaddr *grown = arena_array(a, struct mailaddr, cap);

		if (mail->rcpt_count != 0)
			memcpy(grown, mail->rcpts, mail->rcpt_count * sizeof *grown);
		mail->rcpts = grown;
		mail->rcpt_cap = cap;
	}
	mail->rcpts[mail->rcpt_count++] = mailaddr_dup(a, rcpt);
}

static void rcpt_take(struct in_session *s, struct str args, struct arena *a)
{
	struct smtp_path path;

	if (!smtp_path_parse(args, STR("TO:"), MAILADDR_LITERAL, a, &path)) {
		in_bad(s, 501, "5.5.4", "the form is RCPT TO:<user@domain>");
		return;
	}
	if (path.param_count != 0) {
		in_bad(s, 555, "5.5.4", "unknown parameter");
		return;
	}
	if (s->mail.rcpt_count >= LIMIT_smtp_rcpts) { /* RFC 5321 4.5.3.1.10 */
		in_reply(s, 452, "4.5.3", "too many recipients");
		return;
	}
	if (!rcpt_check(s, &path.addr))
		return;
	rcpt_add(&s->mail, &s->mail_arena, &path.addr);
	in_enter(s, IN_RCPT);
	in_reply(s, 250, "2.1.5", "ok");
}

/* Only a recipient that is accepted costs memory of the transaction, so their number limits
 * it. */
void in_rcpt(struct in_session *s, struct str args)
{
	struct arena a = { 0 };

	rcpt_take(s, args, &a);
	arena_deinit(&a);
}

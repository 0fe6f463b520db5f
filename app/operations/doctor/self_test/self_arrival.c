/* operations/doctor/self_test/self_arrival.c: the message is found; self_explain.c says what
 * that means. See self_arrival.h. */
#include "operations/doctor/self_test/self_arrival.h"

#include "flow/delivery/delivery_trace.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "model/directory/resolve.h"
#include "model/history/trace.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "model/store/store.h"

enum { STEP_MS = 100, ROWS_MAX = 50, HEADER_MAX = KIB(256) };

/* --- in the mailbox -------------------------------------------------------------------------- */

/* The header of a message if it is ours; else empty. */
static struct str header_of(const struct self_arrival *s, const struct mail_txn *m, uint64_t id)
{
	struct str header = STR_EMPTY;
	struct email email;
	struct buf b;

	if (email_get(m, id, &email) != OK || email.header_bytes > HEADER_MAX)
		return STR_EMPTY;
	buf_init(&b, HEADER_MAX);
	if (blob_get(m->t, &email.blob, 0, email.header_bytes, &b) == OK &&
	    str_eq(story_message_id(buf_str(&b)), s->message_id))
		header = str_dup(s->a, buf_str(&b));
	buf_deinit(&b);
	return header;
}

/* Among the newest of a mailbox: it came just now. */
static void mailbox_search(struct self_arrival *s, const struct mail_txn *m, enum mailbox_role role)
{
	struct email_rows rows;
	struct email_row row;
	struct mailbox box;

	if (s->header.n != 0 || mailbox_find_role(m, role, &box) != OK)
		return;
	email_rows_init(&rows, m, box.id, 1, UINT32_MAX);
	for (int i = 0; i < ROWS_MAX && s->header.n == 0 && email_rows_prev(&rows, &row); i++)
		s->header = header_of(s, m, row.email);
	(void)!email_rows_end(&rows);
	s->junk = s->header.n != 0 && role == ROLE_JUNK;
}

static enum err trace_read(struct txn *t, struct self_arrival *s)
{
	const struct trace_query q = { .text = s->message_id, .max = 1 };
	struct trace_list list;
	enum err e = trace_find(t, &q, s->a, &list);

	if (e == OK && list.count != 0)
		s->trace = list.items;
	return e;
}

static enum err search(struct txn *t, void *arg)
{
	struct self_arrival *s = arg;
	const struct resolve_config config = resolve_config(s->settings);
	struct resolved where;
	enum err e = directory_resolve(t, s->to, &config, s->a, &where);

	s->header = STR_EMPTY;
	for (size_t i = 0; e == OK && i < where.count && s->header.n == 0; i++) {
		struct mail_txn m = { NULL, t, where.targets[i].account, 0 };

		if (m.account == 0)
			continue;
		mailbox_search(s, &m, ROLE_INBOX);
		mailbox_search(s, &m, ROLE_JUNK);
		s->owner = mailaddr_text(s->a, &where.targets[i].address);
	}
	return e == OK ? trace_read(t, s) : e;
}

/* --- waiting -------------------------------------------------------------------------- */

/* Nothing is still to come: it is there, or is known to be elsewhere. */
static bool settled(const struct self_arrival *s)
{
	return s->header.n != 0 ||
	       (s->trace != NULL && trace_state(s->trace) != TRACE_STATE_QUEUED &&
	        trace_state(s->trace) != TRACE_STATE_DELAYED);
}

static bool stopped(const struct self_arrival *s)
{
	return s->stop != NULL && atomic_load(s->stop);
}

static void await(struct self_arrival *s)
{
	int64_t until_ms = clock_mono_ms() + SELF_ARRIVAL_MS;

	for (;;) {
		if (store_read(s->store, search, s) == OK && settled(s))
			break;
		if (stopped(s) || clock_mono_ms() >= until_ms)
			break;
		clock_sleep_ms(STEP_MS);
	}
	s->took_ms = clock_mono_ms() - s->began_ms;
}

void self_arrival(struct self_arrival *s, struct checks *out)
{
	await(s);
	self_judge_results(s, out);
	self_judge_filters(s, out);
	self_judge_delivery(s, out);
}

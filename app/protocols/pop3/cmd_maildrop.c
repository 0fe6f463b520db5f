/* protocols/pop3/cmd_maildrop.c: what the list of messages answers (RFC 1939 5 and 7): STAT, LIST,
 * UIDL, DELE, RSET; and QUIT, which makes the deletions (RFC 1939 6). */
#include "foundation/base/cur.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "protocols/pop3/session.h"

struct maildrop_message *pop3_message(struct pop3 *s, struct str number)
{
	struct cur c = cur_of(number);
	struct maildrop_message *m = NULL;
	uint32_t n;

	if (cur_u32(&c, &n) && cur_done(&c))
		m = maildrop_find(&s->drop, n);
	if (m == NULL)
		pop3_err(s, "", "no such message");
	return m;
}

void pop3_stat(struct pop3 *s, struct str args)
{
	(void)args;
	pop3_ok(s, "%u %llu", s->drop.n - s->drop.deleted, (unsigned long long)s->drop.size_bytes);
}

/* "number size" or "number unique-id" of a message. */
typedef void line_fn(struct pop3 *s, const struct maildrop_message *m, struct buf *out);

static void list_line_put(struct pop3 *s, const struct maildrop_message *m, line_fn *value)
{
	struct buf *out = conn_out(s->conn);

	buf_u64(out, (uint64_t)(m - s->drop.messages) + 1);
	buf_byte(out, ' ');
	value(s, m, out);
	buf_put(out, STR("\r\n"));
}

static void list_size_put(struct pop3 *s, const struct maildrop_message *m, struct buf *out)
{
	(void)s;
	buf_u64(out, m->size_bytes);
}

static void list_uid_put(struct pop3 *s, const struct maildrop_message *m, struct buf *out)
{
	maildrop_uid_put(&s->drop, m, out);
}

/* From s->next on, until the output is full. */
static bool list_lines_put(struct pop3 *s, line_fn *value)
{
	for (; s->next < s->drop.n; s->next++) {
		if (conn_out_full(s->conn))
			return false;
		if (!s->drop.messages[s->next].deleted)
			list_line_put(s, &s->drop.messages[s->next], value);
	}
	buf_put(conn_out(s->conn), STR(".\r\n"));
	return true;
}

static bool sizes_answer(struct pop3 *s)
{
	return list_lines_put(s, list_size_put);
}

static bool uids_answer(struct pop3 *s)
{
	return list_lines_put(s, list_uid_put);
}

static void one_or_all(struct pop3 *s, struct str number, line_fn *value,
                       bool (*all)(struct pop3 *s))
{
	struct maildrop_message *m;

	if (number.n == 0) {
		pop3_ok(s, "%u messages", s->drop.n - s->drop.deleted);
		s->next = 0;
		pop3_answer(s, all);
	} else if ((m = pop3_message(s, number)) != NULL) {
		buf_put(conn_out(s->conn), STR("+OK "));
		list_line_put(s, m, value);
	}
}

void pop3_list(struct pop3 *s, struct str args)
{
	one_or_all(s, args, list_size_put, sizes_answer);
}

void pop3_uidl(struct pop3 *s, struct str args)
{
	one_or_all(s, args, list_uid_put, uids_answer);
}

void pop3_dele(struct pop3 *s, struct str args)
{
	struct maildrop_message *m = pop3_message(s, args);

	if (m == NULL)
		return;
	maildrop_delete(&s->drop, m);
	pop3_ok(s, "deleted at QUIT");
}

void pop3_rset(struct pop3 *s, struct str args)
{
	(void)args;
	maildrop_reset(&s->drop);
	pop3_ok(s, "%u messages", s->drop.n);
}

/* RFC 1939 6: the reply is sent when the messages are gone for good, and the lock is released
 * before it: a client may connect again at once. */
void pop3_quit(struct pop3 *s, struct str args)
{
	struct why why = { "" };
	uint32_t count = s->drop.deleted;
	enum err e = maildrop_update(&s->drop, &why);

	(void)args;
	maildrop_close(&s->drop);
	if (e != OK) {
		event(pop3_delete_failed, conn_id(s->conn), ev_str(s->login.login.address),
		      ev_z(why.text));
		pop3_err(s, "SYS/TEMP", "no message was deleted, try again later");
	} else if (count != 0) {
		event(pop3_deleted, conn_id(s->conn), ev_str(s->login.login.address),
		      ev_int(count));
		metric_add(METRIC_pop3_deleted, count);
		pop3_ok(s, "%u messages deleted", count);
	} else {
		pop3_ok(s, "bye");
	}
	pop3_enter(s, POP3_CLOSED);
}

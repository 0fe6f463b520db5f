/* protocols/pop3/cmd_retrieve.c: RETR and TOP (RFC 1939 5 and 7).
 *
 * A message is read in pieces of a blob, each in a transaction of its own, and none while the
 * client reads. One that is longer than a piece is read under a lease, so that it comes to its end
 * also when others expunge it meanwhile (model/mailbox/lease.h). */
#include "foundation/base/cur.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/mailbox/email.h"
#include "model/store/store.h"
#include "protocols/pop3/session.h"

enum { SLICE = 8 << 10 };

/* The first one finds the blob. */
static enum err sending_read(struct txn *t, void *arg)
{
	struct pop3 *s = arg;
	struct pop3_sending *x = &s->sending;
	struct mail_txn m = { s->server->mailboxes, t, s->drop.account, s->drop.account };
	struct email email;
	enum err e = OK;

	buf_reset(&x->piece);
	if (x->offset == 0 && (e = email_get(&m, x->email, &email)) == OK) {
		x->blob = email.blob;
		x->size_bytes = email.size_bytes;
	}
	return e ? e : blob_get_some(t, &x->blob, x->offset, &x->piece);
}

static enum err sending_next(struct pop3 *s)
{
	struct pop3_sending *x = &s->sending;
	enum err e = store_read(s->server->store, sending_read, s);

	if (e == OK && x->piece.n == 0 && x->offset < x->size_bytes)
		return ERR_CORRUPT;
	x->offset += x->piece.n;
	x->used = 0;
	return e;
}

static enum err sending_begin(struct pop3 *s, uint64_t email, uint64_t lines)
{
	struct pop3_sending *x = &s->sending;
	enum err e;

	*x = (struct pop3_sending){ .email = email, .lines = { .left = lines } };
	buf_init(&x->piece, BLOB_PIECE_MAX);
	e = sending_next(s);
	if (e || x->offset >= x->size_bytes)
		return e;
	x->lease = lease_take(s->server->store, s->server->mailboxes, s->drop.account, email);
	x->offset = 0;
	return sending_next(s);
}

void pop3_sending_end(struct pop3 *s)
{
	if (s->sending.email == 0)
		return;
	lease_end(&s->sending.lease);
	buf_deinit(&s->sending.piece);
	s->sending = (struct pop3_sending){ 0 };
}

/* A message that cannot be read on ends the connection without the final dot: the client must not
 * take it for whole. */
static bool sending_broken(struct pop3 *s, enum err e)
{
	event(pop3_retrieve_failed, conn_id(s->conn), ev_str(s->login.login.address),
	      ev_z(e == ERR_CORRUPT ? "the message is damaged" : "the store cannot be read"));
	pop3_sending_end(s);
	pop3_enter(s, POP3_CLOSED);
	return true;
}

static bool message_answer(struct pop3 *s)
{
	struct pop3_sending *x = &s->sending;
	struct str slice;
	enum err e;

	while (!pop3_lines_done(&x->lines) && (x->used < x->piece.n || x->offset < x->size_bytes)) {
		if (conn_out_full(s->conn))
			return false;
		if (x->used == x->piece.n && (e = sending_next(s)))
			return sending_broken(s, e);
		slice = str_sub(buf_str(&x->piece), x->used, x->used + SLICE);
		pop3_lines_put(&x->lines, conn_out(s->conn), slice);
		x->used += slice.n;
	}
	pop3_lines_end(&x->lines, conn_out(s->conn));
	pop3_sending_end(s);
	return true;
}

static void retrieve(struct pop3 *s, struct str number, uint64_t lines)
{
	const struct maildrop_message *m = pop3_message(s, number);
	enum err e;

	if (m == NULL)
		return;
	e = sending_begin(s, m->email, lines);
	if (e) {
		pop3_sending_end(s);
		if (e == ERR_MISSING)
			pop3_err(s, "", "another client deleted the message");
		else
			pop3_failed(s, e);
		return;
	}
	metric_add(METRIC_pop3_retrieved, 1);
	pop3_ok(s, "%u octets", m->size_bytes);
	pop3_answer(s, message_answer);
}

void pop3_retr(struct pop3 *s, struct str args)
{
	retrieve(s, args, POP3_LINES_ALL);
}

void pop3_top(struct pop3 *s, struct str args)
{
	struct cur c = cur_of(args);
	struct str number;
	uint32_t lines;

	if (!cur_until(&c, ' ', &number) || !cur_byte(&c, ' ') || !cur_u32(&c, &lines) ||
	    !cur_done(&c)) {
		pop3_bad(s, "", "TOP takes a message and a number of lines");
		return;
	}
	retrieve(s, number, lines);
}

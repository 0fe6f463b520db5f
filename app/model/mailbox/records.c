/* model/mailbox/records.c: see records.h. */
#include "model/mailbox/records.h"

#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/store/store.h"

enum {
	STATE_FORM = 2,
	STATE_FORM_OLD = 1, /* up to subscriptions */
	MAILBOX_FORM = 3,
	MAILBOX_FORM_UNREAD = 2, /* without unread and threads */
	MAILBOX_FORM_PLAIN = 1,  /* and without own_seen */
	ROW_FORM = 3,
	ROW_FORM_UNTHREADED = 2, /* without thread */
	ROW_FORM_UNSAVED = 1,    /* and without saved_s */
	EMAIL_FORM = 4,
	EMAIL_FORM_HASH = 3,       /* ends with the hash of its thread */
	EMAIL_FORM_PLAIN = 2,      /* the same, and nothing is compressed */
	EMAIL_FORM_UNTHREADED = 1, /* nothing is compressed, no hash */
	CHANGE_FORM = 2,
	CHANGE_FORM_OLD = 1, /* without shown and threads */
	SMALL_MAX = 512, /* bytes of a state, mailbox or row, with the longest leaf */
};

static enum err put_buf(const struct mail_txn *m, enum space s, const struct key *k,
                        const struct buf *record)
{
	assert(buf_ok(record));
	return kv_put(m->t, s, key_str(k), buf_str(record));
}

/* --- Account state --- */

bool state_unpack(struct str record, struct account_state *out)
{
	struct unpack u = unpack_of(record);

	uint64_t form = unpack_u64(&u);

	if (form != STATE_FORM && form != STATE_FORM_OLD)
		return false;
	out->modseq = unpack_u64(&u);
	out->changes_floor = unpack_u64(&u);
	out->email_next = unpack_u64(&u);
	out->emails = unpack_u64(&u);
	out->used_bytes = unpack_u64(&u);
	out->mailbox_next = unpack_u32(&u);
	out->mailboxes = unpack_u32(&u);
	out->uidvalidity_last = unpack_u32(&u);
	out->subscriptions = unpack_u32(&u);
	out->old = form == STATE_FORM_OLD;
	out->placements = out->old ? out->emails : unpack_u64(&u);
	out->email_modseq = out->old ? out->modseq : unpack_u64(&u);
	out->thread_modseq = out->old ? out->modseq : unpack_u64(&u);
	out->placement_modseq = out->old ? out->modseq : unpack_u64(&u);
	out->mailbox_modseq = out->old ? out->modseq : unpack_u64(&u);
	out->rights_modseq = out->old ? out->modseq : unpack_u64(&u);
	out->log_modseq = out->old ? out->modseq : unpack_u64(&u);
	return unpack_ok(&u);
}

enum err state_get(const struct mail_txn *m, struct account_state *out)
{
	struct key k;
	struct str record;
	enum err e;

	key_mailbox(&k, m->account, 0);
	if ((e = kv_get(m->t, SPACE_MAILBOX, key_str(&k), &record)) != OK)
		return e == ERR_MISSING ? fail(txn_why(m->t), e,
		                               "account %" PRIu32 " has no mailboxes", m->account)
		                        : e;
	if (!state_unpack(record, out))
		return fail(txn_why(m->t), ERR_CORRUPT, "state of account %" PRIu32 " is damaged",
		            m->account);
	return OK;
}

static void state_pack_new(struct buf *b, const struct account_state *s)
{
	pack_u64(b, s->placements);
	pack_u64(b, s->email_modseq);
	pack_u64(b, s->thread_modseq);
	pack_u64(b, s->placement_modseq);
	pack_u64(b, s->mailbox_modseq);
	pack_u64(b, s->rights_modseq);
	pack_u64(b, s->log_modseq);
}

enum err state_put(const struct mail_txn *m, const struct account_state *s)
{
	char room[SMALL_MAX];
	struct key k;
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, s->old ? STATE_FORM_OLD : STATE_FORM);
	pack_u64(&b, s->modseq);
	pack_u64(&b, s->changes_floor);
	pack_u64(&b, s->email_next);
	pack_u64(&b, s->emails);
	pack_u64(&b, s->used_bytes);
	pack_u64(&b, s->mailbox_next);
	pack_u64(&b, s->mailboxes);
	pack_u64(&b, s->uidvalidity_last);
	pack_u64(&b, s->subscriptions);
	if (!s->old)
		state_pack_new(&b, s);
	key_mailbox(&k, m->account, 0);
	return put_buf(m, SPACE_MAILBOX, &k, &b);
}

/* --- Mailboxes --- */

bool mailbox_unpack(struct str record, struct mailbox *out)
{
	struct unpack u = unpack_of(record);
	uint64_t form = unpack_u64(&u);
	uint32_t role;

	if (form < MAILBOX_FORM_PLAIN || form > MAILBOX_FORM)
		return false;
	out->parent = unpack_u32(&u);
	out->leaf = unpack_str(&u);
	role = unpack_u32(&u);
	out->role = (enum mailbox_role)role;
	out->subscribed = unpack_u64(&u) != 0;
	out->uidvalidity = unpack_u32(&u);
	out->uidnext = unpack_u32(&u);
	out->exists = unpack_u32(&u);
	out->unseen = unpack_u32(&u);
	out->deleted = unpack_u32(&u);
	out->size_bytes = unpack_u64(&u);
	out->first_unseen_uid = unpack_u32(&u);
	out->first_unseen_seq = unpack_u32(&u);
	out->first_recent_uid = unpack_u32(&u);
	out->modseq = unpack_u64(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	out->own_seen = form != MAILBOX_FORM_PLAIN && unpack_u64(&u) != 0;
	out->unread = form == MAILBOX_FORM ? unpack_u32(&u) : 0;
	out->threads = form == MAILBOX_FORM ? unpack_u32(&u) : 0;
	out->unread_threads = form == MAILBOX_FORM ? unpack_u32(&u) : 0;
	out->sort_order = form == MAILBOX_FORM ? unpack_u32(&u) : 0;
	return unpack_ok(&u) && role < ROLES;
}

enum err mailbox_put(const struct mail_txn *m, const struct mailbox *box)
{
	char room[SMALL_MAX];
	struct key k;
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, MAILBOX_FORM);
	pack_u64(&b, box->parent);
	pack_str(&b, box->leaf);
	pack_u64(&b, box->role);
	pack_u64(&b, box->subscribed);
	pack_u64(&b, box->uidvalidity);
	pack_u64(&b, box->uidnext);
	pack_u64(&b, box->exists);
	pack_u64(&b, box->unseen);
	pack_u64(&b, box->deleted);
	pack_u64(&b, box->size_bytes);
	pack_u64(&b, box->first_unseen_uid);
	pack_u64(&b, box->first_unseen_seq);
	pack_u64(&b, box->first_recent_uid);
	pack_u64(&b, box->modseq);
	pack_u64(&b, (uint64_t)box->created_ms);
	pack_u64(&b, box->own_seen);
	pack_u64(&b, box->unread);
	pack_u64(&b, box->threads);
	pack_u64(&b, box->unread_threads);
	pack_u64(&b, box->sort_order);
	key_mailbox(&k, m->account, box->id);
	return put_buf(m, SPACE_MAILBOX, &k, &b);
}

/* --- Rows --- */

bool email_row_unpack(struct str record, struct email_row *out)
{
	struct unpack u = unpack_of(record);
	uint64_t form = unpack_u64(&u);

	if (form < ROW_FORM_UNSAVED || form > ROW_FORM)
		return false;
	out->email = unpack_u64(&u);
	out->modseq = unpack_u64(&u);
	out->flags.bits[0] = unpack_u64(&u);
	out->flags.bits[1] = unpack_u64(&u);
	out->size_bytes = unpack_u32(&u);
	out->internal_ms = (int64_t)unpack_u64(&u);
	out->saved_s = form != ROW_FORM_UNSAVED ? (int64_t)unpack_u64(&u) : 0;
	out->thread = form == ROW_FORM ? unpack_u64(&u) : 0;
	return unpack_ok(&u);
}

enum err email_row_put(const struct mail_txn *m, uint32_t mailbox, const struct email_row *row)
{
	char room[SMALL_MAX];
	struct key k;
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, ROW_FORM);
	pack_u64(&b, row->email);
	pack_u64(&b, row->modseq);
	pack_u64(&b, row->flags.bits[0]);
	pack_u64(&b, row->flags.bits[1]);
	pack_u64(&b, row->size_bytes);
	pack_u64(&b, (uint64_t)row->internal_ms);
	pack_u64(&b, (uint64_t)row->saved_s);
	pack_u64(&b, row->thread);
	key_uid(&k, m->account, mailbox, row->uid);
	return put_buf(m, SPACE_UID, &k, &b);
}

/* --- Emails --- */

void description_pack(struct buf *out, const struct email *e)
{
	pack_str(out, e->envelope);
	pack_str(out, e->preview);
}

bool description_unpack(struct str description, struct email *out)
{
	struct unpack u = unpack_of(description);

	out->envelope = unpack_str(&u);
	out->preview = unpack_str(&u);
	return unpack_ok(&u);
}

void email_pack(struct buf *out, const struct email *e)
{
	bool plain = e->packed.n == 0;

	pack_u64(out, plain ? EMAIL_FORM_UNTHREADED : EMAIL_FORM);
	pack_str(out, blob_id_str(&e->blob));
	pack_u64(out, e->size_bytes);
	pack_u64(out, e->header_bytes);
	pack_u64(out, e->body_lines);
	pack_u64(out, (uint64_t)e->internal_ms);
	pack_u64(out, (uint64_t)e->sent_ms);
	pack_str(out, plain ? e->envelope : e->packed);
	pack_str(out, e->structure);
	if (plain)
		pack_str(out, e->preview);
}

bool email_unpack(struct str record, struct email *out)
{
	struct unpack u = unpack_of(record);
	uint64_t form = unpack_u64(&u);
	bool compressed = form == EMAIL_FORM || form == EMAIL_FORM_HASH;

	*out = (struct email){ .size_bytes = 0 };
	if (form < EMAIL_FORM_UNTHREADED || form > EMAIL_FORM ||
	    !blob_id_of(unpack_str(&u), &out->blob))
		return false;
	out->size_bytes = unpack_u32(&u);
	out->header_bytes = unpack_u32(&u);
	out->body_lines = unpack_u32(&u);
	out->internal_ms = (int64_t)unpack_u64(&u);
	out->sent_ms = (int64_t)unpack_u64(&u);
	*(compressed ? &out->packed : &out->envelope) = unpack_str(&u);
	out->structure = unpack_str(&u);
	if (!compressed)
		out->preview = unpack_str(&u);
	if (form == EMAIL_FORM_HASH || form == EMAIL_FORM_PLAIN)
		out->old_thread = unpack_str(&u);
	return unpack_ok(&u) && (!compressed || out->packed.n != 0);
}

/* --- Changes --- */

void change_pack(struct buf *out, const struct change *what, const struct change_run *runs,
                 size_t n, const uint64_t *below)
{
	pack_u64(out, CHANGE_FORM);
	pack_u64(out, what->kind);
	pack_u64(out, what->mailbox);
	if (what->kind == CHANGE_SEEN)
		pack_u64(out, what->who);
	pack_u64(out, (uint64_t)(what->shown + 1));
	for (size_t i = 0; i < n; i++) {
		pack_u64(out, runs[i].uid);
		pack_u64(out, runs[i].count);
		pack_u64(out, runs[i].email);
		for (uint32_t k = 0; k < runs[i].count && what->kind == CHANGE_VANISHED; k++)
			pack_u64(out, *below++);
	}
}

static int shown_of_old(enum change_kind kind)
{
	return (kind == CHANGE_APPEARED) - (kind == CHANGE_VANISHED);
}

bool change_unpack(struct str record, struct change *out, struct change_runs *rest)
{
	struct unpack u = unpack_of(record);
	uint64_t form = unpack_u64(&u), shown;
	uint32_t kind;

	if (form != CHANGE_FORM && form != CHANGE_FORM_OLD)
		return false;
	kind = unpack_u32(&u);
	out->kind = (enum change_kind)kind;
	out->mailbox = unpack_u32(&u);
	out->who = kind == CHANGE_SEEN ? unpack_u32(&u) : 0;
	shown = form == CHANGE_FORM ? unpack_u64(&u) : (uint64_t)(1 + shown_of_old(out->kind));
	out->shown = (int)MIN(shown, 2) - 1;
	*rest = (struct change_runs){ u.c, form == CHANGE_FORM && kind == CHANGE_VANISHED };
	return unpack_ok(&u) && shown <= 2 && kind >= CHANGE_APPEARED && kind < CHANGE_KINDS;
}

bool change_run_unpack(struct change_runs *rest, struct change *out)
{
	struct unpack u = { .c = rest->c };

	out->uid = unpack_u32(&u);
	out->count = unpack_u32(&u);
	out->email = unpack_u64(&u);
	out->threads = cur_rest(&u.c);
	for (uint32_t i = 0; i < out->count && rest->threads && unpack_ok(&u); i++)
		unpack_u64(&u);
	out->threads.n -= cur_left(&u.c);
	if (!unpack_ok(&u) || out->uid == 0 || out->count == 0)
		return false;
	rest->c = u.c;
	return true;
}

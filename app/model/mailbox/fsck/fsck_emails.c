/* model/mailbox/fsck/fsck_emails.c: records of emails, and their placements. */
#include "model/mailbox/fsck/fsck_account.h"

#include "formats/message/envelope.h"
#include "formats/message/structure.h"
#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/pending_deletion.h"
#include "model/store/store.h"

struct email_sum {
	uint64_t emails, bytes, placements;
	uint64_t last; /* the email of the last record; its placements follow */
	uint64_t rows; /* placements of this email, so far */
};

static void placements_check(struct fsck_account *a, const struct email_sum *sum)
{
	if (sum->emails != 0 && sum->rows == 0 && pending_deletion_find(&a->m, sum->last) != OK)
		ACCOUNT_FOUND(a, "email %" PRIu64 " is in no mailbox", sum->last);
}

static enum err record_check(struct fsck_account *a, uint64_t id, struct email *email)
{
	struct arena work = { 0 };
	struct envelope envelope;
	struct structure structure;
	uint64_t size = 0;
	enum err e;

	if (id == 0 || id >= a->state.email_next)
		ACCOUNT_FOUND(a, "email %" PRIu64 " is not below the next id, %" PRIu64, id,
		              a->state.email_next);
	if (email_describe(&a->m, &work, email) != OK ||
	    !envelope_unpack(&work, email->envelope, &envelope) ||
	    !structure_unpack(&work, email->structure, &structure))
		ACCOUNT_FOUND(a, "envelope or structure of email %" PRIu64 " is damaged", id);
	arena_deinit(&work);
	e = blob_size(a->m.t, &email->blob, &size);
	if (e == ERR_MISSING)
		ACCOUNT_FOUND(a, "the blob of email %" PRIu64 " does not exist", id);
	else if (e == OK && size != email->size_bytes)
		ACCOUNT_FOUND(a, "email %" PRIu64 " has %" PRIu32 " bytes, its blob %" PRIu64, id,
		              email->size_bytes, size);
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}

/* The row that a placement names must have the email's id. */
static enum err placement_check(struct fsck_account *a, uint64_t id, struct unpack *key)
{
	uint32_t mailbox = unpack_be32(key), uid = unpack_be32(key);
	struct email_row row = { 0 };
	enum err e;

	if (!unpack_ok(key) || unpack_more(key)) {
		ACCOUNT_FOUND(a, "email %" PRIu64 " has a malformed placement", id);
		return OK;
	}
	e = email_row_get(&a->m, mailbox, uid, &row);
	if (e == ERR_MISSING || (e == OK && row.email != id))
		ACCOUNT_FOUND(a,
		              "email %" PRIu64 " is not in row %" PRIu32 " of mailbox %" PRIu32
		              ", as it says",
		              id, uid, mailbox);
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}

static enum err email_read(struct fsck_account *a, const struct kv_iter *it, struct email_sum *sum)
{
	struct unpack key = unpack_of(str_sub(it->key, 4, SIZE_MAX));
	uint64_t id = unpack_be64(&key);
	struct email email;

	if (unpack_more(&key)) {
		if (sum->emails && sum->last == id)
			sum->rows++;
		else
			ACCOUNT_FOUND(a, "email %" PRIu64 " has a placement, but no record", id);
		sum->placements++;
		return placement_check(a, id, &key);
	}
	placements_check(a, sum);
	sum->last = id;
	sum->rows = 0;
	sum->emails++;
	if (!unpack_ok(&key) || !email_unpack(it->val, &email)) {
		ACCOUNT_FOUND(a, "email %" PRIu64 " is damaged", id);
		return OK;
	}
	sum->bytes += email.size_bytes;
	return record_check(a, id, &email);
}

enum err fsck_emails(struct fsck_account *a)
{
	struct email_sum sum = { 0 };
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_EMAIL, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = email_read(a, &it, &sum);
	walked = kv_iter_end(&it);
	if (e || walked)
		return e ? e : walked;
	placements_check(a, &sum);
	if (sum.emails != a->state.emails || sum.bytes != a->state.used_bytes)
		ACCOUNT_FOUND(a,
		              "the state counts %" PRIu64 " emails of %" PRIu64
		              " bytes, there are %" PRIu64 " of %" PRIu64,
		              a->state.emails, a->state.used_bytes, sum.emails, sum.bytes);
	if (sum.placements != a->state.placements)
		ACCOUNT_FOUND(a, "the state counts %" PRIu64 " placements, there are %" PRIu64,
		              a->state.placements, sum.placements);
	return OK;
}

/* model/mailbox/email/email_new.c: see email_new.h. */
#include "model/mailbox/email/email_new.h"

#include "formats/message/envelope.h"
#include "formats/message/header.h"
#include "formats/message/preview.h"
#include "formats/message/structure.h"
#include "foundation/base/budget.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/text/date.h"
#include "model/mailbox/email/email_new_body.h"
#include "model/mailbox/records.h"
#include "model/store/packed.h"

/* The packed envelope and structure are one value of the store, at most KV_VALUE_MAX. Ordinary mail
 * needs a few hundred bytes; only crafted messages exceed this. */
enum { DESCRIPTION_MAX = 1 << 20 };

/* The limits for a message that exceeds it, or the caller's memory_bytes. With them the result
 * always fits: so many parts with so much header each are less than KV_VALUE_MAX in any packing,
 * and need less than memory_bytes. */
static const struct message_limits coarse_limits = {
	.depth = 8,
	.parts = 20,
	.header_bytes = 16 << 10,
	.params = 16,
	.addresses = 50,
	.all_params = 100,
	.all_addresses = 200,
	.memory_bytes = 2 << 20,
};

/* Shared by SMTP, LMTP, IMAP, the API and imports. */
static struct budget memory = BUDGET_OF(LIMIT_prepare_memory);

/* The memory that preparing may need: the message, a copy of it where it has several parts, the
 * parse, and the chunks that are not yet written ahead. */
static size_t memory_of(size_t size, size_t count, const struct message_limits *limits)
{
	size_t parse = MIN(MESSAGE_MEMORY_BASE + MESSAGE_MEMORY_FACTOR * size,
	                   (size_t)limits->memory_bytes);

	return (count == 1 ? size : 2 * size) + parse + MIN(size, (size_t)BLOB_AHEAD);
}

/* --- One string of all parts --- */

static size_t parts_size(const struct str *parts, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count && n <= MESSAGE_SIZE_MAX; i++)
		n += parts[i].n;
	return n;
}

/* The caller frees copy. */
static struct str parts_join(const struct str *parts, size_t count, struct buf *copy)
{
	if (count == 1)
		return parts[0];
	for (size_t i = 0; i < count; i++)
		buf_put(copy, parts[i]);
	assert(buf_ok(copy));
	return buf_str(copy);
}

/* --- Describing --- */

/* 0 when the date is invalid. */
static int64_t sent_time(struct str header)
{
	struct header_field field;
	struct date date;

	if (!header_find(header, STR("Date"), &field) || !date_parse_mail(field.value, &date))
		return 0;
	return date.time_ms;
}

/* Fills in the fields that are read from the message. False when the description is too large, or
 * needs more memory than limits allow. */
static bool describe(struct email_new *n, struct str raw, const struct message_limits *limits,
                     size_t max)
{
	struct arena work = { 0 };
	struct buf envelope_record, structure_record, preview;
	struct envelope envelope;
	struct structure structure;
	struct message msg;
	struct str header;
	bool fits;

	buf_init(&envelope_record, max);
	buf_init(&structure_record, max);
	buf_init(&preview, PREVIEW_BYTES_MAX);
	message_parse(&work, raw, limits, &msg);
	header = message_str(&msg, msg.parts[0].header);
	envelope_of(&work, header, limits, &envelope);
	envelope_pack(&envelope_record, &envelope);
	if ((fits = structure_of(&work, &msg, limits, &structure)))
		structure_pack(&structure_record, &structure);
	fits = fits && buf_ok(&envelope_record) && buf_ok(&structure_record);
	if (fits) {
		preview_put(&preview, &msg);
		n->email.header_bytes = msg.parts[0].header.len;
		n->email.body_lines = msg.parts[0].body_lines;
		n->email.sent_ms = sent_time(header);
		n->email.envelope = str_dup(&n->arena, buf_str(&envelope_record));
		n->email.structure = str_dup(&n->arena, buf_str(&structure_record));
		n->email.preview = str_dup(&n->arena, buf_str(&preview));
	}
	buf_deinit(&envelope_record);
	buf_deinit(&structure_record);
	buf_deinit(&preview);
	arena_deinit(&work);
	return fits;
}

static void description_set(struct email_new *n, struct store *s)
{
	struct buf description, packed;

	buf_init(&description, PACKED_MAX);
	buf_init(&packed, PACKED_MAX + 1);
	description_pack(&description, &n->email);
	packed_put(s, PACKED_RECORD, buf_str(&description), &packed);
	assert(buf_ok(&description) && buf_ok(&packed));
	n->email.packed = str_dup(&n->arena, buf_str(&packed));
	buf_deinit(&description);
	buf_deinit(&packed);
}

enum err email_prepare(struct store *s, const struct str *parts, size_t count,
                       const struct message_limits *limits, struct email_new **out, struct why *why)
{
	size_t size = parts_size(parts, count);
	struct buf copy;
	struct str raw;
	struct email_new *n;
	size_t taken;
	enum err e;

	*out = NULL;
	if (size > MESSAGE_SIZE_MAX)
		return fail(why, ERR_LIMIT, "a message has at most %d bytes", MESSAGE_SIZE_MAX);
	taken = budget_take(&memory, memory_of(size, count, limits));
	n = NEW(struct email_new);
	buf_init(&copy, MAX(size, 1));
	raw = parts_join(parts, count, &copy);
	n->email.size_bytes = (uint32_t)size;
	if (!describe(n, raw, limits, DESCRIPTION_MAX) &&
	    !describe(n, raw, &coarse_limits, KV_VALUE_MAX / 3)) {
		e = fail(why, ERR_LIMIT, "the structure of this message cannot be described");
		goto out;
	}
	if ((e = blob_prepare(s, parts, count, &n->draft, why)))
		goto out;
	n->email.blob = blob_draft_id(n->draft);
	description_set(n, s);
	thread_keys_of(str_sub(raw, 0, n->email.header_bytes), &n->email.blob, &n->thread_keys);
	*out = n;
	n = NULL;
out:
	buf_deinit(&copy);
	email_new_free(&n);
	budget_give(&memory, taken);
	return e;
}

void email_new_free(struct email_new **e)
{
	if (!*e)
		return;
	blob_draft_free(&(*e)->draft);
	arena_deinit(&(*e)->arena);
	mem_clear(e);
}

const struct email *email_new_get(const struct email_new *e)
{
	return &e->email;
}

size_t email_new_held(const struct email_new *e, size_t *freeable)
{
	const struct email *email = &e->email;

	*freeable = blob_draft_held(e->draft);
	return *freeable + sizeof(*e) + email->packed.n + email->envelope.n +
	       email->structure.n + email->preview.n;
}

enum err email_new_ahead(struct email_new *const *emails, size_t n, struct why *why)
{
	struct blob_draft **drafts = mem_new(MAX(n, (size_t)1) * sizeof *drafts);
	enum err e;

	for (size_t i = 0; i < n; i++)
		drafts[i] = emails[i]->draft;
	e = blob_drafts_ahead(drafts, n, why);
	mem_free(drafts);
	return e;
}

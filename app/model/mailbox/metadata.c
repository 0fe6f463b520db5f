/* model/mailbox/metadata.c: see metadata.h and metadata_rows.h. */
#include "model/mailbox/metadata.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/metadata_rows.h"
#include "model/mailbox/rights.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"

enum { METADATA_FORM = 1, SHARED = 0 };

#define OWN STR("own") /* METADATA_SEEN: not "shared" */

/* --- Names ------------------------------------------------------------------------------ */

#define PRIVATE STR("/private")
#define ALL STR("/shared")

static bool name_char(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '*' && c != '%';
}

static bool is_below(struct str name, struct str top)
{
	return str_startsi(name, top) && (name.n == top.n || name.p[top.n] == '/');
}

bool metadata_name_private(struct str name)
{
	return is_below(name, PRIVATE);
}

/* number of components; 0 when one is empty */
static size_t levels(struct str name)
{
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] != '/')
			continue;
		if (i + 1 == name.n || name.p[i + 1] == '/')
			return 0;
		n++;
	}
	return n;
}

bool metadata_name_valid(struct str name, bool prefix)
{
	struct cur c = cur_of(name);
	struct str top = is_below(name, PRIVATE) ? PRIVATE : ALL;
	bool vendor = is_below(str_sub(name, top.n, name.n), STR("/vendor"));

	if (name.n > METADATA_NAME_MAX || cur_while(&c, name_char).n != name.n)
		return false;
	return is_below(name, top) && levels(name) >= (prefix ? 1U : vendor ? 4U : 2U);
}

/* --- Rows ------------------------------------------------------------------------------- */

static void key_metadata(struct key *k, uint32_t account, uint32_t mailbox, uint32_t user,
                         struct str name)
{
	key_mailbox(k, account, mailbox);
	key_u32(k, user);
	key_bytes(k, name);
}

bool metadata_row_read(const struct kv_iter *it, struct metadata_row *out)
{
	struct unpack key = unpack_of(it->key), val = unpack_of(it->val);
	bool known = unpack_u64(&val) == METADATA_FORM;

	out->account = unpack_be32(&key);
	out->mailbox = unpack_be32(&key);
	out->user = unpack_be32(&key);
	out->name = cur_rest(&key.c);
	out->value = unpack_str(&val);
	return known && unpack_ok(&key) && unpack_ok(&val) && metadata_name_valid(out->name, false);
}

static enum err metadata_row_put(const struct mail_txn *m, const struct metadata_row *row)
{
	struct key k;
	struct buf b;
	enum err e;

	key_metadata(&k, row->account, row->mailbox, row->user, row->name);
	buf_init(&b, KV_VALUE_MAX);
	pack_u64(&b, METADATA_FORM);
	pack_str(&b, row->value);
	e = buf_ok(&b) ? kv_put(m->t, SPACE_METADATA, key_str(&k), buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

/* Adds the entries of one user, or the shared ones, to out. */
static enum err user_read(const struct mail_txn *m, uint32_t mailbox, uint32_t user,
                          struct arena *a, struct metadata *out, size_t *room)
{
	struct metadata_row row;
	struct kv_iter it;
	struct key k;
	enum err e;

	key_metadata(&k, m->account, mailbox, user, STR_EMPTY);
	kv_iter_prefix(&it, m->t, SPACE_METADATA, key_str(&k));
	while (kv_iter_next(&it)) {
		struct metadata_entry *old = out->entries;

		if (!metadata_row_read(&it, &row))
			continue; /* fsck reports it */
		if (out->n == *room) {
			*room = 2 * *room + 8;
			out->entries = arena_array(a, struct metadata_entry, *room);
			for (size_t i = 0; i < out->n; i++)
				out->entries[i] = old[i];
		}
		out->entries[out->n++] = (struct metadata_entry){ .name = str_dup(a, row.name),
			                                          .value = str_dup(a, row.value) };
	}
	e = kv_iter_end(&it);
	return e;
}

/* RFC 5464 3.3. All users may read the server's entries. */
static enum err metadata_allowed(const struct mail_txn *m, uint32_t mailbox)
{
	unsigned rights, any = RIGHT_READ | RIGHT_SEEN | RIGHT_WRITE | RIGHT_INSERT | RIGHT_POST;
	enum err e;

	if (m->account == 0)
		return OK;
	if ((e = rights_need(m, mailbox, RIGHT_LOOKUP)) || (e = rights_get(m, mailbox, &rights)))
		return e;
	if (rights & any)
		return OK;
	return fail(txn_why(m->t), ERR_DENIED, "you may not read or change this mailbox");
}

/* Inserts the entry in the order of names. */
static void entry_insert(struct arena *a, struct metadata *out, struct metadata_entry entry)
{
	struct metadata_entry *old = out->entries;
	size_t i = out->n;

	out->entries = arena_array(a, struct metadata_entry, out->n + 1);
	for (; i > 0 && str_cmp(old[i - 1].name, entry.name) > 0; i--)
		out->entries[i] = old[i - 1];
	out->entries[i] = entry;
	while (i-- > 0)
		out->entries[i] = old[i];
	out->n++;
}

/* The entry that is kept in the mailbox's record. */
static enum err seen_read(const struct mail_txn *m, uint32_t mailbox, struct arena *a,
                          struct metadata *out)
{
	struct mailbox box;
	enum err e = mailbox ? mailbox_get(m, mailbox, &box) : OK;

	if (!e && mailbox && box.own_seen)
		entry_insert(a, out, (struct metadata_entry){ METADATA_SEEN, OWN, false });
	return e;
}

static enum err seen_set(const struct mail_txn *m, uint32_t mailbox,
                         const struct metadata_entry *entry)
{
	bool own = !entry->nil && str_eq(entry->value, OWN);

	if (!own && !entry->nil && !str_eq(entry->value, STR("shared")))
		return fail(txn_why(m->t), ERR_SYNTAX, "it is \"own\" or \"shared\"");
	return mailbox_own_seen_set(m, mailbox, own);
}

/* "/private" sorts before "/shared". */
enum err metadata_read(const struct mail_txn *m, uint32_t mailbox, struct arena *a,
                       struct metadata *out)
{
	size_t room = 0;
	enum err e = metadata_allowed(m, mailbox);

	*out = (struct metadata){ 0 };
	if (!e && m->who != SHARED)
		e = user_read(m, mailbox, m->who, a, out, &room);
	if (!e)
		e = user_read(m, mailbox, SHARED, a, out, &room);
	return e ? e : seen_read(m, mailbox, a, out);
}

/* The user of an entry: 0 when it is shared. */
static uint32_t user_of(const struct mail_txn *m, struct str name)
{
	return metadata_name_private(name) ? m->who : SHARED;
}

enum err metadata_get(const struct mail_txn *m, uint32_t mailbox, struct str name,
                      struct str *value)
{
	enum err e = metadata_allowed(m, mailbox);
	struct unpack val;
	struct str row;
	struct key k;

	key_metadata(&k, m->account, mailbox, user_of(m, name), name);
	if (e || (e = kv_get(m->t, SPACE_METADATA, key_str(&k), &row)))
		return e;
	val = unpack_of(row);
	if (unpack_u64(&val) != METADATA_FORM)
		return ERR_CORRUPT;
	*value = unpack_str(&val);
	return unpack_ok(&val) ? OK : ERR_CORRUPT;
}

static enum err entry_set(const struct mail_txn *m, uint32_t mailbox,
                          const struct metadata_entry *entry)
{
	uint32_t user = user_of(m, entry->name);
	struct metadata_row row = { m->account, mailbox, user, entry->name, entry->value };
	struct key k;
	enum err e = OK;

	if (mailbox && str_eq(entry->name, METADATA_SEEN))
		return seen_set(m, mailbox, entry);
	if (mailbox && str_eq(entry->name, METADATA_SCRIPT))
		e = rights_need(m, mailbox, RIGHT_ADMINISTER);
	if (e)
		return e;
	if (!entry->nil)
		return metadata_row_put(m, &row);
	key_metadata(&k, m->account, mailbox, user, entry->name);
	e = kv_del(m->t, SPACE_METADATA, key_str(&k));
	return e == ERR_MISSING ? OK : e;
}

static enum err count_check(const struct mail_txn *m, uint32_t mailbox, uint32_t user)
{
	struct metadata all = { 0 };
	size_t room = 0;
	enum err e = user_read(m, mailbox, user, txn_arena(m->t), &all, &room);

	if (e || all.n <= m->mailboxes->metadata_max)
		return e;
	return fail(txn_why(m->t), ERR_LIMIT, "a mailbox has at most %" PRIu32 " annotations",
	            m->mailboxes->metadata_max);
}

enum err metadata_set(const struct mail_txn *m, uint32_t mailbox,
                      const struct metadata_entry *entries, size_t n)
{
	enum err e = metadata_allowed(m, mailbox);

	for (size_t i = 0; i < n && !e; i++)
		e = entry_set(m, mailbox, &entries[i]);
	if (e || (e = count_check(m, mailbox, SHARED)))
		return e;
	watches_notify_after(m, mailbox, 0);
	return m->who == SHARED ? OK : count_check(m, mailbox, m->who);
}

/* --- Mailboxes and accounts are made and deleted ---------------------------------------- */

enum err metadata_copy(const struct mail_txn *m, uint32_t from, uint32_t to)
{
	struct metadata_row row;
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_mailbox(&k, m->account, from);
	kv_iter_prefix(&it, m->t, SPACE_METADATA, key_str(&k));
	while (!e && kv_iter_next(&it)) {
		if (!metadata_row_read(&it, &row))
			continue;
		row.mailbox = to;
		row.name = str_dup(txn_arena(m->t), row.name);
		e = metadata_row_put(m, &row);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err prefix_del(const struct mail_txn *m, const struct key *k)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, m->t, SPACE_METADATA, key_str(k));
	while (!e && kv_iter_next(&it))
		e = kv_del(m->t, SPACE_METADATA, it.key);
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

enum err metadata_forget(const struct mail_txn *m, uint32_t mailbox)
{
	struct key k;

	key_mailbox(&k, m->account, mailbox);
	return prefix_del(m, &k);
}

enum err metadata_erase(const struct mail_txn *m)
{
	struct kv_iter it;
	struct key k;
	enum err e, walked;

	key_init(&k, m->account);
	if ((e = prefix_del(m, &k)))
		return e;
	kv_iter_prefix(&it, m->t, SPACE_METADATA, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		struct unpack key = unpack_of(str_sub(it.key, 8, SIZE_MAX));

		if (unpack_be32(&key) == m->account)
			e = kv_del(m->t, SPACE_METADATA, it.key);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

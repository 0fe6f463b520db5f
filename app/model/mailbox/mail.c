/* model/mailbox/mail.c: an account's mail as a whole. */
#include "model/mailbox/mail.h"

#include "model/directory/group.h"
#include "model/mailbox/acl_rows.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/metadata_rows.h"
#include "model/mailbox/own_seen.h"
#include "model/mailbox/url_key_rows.h"
#include "model/mailbox/watch.h"
#include "model/objects/objects.h"
#include "model/store/store.h"

/* The first mailboxes of every account, with the names that mail clients expect. */
static const struct {
	const char *name;
	enum mailbox_role role;
} first_mailboxes[] = {
	{ "INBOX", ROLE_INBOX }, { "Drafts", ROLE_DRAFTS }, { "Sent", ROLE_SENT },
	{ "Trash", ROLE_TRASH }, { "Junk", ROLE_JUNK },     { "Archive", ROLE_ARCHIVE },
};

static enum err provision_mailboxes(struct edit *ed)
{
	uint32_t id;
	enum err e = OK;

	for (size_t i = 0; i < COUNT(first_mailboxes) && !e; i++) {
		struct str name = str_of(first_mailboxes[i].name);

		e = mailbox_make(ed,
		                 &(struct mailbox_make){ .leaf = name,
		                                         .name = name,
		                                         .role = first_mailboxes[i].role,
		                                         .subscribed = true },
		                 &id);
	}
	return e ? e : edit_commit(ed);
}

/* *made: the state was missing. */
static enum err provision_state(const struct mail_txn *m, bool *made)
{
	struct account_state state = { .modseq = 1, .email_next = 1, .mailbox_next = 1 };
	struct key k;
	enum err e;

	key_mailbox(&k, m->account, 0);
	e = kv_get(m->t, SPACE_MAILBOX, key_str(&k), NULL);
	*made = e == ERR_MISSING;
	return *made ? state_put(m, &state) : e;
}

enum err mail_provision_group(const struct mail_txn *m)
{
	bool made;

	return provision_state(m, &made);
}

enum err mail_provision(const struct mail_txn *m)
{
	struct edit ed;
	bool made;
	enum err e = provision_state(m, &made);

	if (e || !made)
		return e;
	if ((e = edit_begin(&ed, m)) == OK)
		e = provision_mailboxes(&ed);
	edit_end(&ed);
	return e;
}

/* --- Erasing --- */

/* Releases the blob of every email. An unreadable email is skipped: the account must be removable
 * nevertheless, and fsck reports the blob. */
static enum err erase_blobs(const struct mail_txn *m)
{
	struct email email;
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, m->account);
	kv_iter_prefix(&it, m->t, SPACE_EMAIL, key_str(&k));
	while (!e && kv_iter_next(&it))
		if (it.key.n == EMAIL_KEY_BYTES && email_unpack(it.val, &email))
			e = blob_unref(m->t, &email.blob);
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err erase_space(const struct mail_txn *m, enum space s)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, m->account);
	kv_iter_prefix(&it, m->t, s, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = kv_del(m->t, s, it.key);
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

enum err mail_erase(const struct mail_txn *m)
{
	static const enum space spaces[] = { SPACE_MAILBOX, SPACE_MAILBOX_NAME, SPACE_EMAIL,
		                             SPACE_UID,     SPACE_CHANGE,       SPACE_KEYWORD,
		                             SPACE_SUBSCRIPTION, SPACE_SEARCH,  SPACE_SEEN,
		                             SPACE_THREAD,  SPACE_THREAD_KEY,   SPACE_DATED,
		                             SPACE_THREAD_BOX };
	enum err e = erase_blobs(m);

	for (size_t i = 0; i < COUNT(spaces) && !e; i++)
		e = erase_space(m, spaces[i]);
	if (!e)
		e = acl_erase(m);
	if (!e)
		e = own_seen_erase(m);
	if (!e)
		e = url_keys_forget_account(m);
	return e ? e : metadata_erase(m);
}

enum err mail_group_set(struct txn *t, const struct group *to, struct why *why)
{
	struct group group;
	enum err e = group_set(t, to, why);

	if (e || (e = group_find(t, to->address, txn_arena(t), &group)))
		return e;
	return acl_members_changed(t, group.id);
}

enum err mail_group_rm(struct txn *t, struct str address, struct why *why)
{
	struct mail_txn m = { .t = t };
	struct group group;
	enum err e = group_find(t, address, txn_arena(t), &group);

	if (!e)
		m.account = group.id;
	if ((e = group_rm(t, address, why))) /* sets why, also when there is no group */
		return e;
	if ((e = acl_members_changed(t, m.account)) || (e = objects_erase(t, m.account)))
		return e;
	return mail_erase(&m);
}

/* --- Numbers --- */

enum err quota_max(const struct mail_txn *m, uint64_t *max_bytes, uint64_t *max_emails)
{
	struct account account;
	enum err e = account_get(m->t, m->account, txn_arena(m->t), &account);

	*max_bytes = e ? 0 : account.quota_bytes;
	*max_emails = e ? 0 : account.quota_emails;
	return e == ERR_MISSING ? OK : e;
}

enum err mail_modseq(const struct mail_txn *m, uint64_t *modseq)
{
	struct account_state state;
	enum err e = state_get(m, &state);

	if (!e)
		*modseq = state.modseq;
	return e;
}

enum err mail_quota_get(const struct mail_txn *m, struct mail_quota *out)
{
	struct account_state state;
	enum err e = state_get(m, &state);

	if (e)
		return e;
	*out = (struct mail_quota){ .used_bytes = state.used_bytes,
		                    .emails = state.placements,
		                    .mailboxes = state.mailboxes };
	return quota_max(m, &out->max_bytes, &out->max_emails);
}

enum err mail_quota_check(const struct mail_txn *m, uint64_t bytes)
{
	struct edit ed;
	enum err e = edit_begin(&ed, m);

	if (!e)
		e = edit_room(&ed, bytes, 1);
	edit_end(&ed);
	return e;
}

/* model/mailbox/rights.c: see rights.h. */
#include "model/mailbox/rights.h"

#include "model/directory/group.h"
#include "model/mailbox/acl_rows.h"
#include "model/store/store.h"

enum err rights_owner(const struct mail_txn *m, bool *yes)
{
	*yes = m->who == 0 || m->who == m->account;
	return *yes ? OK : directory_group_has(m->t, m->account, m->who, yes);
}

enum err rights_always(const struct mail_txn *m, unsigned *rights)
{
	bool owner;
	enum err e = rights_owner(m, &owner);

	*rights = e || !owner ? 0 : RIGHT_LOOKUP | RIGHT_ADMINISTER;
	if (m->who == 0 || m->who == m->account)
		*rights = RIGHTS_ALL;
	return e;
}

/* Does an entry of the list apply to the user of m? */
static enum err rights_concerns(const struct mail_txn *m, uint32_t entry, bool *yes)
{
	*yes = entry == ACL_ANYONE || entry == m->who;
	return *yes ? OK : directory_group_has(m->t, entry, m->who, yes);
}

enum err rights_get(const struct mail_txn *m, uint32_t mailbox, unsigned *rights)
{
	unsigned granted = 0, denied = 0, always;
	struct acl_rows rows;
	struct acl_entry entry;
	bool yes;
	enum err e = rights_always(m, &always), walked;

	*rights = always ? RIGHTS_ALL : 0;
	if (e || m->who == 0 || m->who == m->account)
		return e;
	acl_rows_init(&rows, m, mailbox);
	while (!e && acl_rows_next(&rows, &entry)) {
		if ((e = rights_concerns(m, entry.who, &yes)) || !yes)
			continue;
		granted |= entry.granted;
		denied |= entry.denied;
	}
	walked = acl_rows_end(&rows);
	*rights = (*rights | granted) & ~denied;
	*rights |= always;
	return e ? e : walked;
}

enum err rights_need(const struct mail_txn *m, uint32_t mailbox, unsigned needed)
{
	unsigned rights;
	enum err e;

	if (m->who == 0 || m->who == m->account)
		return OK;
	if ((e = rights_get(m, mailbox, &rights)) || (rights & needed) == needed)
		return e;
	if (rights & RIGHT_LOOKUP)
		return fail(txn_why(m->t), ERR_DENIED, "you may not do that with this mailbox");
	return fail(txn_why(m->t), ERR_MISSING, "there is no such mailbox");
}

struct flags rights_flags(unsigned rights)
{
	struct flags seen = FLAGS(BIT64(FLAG_SEEN)), deleted = FLAGS(BIT64(FLAG_DELETED));
	struct flags all = { { UINT64_MAX, UINT64_MAX } }, may = { { 0, 0 } };

	if (rights & RIGHT_WRITE)
		may = flags_minus(all, flags_or(seen, deleted));
	if (rights & RIGHT_SEEN)
		may = flags_or(may, seen);
	if (rights & RIGHT_DELETED)
		may = flags_or(may, deleted);
	return may;
}

/* console/api/access/account.c: see account.h. */
#include "console/api/access/account.h"

#include "console/api/access/session.h"
#include "console/api/access/token.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "model/directory/login/credential.h"
#include "model/directory/login/salt.h"
#include "model/directory/normal.h"
#include "model/filters/scripts.h"
#include "model/history/sent.h"
#include "model/mailbox/mail.h"
#include "model/objects/objects.h"
#include "operations/transfer/import.h"
#include "operations/transfer/memory.h"

static const struct mailboxes limits = {
	.mailboxes_max = LIMIT_mailboxes,
	.keywords_max = LIMIT_keywords,
	.name_max = LIMIT_mailbox_name,
	.changes_kept = LIMIT_changes_kept,
};

static enum err name_check(struct str name, struct why *why)
{
	return normal_line(name) ? OK : fail(why, ERR_SYNTAX, "name: use one line of UTF-8 text");
}

enum err account_create(struct txn *t, const struct account_new *new, uint32_t *id, struct why *why)
{
	struct mail_txn m = { .mailboxes = &limits, .t = t };
	enum err e;

	if ((e = name_check(new->name, why)))
		return e;
	if ((e = account_add(t, new, &m.account, why)))
		return e;
	if ((e = mail_provision(&m)))
		return fail(why, e, "the mailboxes could not be created");
	if (id != NULL)
		*id = m.account;
	return OK;
}

enum err account_password_hash(struct store *s, struct str password, struct str address,
                               struct arena *a, struct str *hash, struct why *why)
{
	struct salts salts = { .old = false };
	enum err e = password_check(password, address, why);

	if (e == OK)
		e = salts_get(s, address, &salts, why);
	if (e == OK)
		e = credential_make(&salts, password, address, a, hash, why);
	mem_wipe(&salts, sizeof salts);
	return e;
}

enum err account_alter(struct txn *t, const struct account *to, struct why *why)
{
	enum err e = name_check(to->name, why);

	return e != OK ? e : account_change(t, to, why);
}

enum err account_destroy(struct txn *t, struct str address, struct why *why)
{
	struct mail_txn m = { .mailboxes = &limits, .t = t };
	enum err e = account_rm(t, address, &m.account, why);

	if (e)
		return e;
	if ((e = mail_erase(&m)))
		return fail(why, e, "the mail could not be removed");
	if ((e = memory_erase(t, m.account)) || (e = import_erase(t, m.account)))
		return e;
	if ((e = sent_erase(t, m.account)) || (e = objects_erase(t, m.account)))
		return e;
	if ((e = scripts_delete_all(t, &(struct script_owner){ .account = m.account })))
		return e;
	e = sessions_end(t, m.account, STR_EMPTY);
	return e != OK ? e : tokens_end(t, m.account);
}

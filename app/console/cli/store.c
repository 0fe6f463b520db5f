/* console/cli/store.c: `roost restore`, `compact` and `fsck`: the store as a whole. */
#include "console/cli/command.h"

#include "console/cli/cli_private.h"
#include "console/server/privilege.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/mailbox/fsck/repair.h"
#include "model/mailbox/mail.h"
#include "model/store/backup/backup.h"
#include "model/store/compact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool restore_args_read(struct restore_params *p, int argc, char **argv, struct arena *secret)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--passphrase-file") == 0) {
			if (++i == argc ||
			    !command_passphrase("restore", argv[i], secret, &p->passphrase))
				return false;
		} else if (strcmp(argv[i], "--replace") == 0 && !p->replace) {
			p->replace = true;
		} else if (p->file == NULL) {
			p->file = argv[i];
		} else {
			return false;
		}
	}
	return p->file != NULL;
}

static enum err restored_upgrade(struct store *s, struct why *why)
{
	return mail_upgrade(s, 0, why);
}

int cli_restore(const struct settings *s, int argc, char **argv)
{
	struct arena a = { 0 };
	struct restore_params p = { .folder = str_z(&a, s->data),
		                    .passphrase = s->backup_passphrase };
	struct why why = { "" };
	struct arena secret;
	int status = EXIT_SUCCESS;

	arena_init(&secret, true);
	p.checks = checks_all(&p.check_count);
	p.upgrade = restored_upgrade;
	p.adopt = mail_renew;
	if (!restore_args_read(&p, argc, argv, &secret))
		status = EXIT_USAGE;
	else if (privilege_drop(p.folder, &why) != OK || store_restore(&p, &why) != OK)
		status = command_failed("restore", &why);
	arena_deinit(&secret);
	arena_deinit(&a);
	return status;
}

int cli_compact(const struct settings *s, int argc, char **argv)
{
	struct arena a = { 0 };
	const char *folder = str_z(&a, s->data);
	struct compacted done;
	struct why why = { "" };
	int status = EXIT_SUCCESS;

	(void)argc;
	(void)argv;
	if (privilege_drop(folder, &why) != OK || store_compact(folder, &done, &why) != OK)
		status = command_failed("compact", &why);
	else
		printf("roost.mdb had %.1f MiB, and has %.1f MiB now\n",
		       (double)done.before / (1 << 20), (double)done.after / (1 << 20));
	arena_deinit(&a);
	return status;
}

static void say(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	printf("%s: %.*s\n", check, STR_ARG(sentence));
}

/* --- repair ----------------------------------------------------------------------------- */

struct repairing {
	struct mailboxes mailboxes;
	uint32_t account;
	bool found;
	struct arena arena;
	struct repair_list list;
	const struct repair_box *box;
	struct repaired done;
	bool sums;
};

static struct mail_txn mail_of(struct repairing *r, struct txn *t)
{
	return (struct mail_txn){ .mailboxes = &r->mailboxes, .t = t, .account = r->account };
}

static enum err next_look(struct txn *t, void *arg)
{
	struct repairing *r = arg;
	struct mail_txn m;
	enum err e = repair_account_next(t, r->account, &r->account, &r->found);

	m = mail_of(r, t);
	return e || !r->found ? e : repair_look(&m, &r->arena, &r->list);
}

static enum err box_put_right(struct txn *t, void *arg)
{
	struct repairing *r = arg;
	struct mail_txn m = mail_of(r, t);

	return repair_box(&m, r->box, &r->done);
}

static enum err sums_put_right(struct txn *t, void *arg)
{
	struct repairing *r = arg;
	struct mail_txn m = mail_of(r, t);

	return repair_sums(&m, &r->sums);
}

static void repaired_say(const struct repairing *r)
{
	if (r->done.rows)
		printf("repaired: account %" PRIu32 ": mailbox %" PRIu32 " has %" PRIu32
		       " damaged rows anew, without their flags\n",
		       r->account, r->box->mailbox, r->done.rows);
	if (r->done.came)
		printf("repaired: account %" PRIu32 ": mailbox %" PRIu32 " has %" PRIu32
		       " emails again that had lost their rows\n",
		       r->account, r->box->mailbox, r->done.came);
	if (r->done.counters)
		printf("repaired: account %" PRIu32 ": mailbox %" PRIu32 " counts right again\n",
		       r->account, r->box->mailbox);
}

static enum err account_repair(struct store *store, struct repairing *r, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; i < r->list.n && !e; i++) {
		r->box = &r->list.boxes[i];
		if (!r->box->counters && !r->box->emails)
			continue;
		if (!(e = store_write(store, box_put_right, r, why)))
			repaired_say(r);
	}
	if (!e && r->list.sums && !(e = store_write(store, sums_put_right, r, why)) && r->sums)
		printf("repaired: account %" PRIu32 ": its sums are right again\n", r->account);
	return e;
}

/* The check itself reports rows that cannot be read. */
static enum err repair(const struct settings *s, struct store *store, struct why *why)
{
	struct repairing r = { .mailboxes = { .changes_kept = LIMIT_changes_kept } };
	struct beside *beside = beside_new(s->data);
	enum err e = OK;

	r.mailboxes.watches = beside_watches(beside);
	do {
		e = store_read(store, next_look, &r);
		e = e == ERR_CORRUPT || e == ERR_MISSING ? OK : e;
		if (e)
			(void)fail(why, e, "the store cannot be read");
		else if (r.found)
			e = account_repair(store, &r, why);
		r.list = (struct repair_list){ 0 };
		arena_reset(&r.arena);
	} while (!e && r.found && r.account++ != UINT32_MAX);
	arena_deinit(&r.arena);
	beside_free(&beside);
	return e;
}

int cli_fsck(const struct settings *s, int argc, char **argv)
{
	struct fsck_report report = { .say = say };
	const struct fsck_check *checks;
	struct why why = { "" };
	struct store *store;
	size_t count;
	enum err e = OK;

	if (argc == 1 && strcmp(argv[0], "--repair") != 0)
		return EXIT_USAGE;
	store = command_store(s, false);
	if (store == NULL)
		return EXIT_FAILURE;
	checks = checks_all(&count);
	if (argc == 1)
		e = repair(s, store, &why);
	if (!e)
		e = fsck_run(store, checks, count, &report, &why);
	store_close(&store);
	if (e)
		return command_failed("fsck", &why);
	return report.findings == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

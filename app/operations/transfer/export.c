/* operations/transfer/export.c: exports mail as Maildir++ or mbox files; see
 * transfer.h. */
#include "formats/message/mime.h"
#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "model/mailbox/email.h"
#include "model/mailbox/keywords.h"
#include "model/mailbox/mailbox.h"
#include "model/store/blob.h"
#include "model/store/store.h"
#include "operations/transfer/transfer.h"
#include "operations/transfer/wire_maildir.h"
#include "operations/transfer/wire_mbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct export
{
	const struct transfer *t;
	const char *path;
	bool mbox;
	int root;
	struct arena arena; /* of the whole: mailboxes and keywords */
	struct mailbox_list list;
	struct keywords keywords;
	/* of one mailbox */
	const struct mailbox_entry *entry;
	struct email_row *rows;
	size_t count, cap;
	char letters[FLAG_MAX]; /* of keywords in a Maildir; 0: none */
	struct transfer_counts counts;
	/* of one message */
	const struct email_row *row;
	struct buf mail, file;
};

static struct mail_txn mail_of(const struct export *x, struct txn *t)
{
	return (struct mail_txn){ x->t->mailboxes, t, x->t->account, 0 };
}

/* --- reading ------------------------------------------------------------------------------ */

static enum err all_load(struct txn *t, void *arg)
{
	struct export *x = arg;
	struct mail_txn m = mail_of(x, t);
	enum err e = mailbox_list(&m, &x->arena, &x->list);

	return e ? e : keywords_load(&m, &x->arena, &x->keywords);
}

static enum err rows_load(struct txn *t, void *arg)
{
	struct export *x = arg;
	struct mail_txn m = mail_of(x, t);
	struct email_rows rows;
	struct email_row row;

	x->count = 0;
	email_rows_init(&rows, &m, x->entry->box.id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row)) {
		if (x->count == x->cap)
			x->rows = mem_resize(x->rows,
			                     (x->cap = x->cap ? x->cap * 2 : 64) * sizeof *x->rows);
		x->rows[x->count++] = row;
	}
	return email_rows_end(&rows);
}

static enum err mail_load(struct txn *t, void *arg)
{
	struct export *x = arg;
	struct mail_txn m = mail_of(x, t);
	struct email email;
	enum err e = email_get(&m, x->row->email, &email);

	buf_reset(&x->mail);
	return e ? e : blob_get(t, &email.blob, 0, SIZE_MAX, &x->mail);
}

static size_t export_flags_of(const struct export *x, struct str out[FLAG_MAX])
{
	size_t n = 0;

	for (unsigned i = 0; i < FLAG_MAX; i++)
		if (flags_has(x->row->flags, i) && x->keywords.names[i].n != 0)
			out[n++] = x->keywords.names[i];
	return n;
}

/* --- writing ------------------------------------------------------------------------------ */

static enum err export_write_all(int fd, struct str s, const char *what, struct why *why)
{
	while (s.n != 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno != EINTR)
			return fail_errno(why, "%s", what);
		if (n > 0)
			s = str_sub(s, (size_t)n, s.n);
	}
	return OK;
}

static enum err file_write(int folder, const char *name, struct str text, int64_t date_ms,
                           struct why *why)
{
	struct timespec when = { .tv_sec = date_ms / 1000, .tv_nsec = date_ms % 1000 * 1000000 };
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum err e;

	if (fd < 0)
		return fail_errno(why, "%s", name);
	e = export_write_all(fd, text, name, why);
	if (e == OK && futimens(fd, (struct timespec[2]){ when, when }) != 0)
		e = fail_errno(why, "%s", name);
	if (close(fd) != 0 && e == OK)
		e = fail_errno(why, "%s", name);
	return e;
}

/* Open the folder below at, creating it if necessary; -1 on an error. */
static int folder_make(int at, const char *name)
{
	if (mkdirat(at, name, 0700) != 0 && errno != EEXIST)
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* --- Maildir ------------------------------------------------------------------------------ */

/* Choose letters for the mailbox's keywords, and write the file that names them. */
static enum err letters_choose(struct export *x, int folder, struct why *why)
{
	struct buf text;
	char next = 'a';
	enum err e = OK;

	memset(x->letters, 0, sizeof x->letters);
	buf_init(&text, 65536);
	for (unsigned i = 0; i < FLAG_MAX; i++) {
		struct str name = x->keywords.names[i];
		bool used = false;

		for (size_t r = 0; r < x->count && name.n != 0 && !used; r++)
			used = flags_has(x->rows[r].flags, i);
		x->letters[i] = used ? maildir_letter(name) : 0;
		if (!used || x->letters[i] != 0)
			continue;
		if (next > 'z') {
			x->t->watch->skipped(
				x->t->watch->arg, name,
				STR("a Maildir has room for 26 keywords: mbox has for more"));
			continue;
		}
		buf_fmt(&text, "%d %.*s\n", next - 'a', STR_ARG(name));
		x->letters[i] = next++;
	}
	if (text.n != 0)
		e = file_write(folder, "dovecot-keywords", buf_str(&text), 0, why);
	buf_deinit(&text);
	return e;
}

static enum err maildir_message(struct export *x, int cur, struct why *why)
{
	char letters[FLAG_MAX + 1], name[256];
	size_t n = 0;

	/* In ASCII order, as Maildir requires. */
	for (char c = 'A'; c <= 'z'; c++)
		for (unsigned i = 0; i < FLAG_MAX; i++)
			if (flags_has(x->row->flags, i) && x->letters[i] == c)
				letters[n++] = c;
	letters[n] = '\0';
	snprintf(name, sizeof name, "%lld.U%uV%u.roost,S=%zu:2,%s",
	         (long long)(x->row->internal_ms / 1000), x->row->uid, x->entry->box.uidvalidity,
	         x->mail.n, letters);
	return file_write(cur, name, buf_str(&x->mail), x->row->internal_ms, why);
}

static int maildir_open(struct export *x)
{
	struct buf name;
	int fd = -1;

	buf_init(&name, 65536);
	maildir_folder_put(&name, x->entry->name);
	buf_byte(&name, '\0');
	if (buf_ok(&name))
		fd = name.n == 1 ? dup(x->root) : folder_make(x->root, name.p);
	buf_deinit(&name);
	return fd;
}

static enum err messages_write(struct export *x, int to, struct why *why);

static enum err maildir_write(struct export *x, struct why *why)
{
	static const char *const subs[] = { "new", "tmp", "cur" };
	int folder = maildir_open(x), sub = -1;
	enum err e = OK;

	for (size_t i = 0; folder >= 0 && i < COUNT(subs); i++) {
		if (sub >= 0)
			close(sub);
		if ((sub = folder_make(folder, subs[i])) < 0)
			break;
	}
	if (sub < 0)
		e = fail_errno(why, "%.*s", STR_ARG(x->entry->name));
	/* Marks the folder as a Maildir++ subfolder for Courier and Dovecot. */
	if (e == OK && !str_eq(x->entry->name, STR("INBOX")))
		e = file_write(folder, "maildirfolder", STR_EMPTY, 0, why);
	if (e == OK)
		e = letters_choose(x, folder, why);
	if (e == OK)
		e = messages_write(x, sub, why);
	if (sub >= 0)
		close(sub);
	if (folder >= 0)
		close(folder);
	return e;
}

/* --- mbox --------------------------------------------------------------------------------- */

static enum err mbox_message_write(struct export *x, int fd, struct why *why)
{
	struct str flags[FLAG_MAX];
	size_t n = export_flags_of(x, flags);

	buf_reset(&x->file);
	mbox_put_file(&x->file, buf_str(&x->mail), x->row->internal_ms, flags, n);
	return export_write_all(fd, buf_str(&x->file), "mbox", why);
}

/* "Sent/2024" is the file 2024.mbox in the folder Sent. */
static int mbox_open(struct export *x)
{
	struct arena a = { 0 };
	struct str rest = x->entry->name;
	int folder = dup(x->root), fd = -1;
	ptrdiff_t at;

	while (folder >= 0 && (at = str_find_byte(rest, '/')) >= 0) {
		int next = folder_make(folder, str_z(&a, str_sub(rest, 0, (size_t)at)));

		close(folder);
		folder = next;
		rest = str_sub(rest, (size_t)at + 1, rest.n);
	}
	if (folder >= 0) {
		fd = openat(folder, str_z(&a, str_fmt(&a, "%.*s.mbox", STR_ARG(rest))),
		            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		close(folder);
	}
	arena_deinit(&a);
	return fd;
}

static enum err mbox_write(struct export *x, struct why *why)
{
	int fd = mbox_open(x);
	enum err e;

	if (fd < 0)
		return fail_errno(why, "%.*s", STR_ARG(x->entry->name));
	e = messages_write(x, fd, why);
	if (close(fd) != 0 && e == OK)
		e = fail_errno(why, "%.*s", STR_ARG(x->entry->name));
	return e;
}

/* --- mailboxes ---------------------------------------------------------------------------- */

/* to: the folder of a Maildir, or the file. */
static enum err messages_write(struct export *x, int to, struct why *why)
{
	const struct transfer_watch *w = x->t->watch;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < x->count; i++) {
		x->row = &x->rows[i];
		e = store_read(x->t->store, mail_load, x);
		if (e == ERR_MISSING) { /* expunged meanwhile */
			e = OK;
			continue;
		}
		if (e == OK)
			e = x->mbox ? mbox_message_write(x, to, why) : maildir_message(x, to, why);
		else
			e = fail(why, e, "message %u of %.*s cannot be read", x->row->uid,
			         STR_ARG(x->entry->name));
		x->counts.imported++;
		w->step(w->arg, x->entry->name, i + 1, x->count, NULL);
	}
	return e;
}

static enum err root_open(struct export *x, struct why *why)
{
	struct dirent *d;
	DIR *dir;
	bool empty = true;

	if (mkdir(x->path, 0700) != 0 && errno != EEXIST)
		return fail_errno(why, "%s", x->path);
	dir = opendir(x->path);
	if (dir == NULL)
		return fail_errno(why, "%s", x->path);
	while ((d = readdir(dir)) != NULL)
		empty = empty && (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0);
	x->root = dup(dirfd(dir));
	closedir(dir);
	return empty ? OK : fail(why, ERR_CONFLICT, "%s is not empty", x->path);
}

enum err transfer_export(const struct transfer *t, const char *path, bool mbox, struct why *why)
{
	struct export x = { .t = t, .path = path, .mbox = mbox, .root = -1 };
	enum err e = root_open(&x, why);

	buf_init(&x.mail, MESSAGE_SIZE_MAX);
	buf_init(&x.file, MESSAGE_SIZE_MAX);
	if (e == OK)
		e = store_read(t->store, all_load, &x);
	for (size_t i = 0; e == OK && i < x.list.n; i++) {
		x.entry = &x.list.entries[i];
		x.counts = (struct transfer_counts){ 0 };
		e = store_read(t->store, rows_load, &x);
		if (e == OK)
			e = mbox ? mbox_write(&x, why) : maildir_write(&x, why);
		if (e == OK)
			t->watch->mailbox(t->watch->arg, x.entry->name, &x.counts);
	}
	buf_deinit(&x.mail);
	buf_deinit(&x.file);
	mem_free(x.rows);
	arena_deinit(&x.arena);
	if (x.root >= 0)
		close(x.root);
	return e;
}

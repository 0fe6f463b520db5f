/* operations/transfer/maildir.c: imports Maildirs; see transfer.h. */
#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "operations/transfer/lines.h"
#include "operations/transfer/sink.h"
#include "operations/transfer/wire_maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	READ_BYTES = 65536,
	KEYWORDS_FILE_MAX = 65536,
	FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW,
};

/* A folder still to be visited. */
struct folder {
	struct folder *next;
	struct str path;    /* below the root; "" is the root itself */
	struct str mailbox; /* "" for the root                       */
	unsigned depth;
};

struct walk {
	const struct transfer *t;
	struct sink *sink;
	struct arena arena; /* of folders */
	int root;
	struct folder **last;
	size_t folders;
	size_t maildirs; /* number of those with mail */
	struct buf file, mail;
};

/* --- opening without following links ------------------------------------------------------ */

/* Open each component separately, so that no component may be a link. -1 on an error. */
static int open_below(int root, struct str path)
{
	int fd = openat(root, ".", FOLDER_FLAGS);

	while (fd >= 0 && path.n != 0) {
		ptrdiff_t at = str_find_byte(path, '/');
		struct str step = at < 0 ? path : str_sub(path, 0, (size_t)at);
		struct arena a = { 0 };
		int next = openat(fd, str_z(&a, step), FOLDER_FLAGS);

		arena_deinit(&a);
		close(fd);
		fd = next;
		path = at < 0 ? STR_EMPTY : str_sub(path, (size_t)at + 1, path.n);
	}
	return fd;
}

/* The sorted names in a folder: the times in Maildir names give the order. Closes fd. */
static char **maildir_names_read(int fd, struct arena *a, size_t *count)
{
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	char **names = NULL;
	size_t cap = 0;
	struct dirent *d;

	*count = 0;
	if (dir == NULL && fd >= 0)
		close(fd);
	while (dir != NULL && (d = readdir(dir)) != NULL && *count < LIMIT_transfer_files) {
		if (*count == cap)
			names = mem_resize(names, (cap = cap ? cap * 2 : 64) * sizeof *names);
		names[(*count)++] = (char *)(uintptr_t)str_z(a, str_of(d->d_name));
	}
	if (dir != NULL)
		closedir(dir);
	return names;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Read a plain file of at most max bytes. NULL, or the error. out has READ_BYTES more
 * room. */
static const char *file_read(int folder, const char *name, size_t max, struct buf *out,
                             struct stat *st)
{
	/* O_NONBLOCK: do not wait for a named pipe. */
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	const char *why = NULL;
	ssize_t got = 1;

	buf_reset(out);
	if (fd < 0)
		return errno == ELOOP ? "it is a link" : strerror(errno);
	if (fstat(fd, st) != 0 || !S_ISREG(st->st_mode))
		why = "it is no plain file";
	else if (st->st_size <= 0 || (size_t)st->st_size > max)
		why = st->st_size <= 0 ? "it is empty" : "it is too big";
	while (why == NULL && got > 0) {
		char *room = buf_room(out, READ_BYTES);

		got = room == NULL ? -1 : read(fd, room, READ_BYTES);
		if (got > 0)
			buf_commit(out, (size_t)got);
		else if (got < 0)
			why = room == NULL ? "it is too big" : strerror(errno);
	}
	close(fd);
	return why;
}

/* --- messages ----------------------------------------------------------------------------- */

static struct str maildir_status(const struct folder *f, const char *sub, const char *name,
                                 struct arena *a)
{
	return str_fmt(a, "%.*s%s%s/%s", STR_ARG(f->path), f->path.n != 0 ? "/" : "", sub, name);
}

static const char *maildir_message_put(struct walk *w, int folder, const char *name,
                                       const struct maildir_keywords *k, enum err *e,
                                       struct why *why)
{
	struct str flags[MAILDIR_FLAGS];
	struct sink_message m = { .flags = flags };
	struct stat st;
	const char *bad = file_read(folder, name, LIMIT_transfer_message, &w->file, &st);

	if (bad != NULL)
		return bad;
	if (str_starts(buf_str(&w->file), STR("\x1f\x8b")))
		return "it is compressed: unpack it first";
	buf_reset(&w->mail);
	lines_put_mail(&w->mail, buf_str(&w->file));
	m.raw = buf_str(&w->mail);
	m.internal_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	m.flag_count = maildir_flags(str_of(name), k, flags);
	*e = buf_ok(&w->mail) ? sink_put(w->sink, &m, why) : OK;
	return buf_ok(&w->mail) ? NULL : "it is too big";
}

static enum err files_put(struct walk *w, const struct folder *f, int fd, const char *sub,
                          const struct maildir_keywords *k, struct why *why)
{
	int folder = openat(fd, sub, FOLDER_FLAGS);
	struct arena a = { 0 };
	size_t count;
	char **names = maildir_names_read(folder >= 0 ? dup(folder) : -1, &a, &count);
	enum err e = OK;

	if (count != 0)
		qsort(names, count, sizeof *names, by_name);
	for (size_t i = 0; e == OK && i < count; i++) {
		const char *bad;

		if (names[i][0] == '.')
			continue;
		bad = maildir_message_put(w, folder, names[i], k, &e, why);
		if (bad != NULL)
			sink_skip(w->sink, maildir_status(f, sub, names[i], &a), bad);
		if (e == OK && !sink_step(w->sink, i + 1, count))
			e = fail(why, ERR_RETRY, "stopped");
	}
	mem_free(names);
	arena_deinit(&a);
	if (folder >= 0)
		close(folder);
	return e;
}

static enum err maildir_put(struct walk *w, const struct folder *f, int fd, struct why *why)
{
	struct str name = f->mailbox.n != 0 ? f->mailbox : STR("INBOX");
	struct maildir_keywords k = { 0 };
	struct why own = { "" };
	struct buf text;
	struct stat st;
	enum err e = sink_open(w->sink, name, ROLE_NONE, &own);

	if (e == ERR_SYNTAX || e == ERR_LIMIT) {
		w->t->watch->skipped(w->t->watch->arg, name, str_of(own.text));
		return OK;
	}
	if (e != OK)
		return fail(why, e, "%s", own.text);
	buf_init(&text, 2 * READ_BYTES);
	if (file_read(fd, "dovecot-keywords", KEYWORDS_FILE_MAX, &text, &st) == NULL)
		maildir_keywords_parse(buf_str(&text), &k);
	w->maildirs++;
	e = files_put(w, f, fd, "cur", &k, why);
	if (e == OK)
		e = files_put(w, f, fd, "new", &k, why);
	buf_deinit(&text);
	return e ? e : sink_close(w->sink, why);
}

/* --- folders ------------------------------------------------------------------------------ */

static bool has_mail(int fd)
{
	struct stat st;

	return fstatat(fd, "cur", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static void folder_add(struct walk *w, const struct folder *f, const char *name)
{
	struct folder *next = arena_new(&w->arena, struct folder);
	bool plus = name[0] == '.' && f->depth == 0;
	bool named =
		plus ? maildir_mailbox(str_of(name), &w->arena, &next->mailbox)
		     : maildir_mailbox_below(f->mailbox, str_of(name), &w->arena, &next->mailbox);

	next->path =
		str_fmt(&w->arena, "%.*s%s%s", STR_ARG(f->path), f->path.n != 0 ? "/" : "", name);
	next->depth = f->depth + 1;
	if (!named || next->depth > LIMIT_transfer_depth || w->folders == LIMIT_mailboxes) {
		w->t->watch->skipped(w->t->watch->arg, next->path,
		                     named ? STR("too many folders")
		                           : STR("its name cannot be read"));
		return;
	}
	w->folders++;
	*w->last = next;
	w->last = &next->next;
}

static void folders_add(struct walk *w, const struct folder *f, int fd)
{
	static const char *const own[] = { ".", "..", "cur", "new", "tmp" };
	struct arena a = { 0 };
	size_t count;
	char **names = maildir_names_read(dup(fd), &a, &count);

	if (count != 0)
		qsort(names, count, sizeof *names, by_name);
	for (size_t i = 0; i < count; i++) {
		struct stat st;
		bool ours = false;

		for (size_t o = 0; o < COUNT(own); o++)
			ours = ours || strcmp(names[i], own[o]) == 0;
		if (!ours && fstatat(fd, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(st.st_mode))
			folder_add(w, f, names[i]);
	}
	mem_free(names);
	arena_deinit(&a);
}

static enum err folder_put(struct walk *w, const struct folder *f, struct why *why)
{
	int fd = open_below(w->root, f->path);
	enum err e = OK;

	if (fd < 0) {
		w->t->watch->skipped(w->t->watch->arg, f->path, str_of(strerror(errno)));
		return OK;
	}
	if (has_mail(fd))
		e = maildir_put(w, f, fd, why);
	if (e == OK)
		folders_add(w, f, fd);
	close(fd);
	return e;
}

enum err transfer_maildir(const struct transfer *t, const char *path, struct why *why)
{
	struct walk w = { .t = t, .root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct folder root = { 0 };
	enum err e = OK;

	if (w.root < 0)
		return fail_errno(why, "%s", path);
	w.sink = sink_new(t);
	w.last = &root.next;
	buf_init(&w.file, LIMIT_transfer_message + READ_BYTES);
	buf_init(&w.mail, LIMIT_transfer_message + READ_BYTES);
	for (struct folder *f = &root; e == OK && f != NULL; f = f->next)
		e = folder_put(&w, f, why);
	if (e == OK && w.maildirs == 0)
		e = fail(why, ERR_MISSING, "%s: there is no Maildir (a folder with cur in it)",
		         path);
	sink_free(&w.sink);
	buf_deinit(&w.file);
	buf_deinit(&w.mail);
	arena_deinit(&w.arena);
	close(w.root);
	return e;
}

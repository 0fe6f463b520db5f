/* operations/transfer/mbox.c: imports an mbox file; see transfer.h. */
#include "foundation/config/limits.h"
#include "operations/transfer/sink.h"
#include "operations/transfer/wire_mbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Skip the n-th message, and report it. */
static void skip(struct sink *s, uint64_t n, const char *why)
{
	char what[40];

	snprintf(what, sizeof what, "message %llu", (unsigned long long)n);
	sink_skip(s, str_of(what), why);
}

static enum err mbox_message_put(struct sink *s, const struct mbox_message *m, uint64_t n,
                                 struct buf *mail, struct why *why)
{
	struct sink_message put = { .internal_ms = m->date_ms,
		                    .flags = m->flags,
		                    .flag_count = m->flag_count };

	if (m->folder)
		return OK;
	buf_reset(mail);
	mbox_put_mail(mail, m);
	put.raw = buf_str(mail);
	if (!buf_ok(mail) || put.raw.n <= 2) {
		skip(s, n, put.raw.n <= 2 ? "it is empty" : "it is too big");
		return OK;
	}
	return sink_put(s, &put, why);
}

static enum err messages_put(struct sink *s, struct str text, struct why *why)
{
	struct cur c = cur_of(text);
	struct mbox_message m;
	struct buf mail;
	enum err e = OK;

	buf_init(&mail, LIMIT_transfer_message);
	for (uint64_t n = 1; e == OK && mbox_next(&c, &m); n++) {
		e = mbox_message_put(s, &m, n, &mail, why);
		/* Progress in KiB of the file, since the number of messages is
		 * unknown. */
		if (e == OK && !sink_step(s, (text.n - cur_left(&c)) / 1024, text.n / 1024))
			e = fail(why, ERR_RETRY, "stopped");
	}
	buf_deinit(&mail);
	return e;
}

static enum err mbox_text_put(const struct transfer *t, struct str text, struct str mailbox,
                              struct why *why)
{
	struct sink *s = sink_new(t);
	enum err e = sink_open(s, mailbox, ROLE_NONE, why);

	if (e == OK)
		e = messages_put(s, text, why);
	if (e == OK)
		e = sink_close(s, why);
	sink_free(&s);
	return e;
}

enum err transfer_mbox(const struct transfer *t, const char *path, struct str mailbox,
                       struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	void *map = MAP_FAILED;
	struct stat st;
	enum err e;

	if (fd < 0)
		return fail_errno(why, "%s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return fail(why, ERR_SYNTAX, "%s is empty, or no plain file", path);
	if (mbox_check(str_from(map, (size_t)st.st_size)))
		e = mbox_text_put(t, str_from(map, (size_t)st.st_size), mailbox, why);
	else
		e = fail(why, ERR_SYNTAX,
		         "%s is no mbox: its first line is no \"From \" with a date", path);
	munmap(map, (size_t)st.st_size);
	return e;
}

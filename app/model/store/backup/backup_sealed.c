/* model/store/backup/backup_sealed.c: see backup_sealed.h. */
#include "model/store/backup/backup_sealed.h"

#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/sealed_stream.h"
#include "model/store/folder.h"

#include <errno.h>
#include <unistd.h>

struct sealing {
	int from, to;
	struct sealed_stream *stream;
	uint64_t at; /* of from */
	uint8_t header[SEALED_HEADER];
	uint8_t in[SEALED_CHUNK + SEALED_OVER], out[SEALED_CHUNK + SEALED_OVER];
};

/* Less than n only at the end of the file; -1 on an error. */
static ssize_t bytes_read(int fd, uint8_t *p, size_t n, uint64_t offset)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = fault("backup_read")
		                      ? -1
		                      : pread(fd, p + have, n - have, (off_t)(offset + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static enum err bytes_write(int fd, const uint8_t *p, size_t n, struct why *why)
{
	while (n > 0) {
		ssize_t put = fault("backup_write") ? -1 : write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail_errno(why, "cannot write the backup");
		p += put;
		n -= (size_t)put;
	}
	return OK;
}

bool backup_is_sealed(int fd)
{
	uint8_t header[SEALED_HEADER];

	return bytes_read(fd, header, sizeof header, 0) == (ssize_t)sizeof header &&
	       sealed_stream_is(str_from((const char *)header, sizeof header));
}

static struct sealing *sealing_new(int from, int to)
{
	struct sealing *x = NEW(struct sealing);

	x->from = from;
	x->to = to;
	return x;
}

static void sealing_free(struct sealing *x)
{
	sealed_stream_free(&x->stream);
	mem_wipe(x, sizeof *x);
	mem_free(x);
}

static enum err seal_all(struct sealing *x, struct why *why)
{
	enum err e = bytes_write(x->to, x->header, SEALED_HEADER, why);
	bool last = false;

	while (e == OK && !last) {
		ssize_t n = bytes_read(x->from, x->in, SEALED_CHUNK, x->at);

		if (n < 0)
			return fail_errno(why, "cannot read the copy");
		last = n < SEALED_CHUNK;
		sealed_stream_put(x->stream, x->in, (size_t)n, last, x->out);
		e = bytes_write(x->to, x->out, (size_t)n + SEALED_OVER, why);
		x->at += (uint64_t)n;
	}
	return e;
}

enum err backup_seal(int from, int to, struct str passphrase, struct why *why)
{
	struct sealing *x = sealing_new(from, to);
	enum err e = sealed_stream_new(passphrase, x->header, &x->stream, why);

	if (e == OK)
		e = seal_all(x, why);
	sealing_free(x);
	return e;
}

/* If the first chunk cannot be decrypted, either the passphrase is wrong or that chunk is
 * damaged. */
static enum err unseal_failed(const struct sealing *x, struct why *why)
{
	if (x->at == SEALED_HEADER)
		return fail(why, ERR_DENIED,
		            "the passphrase is wrong, or the backup is damaged at its begin");
	return fail(why, ERR_CORRUPT,
		            "the backup is damaged near byte %" PRIu64, x->at);
}

static enum err unseal_all(struct sealing *x, struct why *why)
{
	bool last = false;

	x->at = SEALED_HEADER;
	while (!last) {
		ssize_t n = bytes_read(x->from, x->in, sizeof x->in, x->at);
		enum err e;

		if (n < 0)
			return fail_errno(why, "cannot read the backup");
		if (n == 0)
			return fail(why, ERR_CORRUPT,
		            "the backup is damaged: its end is missing");
		if (!sealed_stream_take(x->stream, x->in, (size_t)n, x->out, &last))
			return unseal_failed(x, why);
		e = bytes_write(x->to, x->out, (size_t)n - SEALED_OVER, why);
		if (e != OK)
			return e;
		x->at += (uint64_t)n;
	}
	if (bytes_read(x->from, x->in, 1, x->at) != 0)
		return fail(why, ERR_CORRUPT,
		            "the backup is damaged: data after the end of the backup");
	return OK;
}

enum err backup_unseal(int from, int to, struct str passphrase, struct why *why)
{
	struct sealing *x = sealing_new(from, to);
	ssize_t n = bytes_read(from, x->header, SEALED_HEADER, 0);
	enum err e;

	if (n != SEALED_HEADER)
		e = n < 0 ? fail_errno(why, "cannot read the backup")
		          : fail(why, ERR_CORRUPT,
		            "the backup is damaged: its header is cut off");
	else
		e = sealed_stream_open(passphrase, x->header, &x->stream, why);
	if (e == OK)
		e = unseal_all(x, why);
	sealing_free(x);
	return e;
}

enum err backup_opened(int *fd, int folder, struct str passphrase, struct why *why)
{
	int plain;
	enum err e;

	if (!backup_is_sealed(*fd))
		return OK;
	if (passphrase.n == 0)
		return fail(why, ERR_DENIED,
		            "the backup is encrypted: give its passphrase with "
		            "--passphrase-file or ROOST_BACKUP_PASSPHRASE_FILE");
	plain = backup_nameless_file(folder);
	if (plain < 0)
		return fail_errno(why, "cannot make a file for the decrypted backup");
	e = backup_unseal(*fd, plain, passphrase, why);
	folder_close(fd);
	*fd = plain;
	return e;
}

/* What is brought may hold anything: an IMAP server's response, an mbox file, names of a Maildir.
 * The first byte chooses. Laws: what a response hands out lies within limits; every message of an
 * mbox moves on, and one that was written is read back as one. */
#include "operations/transfer/wire_imap.h"
#include "operations/transfer/wire_maildir.h"
#include "operations/transfer/wire_mbox.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void law(bool holds)
{
	if (!holds)
		abort();
}

static void imap(struct str in)
{
	struct arena a = { 0 };
	struct said said;
	struct str name;

	if (said_parse(in, &a, &said)) {
		law(said.flag_count <= SAID_FLAGS && said.body.n <= in.n);
		law(said.space_count <= SAID_SPACES);
		law(said_message_id(said.header).n <= said.header.n);
		if (said.kind == SAID_LIST && said_mailbox(said.name, said.separator, &a, &name))
			law(name.n != 0);
	}
	arena_deinit(&a);
}

static void mbox(struct str in)
{
	struct cur c = cur_of(in);
	struct mbox_message m, again;
	struct buf mail, file;

	buf_init(&mail, 1 << 20);
	buf_init(&file, 1 << 21);
	for (size_t left = cur_left(&c); mbox_next(&c, &m); left = cur_left(&c)) {
		law(cur_left(&c) < left && m.flag_count <= MBOX_FLAGS);
		buf_reset(&mail);
		buf_reset(&file);
		mbox_put_mail(&mail, &m);
		if (!buf_ok(&mail))
			break;
		mbox_put_file(&file, buf_str(&mail), 0, NULL, 0);
		if (buf_ok(&file)) {
			struct cur f = cur_of(buf_str(&file));

			law(mbox_next(&f, &again));
			law(!again.quoted || cur_done(&f));
		}
	}
	buf_deinit(&mail);
	buf_deinit(&file);
}

static void maildir(struct str in)
{
	struct arena a = { 0 };
	struct maildir_keywords k;
	struct str flags[MAILDIR_FLAGS], name;

	maildir_keywords_parse(in, &k);
	law(maildir_flags(in, &k, flags) <= MAILDIR_FLAGS);
	if (maildir_mailbox(in, &a, &name) || maildir_mailbox_below(STR("A"), in, &a, &name))
		law(name.n != 0);
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest = n != 0 ? str_from((const char *)data + 1, n - 1) : STR_EMPTY;

	if (n == 0)
		return 0;
	if (data[0] % 3 == 0)
		imap(rest);
	else if (data[0] % 3 == 1)
		mbox(rest);
	else
		maildir(rest);
	return 0;
}

/* operations/transfer/wire_maildir.c: see wire_maildir.h. */
#include "operations/transfer/wire_maildir.h"

#include "foundation/base/cur.h"
#include "foundation/text/utf7imap.h"
#include "foundation/text/utf8.h"

enum { FOLDER_MAX = 4096 };

/* The dot within a level: standard modified UTF-7 would never encode it. */
#define DOT STR("&AC4-")

static const struct {
	char letter;
	struct str flag;
} letters[] = {
	{ 'D', { "\\Draft", 6 } },    { 'F', { "\\Flagged", 8 } }, { 'P', { "$Forwarded", 10 } },
	{ 'R', { "\\Answered", 9 } }, { 'S', { "\\Seen", 5 } },    { 'T', { "\\Deleted", 8 } },
};

void maildir_keywords_parse(struct str text, struct maildir_keywords *out)
{
	struct cur c = cur_of(text);
	struct str line;

	*out = (struct maildir_keywords){ 0 };
	while (cur_line(&c, &line)) {
		struct cur l = cur_of(line);
		uint32_t n;

		if (cur_u32(&l, &n) && n < MAILDIR_KEYWORDS && cur_blank(&l))
			out->names[n] = cur_rest(&l);
	}
}

/* The rest after the last ":2," or its variants; empty without. */
static struct str flags_part(struct str name)
{
	ptrdiff_t at = str_rfind_byte(name, ',');

	if (at < 2 || name.p[at - 1] != '2' || str_find_byte(STR(":!;"), name.p[at - 2]) < 0)
		return STR_EMPTY;
	return str_sub(name, (size_t)at + 1, name.n);
}

size_t maildir_flags(struct str name, const struct maildir_keywords *k,
                     struct str out[MAILDIR_FLAGS])
{
	struct str part = flags_part(name);
	size_t n = 0;

	for (size_t i = 0; i < part.n && n < MAILDIR_FLAGS; i++) {
		char c = part.p[i];

		if (c >= 'a' && c <= 'z' && k->names[c - 'a'].n != 0)
			out[n++] = k->names[c - 'a'];
		for (size_t l = 0; l < COUNT(letters); l++)
			if (letters[l].letter == c)
				out[n++] = letters[l].flag;
	}
	return n;
}

char maildir_letter(struct str flag)
{
	for (size_t l = 0; l < COUNT(letters); l++)
		if (str_eqi(letters[l].flag, flag))
			return letters[l].letter;
	return 0;
}

/* --- folders ------------------------------------------------------------------------------ */

/* One level, in pieces between encoded dots. */
static bool level_put(struct buf *out, struct str level)
{
	for (;;) {
		ptrdiff_t at = str_find(level, DOT);
		struct str piece = at < 0 ? level : str_sub(level, 0, (size_t)at);

		if (!utf7imap_parse(piece, out)) {
			if (!utf8_valid(piece))
				return false;
			buf_put(out, piece);
		}
		if (at < 0)
			return true;
		buf_byte(out, '.');
		level = str_sub(level, (size_t)at + DOT.n, level.n);
	}
}

static bool maildir_finish(struct buf *b, bool good, struct arena *a, struct str *out)
{
	good = good && buf_ok(b) && b->n != 0;
	if (good)
		*out = str_dup(a, buf_str(b));
	buf_deinit(b);
	return good;
}

bool maildir_mailbox(struct str folder, struct arena *a, struct str *out)
{
	struct cur c = cur_of(folder);
	bool good = cur_byte(&c, '.');
	struct buf b;

	buf_init(&b, FOLDER_MAX);
	while (good && !cur_done(&c)) {
		struct str level;

		if (!cur_until(&c, '.', &level)) {
			level = cur_rest(&c);
			cur_skip(&c, level.n);
		}
		cur_byte(&c, '.');
		if (b.n != 0)
			buf_byte(&b, '/');
		good = level_put(&b, level);
	}
	return maildir_finish(&b, good, a, out);
}

bool maildir_mailbox_below(struct str parent, struct str folder, struct arena *a, struct str *out)
{
	struct buf b;

	buf_init(&b, FOLDER_MAX);
	buf_put(&b, parent);
	if (parent.n != 0)
		buf_byte(&b, '/');
	return maildir_finish(&b, level_put(&b, folder), a, out);
}

void maildir_folder_put(struct buf *out, struct str mailbox)
{
	if (str_eq(mailbox, STR("INBOX")))
		return;
	buf_byte(out, '.');
	while (mailbox.n != 0) {
		size_t n = 0;

		while (n < mailbox.n && mailbox.p[n] != '.' && mailbox.p[n] != '/')
			n++;
		utf7imap_put(out, str_sub(mailbox, 0, n));
		if (n < mailbox.n)
			buf_put(out, mailbox.p[n] == '/' ? STR(".") : DOT);
		mailbox = str_sub(mailbox, n + 1, mailbox.n);
	}
}

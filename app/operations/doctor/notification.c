/* operations/doctor/notification.c: see doctor_private.h. */
#include "operations/doctor/doctor_private.h"

#include "flow/delivery/delivery.h"
#include "formats/message/build.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "operations/doctor/watch.h"

enum { MESSAGE_MAX = KIB(512), LINE_MAX_TEXT = 76 };

/* --- the message ------------------------------------------------------------------------------ */

static bool concerns(const struct watch_row *row, const struct str *domains)
{
	return domains == NULL || (row->part.n != 0 && role_domains_have(*domains, row->part));
}

static size_t count_of(const struct watch_list *news, const struct str *domains,
                       enum watch_told told)
{
	size_t n = 0;

	for (size_t i = 0; i < news->count; i++)
		n += news->items[i].told == told && concerns(&news->items[i], domains);
	return n;
}

/* Text from DNS may contain any byte, and must not look like a part of the message. */
static void plain_put(struct buf *b, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		buf_byte(b, (unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f ? '?' : text.p[i]);
}

/* Words in lines, each behind some blanks. */
static void lines_put(struct buf *b, const char *indent, struct str text)
{
	size_t column = 0;

	while (text.n != 0) {
		ptrdiff_t blank = str_find_byte(text, ' ');
		struct str word = str_sub(text, 0, blank < 0 ? text.n : (size_t)blank);

		if (column != 0 && column + word.n > LINE_MAX_TEXT) {
			buf_put(b, STR("\r\n"));
			column = 0;
		}
		buf_put(b, column == 0 ? str_of(indent) : STR(" "));
		plain_put(b, word);
		column += word.n + 1;
		text = str_sub(text, word.n + (blank >= 0), text.n);
	}
	buf_put(b, STR("\r\n"));
}

static void row_put(struct buf *b, const struct watch_row *row)
{
	buf_put(b, STR("\r\n* "));
	plain_put(b, row->name);
	buf_byte(b, ' ');
	plain_put(b, row->type);
	buf_put(b, STR("\r\n"));
	lines_put(b, "  ", row->words);
	if (row->told != WATCH_TELL_WRONG)
		return;
	if (row->advice.n != 0)
		lines_put(b, "  ", row->advice);
	if (row->paste.n == 0)
		return;
	buf_put(b, STR("\r\n    "));
	plain_put(b, str_sub(row->paste, 0, 900));
	buf_put(b, STR("\r\n"));
}

static void rows_put(struct buf *b, const struct watch_list *news, const struct str *domains,
                     enum watch_told told, const char *title)
{
	if (count_of(news, domains, told) == 0)
		return;
	buf_fmt(b, "\r\n%s\r\n", title);
	for (size_t i = 0; i < news->count; i++)
		if (news->items[i].told == told && concerns(&news->items[i], domains))
			row_put(b, &news->items[i]);
}

struct str news_write(const struct watch_list *news, const struct str *domains, struct str to,
                      struct str hostname, struct arena *a)
{
	size_t wrong = count_of(news, domains, WATCH_TELL_WRONG);
	size_t right = count_of(news, domains, WATCH_TELL_RIGHT);
	struct str text;
	struct buf b;

	if (wrong + right == 0)
		return STR_EMPTY;
	buf_init(&b, MESSAGE_MAX);
	build_date(&b, STR("Date"), clock_real_ms());
	build_field(&b, STR("From"),
	            str_fmt(a, "DNS doctor <mailer-daemon@%.*s>", STR_ARG(hostname)));
	build_field(&b, STR("To"), to);
	build_text(&b, STR("Subject"),
	           wrong != 0 ? str_fmt(a, "%.*s: %zu in DNS that was right is wrong now",
	                                STR_ARG(hostname), wrong)
	                      : str_fmt(a, "%.*s: %zu in DNS is right again", STR_ARG(hostname),
	                                right));
	build_field(&b, STR("Message-ID"), build_message_id(a, hostname));
	build_field(&b, STR("Auto-Submitted"), STR("auto-generated"));
	build_field(&b, STR("MIME-Version"), STR("1.0"));
	build_field(&b, STR("Content-Type"), STR("text/plain; charset=utf-8"));
	build_field(&b, STR("Content-Transfer-Encoding"), STR("8bit"));
	rows_put(&b, news, domains, WATCH_TELL_WRONG, "This was right, and is wrong now:");
	rows_put(&b, news, domains, WATCH_TELL_RIGHT, "This is right again:");
	buf_put(&b, STR("\r\nFor details, see the page DNS checks of the console, or run\r\n"
	                "`roost doctor last`.\r\n"));
	text = buf_ok(&b) ? str_dup(a, buf_str(&b)) : STR_EMPTY;
	buf_deinit(&b);
	return text;
}

/* --- to whom ---------------------------------------------------------------------------------- */

struct telling {
	struct arena *a;
	struct watch_list news;
	struct account_list accounts;
};

static enum err collect(struct txn *t, void *arg)
{
	struct telling *g = arg;
	enum err e = watch_news(t, g->a, &g->news);

	return e == OK && g->news.count != 0 ? account_list(t, g->a, &g->accounts) : e;
}

static enum err told(struct txn *t, void *arg)
{
	return watch_told(t, &((const struct telling *)arg)->news);
}

/* A full or removed mailbox misses the notification; it is not sent to the others again. */
static enum err send_to(const struct telling *g, const struct delivery *d, struct str hostname,
                        struct str to, const struct str *domains, struct why *why)
{
	struct envelope_rcpt rcpt = { .notify = 0 };
	struct delivery_message m = { .envelope = { .session.id = STR("doctor"),
		                                    .session.service = STR("doctor"),
		                                    .rcpts = &rcpt,
		                                    .rcpt_count = 1 },
		                      .ours = true };
	enum err e;

	m.body = news_write(&g->news, domains, to, hostname, g->a);
	if (m.body.n == 0 || !mailaddr_of(to, g->a, 0, &rcpt.address))
		return OK;
	e = delivery_accept(d, &m, why);
	return e == ERR_LIMIT || e == ERR_DENIED || e == ERR_MISSING ? OK : e;
}

static enum err send_all(const struct telling *g, const struct delivery *d, struct str hostname,
                         struct why *why)
{
	enum err e = send_to(g, d, hostname, str_fmt(g->a, "postmaster@%.*s", STR_ARG(hostname)),
	                     NULL, why);

	for (size_t i = 0; e == OK && i < g->accounts.count; i++) {
		const struct account *who = &g->accounts.items[i];

		if (who->role == ROLE_ADMIN && who->mail)
			e = send_to(g, d, hostname, who->address, &who->domains, why);
	}
	return e;
}

enum err news_tell(struct store *store, const struct delivery *delivery,
                   const struct settings *settings, bool *more, struct why *why)
{
	struct arena a = { 0 };
	struct telling g = { .a = &a };
	enum err e = store_read(store, collect, &g);

	*more = g.news.count == LIMIT_doctor_news;
	if (e == OK && g.news.count != 0 && settings->doctor_mail)
		e = send_all(&g, delivery, settings->hostname, why);
	if (e == OK && g.news.count != 0)
		e = store_write(store, told, &g, why);
	arena_deinit(&a);
	return e;
}

/* protocols/imap/message_limit.c: see message_limit.h. */
#include "protocols/imap/message_limit.h"

#include "protocols/imap/session.h"

uint32_t imap_message_limit(const struct imap *s)
{
	return (uint32_t)s->settings->imap_message_limit;
}

uint32_t imap_save_limit(const struct imap *s)
{
	uint32_t limit = imap_message_limit(s);

	return limit ? limit : (uint32_t)s->settings->imap_save_limit;
}

/* The lowest of the last n UIDs; there are at least n. */
static uint32_t lowest_of(const struct uids *uids, uint32_t n)
{
	for (size_t i = uids->n; i-- > 0;) {
		const struct uid_range *r = &uids->ranges[i];

		if (r->hi - r->lo + 1 >= n)
			return r->hi - n + 1;
		n -= r->hi - r->lo + 1;
	}
	return 0;
}

bool imap_limit_cut(struct imap *s, struct uids *uids)
{
	uint32_t limit = imap_message_limit(s);
	struct uid_range cut = { .lo = 1 };

	if (limit == 0 || uids->count <= limit)
		return false;
	s->run.lowest = lowest_of(uids, limit);
	cut.hi = s->run.lowest - 1;
	uids_subtract(uids, &(struct uids){ .ranges = &cut, .n = 1 });
	return true;
}

/* "MESSAGELIMIT" SP message-limit [SP uniqueid] */
static struct str code_of(struct imap *s, uint32_t limit, uint32_t lowest)
{
	return lowest ? str_fmt(&s->run.arena, "MESSAGELIMIT %" PRIu32 " %" PRIu32, limit, lowest)
	              : str_fmt(&s->run.arena, "MESSAGELIMIT %" PRIu32, limit);
}

static void limit_refuse(struct imap *s, uint32_t limit, uint32_t lowest)
{
	imap_no(s, NULL, "Too many messages for one command");
	s->reply.code = code_of(s, limit, lowest);
}

bool imap_limit_refuses(struct imap *s, uint32_t limit, const struct uids *uids)
{
	if (limit == 0 || uids->count <= limit)
		return false;
	limit_refuse(s, limit, lowest_of(uids, limit));
	return true;
}

bool imap_limit_exceeded(struct imap *s, uint32_t limit, uint64_t count)
{
	if (limit == 0 || count <= limit)
		return false;
	limit_refuse(s, limit, 0);
	return true;
}

void imap_limit_finish(struct imap *s)
{
	struct str code;

	if (s->run.lowest == 0 || s->reply.cond != COND_OK)
		return;
	code = code_of(s, imap_message_limit(s), s->run.lowest);
	s->run.lowest = 0;     /* sent once */
	if (s->reply.code.n) { /* RFC 9738 3.1, for EXPUNGEISSUED */
		buf_fmt(imap_out(s), "* NO [%.*s] Only the last messages were processed\r\n",
		        STR_ARG(code));
		return;
	}
	s->reply.code = code;
	if (s->reply.text.n == 0)
		s->reply.text = STR("Only the last messages were processed");
}

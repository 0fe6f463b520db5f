/* protocols/imap/progress.c: see progress.h. */
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "protocols/imap/progress.h"
#include "protocols/imap/session.h"

static int64_t pause_ms(const struct imap *s)
{
	return s->server->progress_ms ? s->server->progress_ms : LIMIT_imap_progress_ms;
}

/* "INPROGRESS" SP "(" (quoted / nil) SP (number SP nz-number / nil SP nil) ")" */
static void progress_report(struct imap *s, uint64_t done, uint64_t total)
{
	struct buf *out = imap_out(s);

	/* RFC 9585 4; no quote and no backslash can be in a tag */
	if (str_find_byte(s->run.tag, ']') < 0)
		buf_fmt(out, "* OK [INPROGRESS (\"%.*s\" ", STR_ARG(s->run.tag));
	else
		buf_put(out, STR("* OK [INPROGRESS (NIL "));
	if (total) /* report less than total */
		buf_fmt(out, "%" PRIu64 " %" PRIu64, MIN(done, total - 1), total);
	else
		buf_put(out, STR("NIL NIL"));
	buf_put(out, STR(")] In progress\r\n"));
}

void imap_progress(struct imap *s, uint64_t done, uint64_t total)
{
	int64_t now_ms = clock_mono_ms();

	if (s->run.progress_ms == 0)
		s->run.progress_ms = now_ms;
	if (now_ms - s->run.progress_ms < pause_ms(s))
		return;
	s->run.progress_ms = now_ms;
	progress_report(s, done, total);
}

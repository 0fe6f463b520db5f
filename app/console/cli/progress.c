/* console/cli/progress.c: see cli_private.h. */
#include "console/cli/cli_private.h"

#include "foundation/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { BAR_CELLS = 24, NAME_SHOWN = 30, DRAW_MS = 100 };

static void wipe(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}

static void step(void *arg, struct str mailbox, uint64_t done, uint64_t total,
                 const struct transfer_counts *counts)
{
	struct progress *p = arg;
	uint64_t cells = total != 0 ? done * BAR_CELLS / total : 0;

	(void)counts;
	if (!p->bar || clock_mono_ms() < p->next_ms)
		return;
	p->next_ms = clock_mono_ms() + DRAW_MS;
	p->drawn = true;
	fputs("\r\033[K[", stderr);
	for (uint64_t i = 0; i < BAR_CELLS; i++)
		fputc(i < cells ? '#' : '.', stderr);
	fprintf(stderr, "] %" PRIu64 "/%" PRIu64 " ", done, total);
	terminal_put(stderr, str_sub(mailbox, 0, NAME_SHOWN));
	fflush(stderr);
}

static void mailbox(void *arg, struct str name, const struct transfer_counts *counts)
{
	struct progress *p = arg;

	wipe(p);
	terminal_put(stdout, name);
	printf(": %" PRIu64 " new, %" PRIu64 " there already, %" PRIu64 " left out\n",
	       counts->imported, counts->known, counts->skipped);
	fflush(stdout);
	p->all.imported += counts->imported;
	p->all.known += counts->known;
	p->all.skipped += counts->skipped;
}

static void skipped(void *arg, struct str what, struct str why)
{
	struct progress *p = arg;

	wipe(p);
	fputs("roost: left out ", stderr);
	terminal_put(stderr, what);
	fputs(": ", stderr);
	terminal_put(stderr, why);
	fputc('\n', stderr);
}

void progress_init(struct progress *p)
{
	*p = (struct progress){ .bar = isatty(STDERR_FILENO) == 1 };
	p->watch = (struct transfer_watch){
		.arg = p, .step = step, .mailbox = mailbox, .skipped = skipped
	};
}

void progress_end(struct progress *p, const char *verb)
{
	wipe(p);
	printf("%" PRIu64 " %s, %" PRIu64 " there already, %" PRIu64 " left out\n", p->all.imported,
	       verb, p->all.known, p->all.skipped);
}

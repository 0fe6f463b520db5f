/* tests/bench/index_bench.c: what the search index takes: its size, and the CPU it costs.
 *
 *	find FOLDER -type f | index_bench [TIMES]
 *
 * Each file is a message; all are put into the store TIMES times. Only the time of this thread
 * counts, so a busy machine does not. "Text" is what SEARCH sees of a message: the decoded
 * fields of its header and its textual parts. Then what questions take, of this thread too. */
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/keywords.h"
#include "model/mailbox/lease.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/watch.h"
#include "model/search/find.h"
#include "model/search/indexer.h"
#include "model/search/text.h"
#include "model/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ACCOUNT = 1, BATCH = 4096, TURNS = 5 };

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

struct bench {
	struct mailboxes mailboxes;
	struct store *store;
	uint32_t inbox;
	uint64_t messages, raw_bytes, text_bytes, row_bytes, rows;
};

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(enum err e, const char *what)
{
	if (e == OK)
		return;
	fprintf(stderr, "index_bench: %s: %s\n", what, err_name(e));
	exit(1);
}

/* --- mail ------------------------------------------------------------------------------- */

struct call {
	struct bench *b;
	enum err (*fn)(const struct mail_txn *m, void *arg);
	void *arg;
};

static enum err call_run(struct txn *t, void *arg)
{
	struct call *c = arg;
	struct mail_txn m = { &c->b->mailboxes, t, ACCOUNT, 0 };

	return c->fn(&m, c->arg);
}

static enum err provision(const struct mail_txn *m, void *arg)
{
	struct mailbox box;
	enum err e = mail_provision(m);

	if (!e && (e = mailbox_find(m, STR("INBOX"), &box)) == OK)
		*(uint32_t *)arg = box.id;
	return e;
}

static enum err append(const struct mail_txn *m, void *arg)
{
	struct email_appended done;

	return email_append(m, arg, &done);
}

static bool text_count(void *arg, const struct search_piece *p)
{
	*(uint64_t *)arg += p->name.n + p->text.n;
	return true;
}

static void message_add(struct bench *b, struct str raw)
{
	struct email_append what = { .mailbox = b->inbox };
	struct email_new *new = NULL;
	struct arena a = { 0 };
	struct message m;

	must(email_prepare(b->store, &raw, 1, &limits, &new, NULL), "email_prepare");
	what.email = new;
	must(store_write(b->store, call_run, &(struct call){ b, append, &what }, NULL), "append");
	email_new_free(&new);
	message_parse(&a, raw, &limits, &m);
	(void)search_header_walk(message_str(&m, m.parts[0].header), STR_EMPTY, text_count,
	                         &b->text_bytes);
	(void)search_body_walk(&m, text_count, &b->text_bytes);
	arena_deinit(&a);
	b->messages++;
	b->raw_bytes += raw.n;
}

static void all_read(FILE *f, struct buf *out)
{
	char some[1 << 14];
	size_t n;

	while ((n = fread(some, 1, sizeof(some), f)) > 0)
		buf_bytes(out, some, n);
}

static void file_add(struct bench *b, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf raw;

	if (!f)
		return;
	buf_init(&raw, MIB(64));
	all_read(f, &raw);
	fclose(f);
	if (raw.n)
		message_add(b, buf_str(&raw));
	buf_deinit(&raw);
}

/* Paths, a line each. */
static void files_add(struct bench *b, struct str paths)
{
	struct cur c = cur_of(paths);
	struct arena a = { 0 };
	struct str path;

	while (cur_line(&c, &path))
		file_add(b, str_z(&a, path));
	arena_deinit(&a);
}

/* --- figures ---------------------------------------------------------------------------- */

static enum err rows_count(struct txn *t, void *arg)
{
	struct bench *b = arg;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_SEARCH, STR_EMPTY);
	for (; kv_iter_next(&it); b->rows++)
		b->row_bytes += it.key.n + it.val.n;
	return kv_iter_end(&it);
}

struct question {
	const char *name;
	bool fuzzy;
	unsigned fields;
	struct str pattern;
	uint64_t hits;
};

static enum err ask(const struct mail_txn *m, void *arg)
{
	struct question *q = arg;
	struct search_found f = { 0 };
	enum err e = q->fuzzy ? search_find_fuzzy(m, q->fields, q->pattern, &f)
	                      : search_find(m, q->fields, q->pattern, &f);

	q->hits = ids_count(&f.hits);
	search_found_deinit(&f);
	return e;
}

static void questions(struct bench *b)
{
	struct question all[] = {
		{ "BODY, a frequent word", false, BIT(FIELD_BODY), STR("the"), 0 },
		{ "BODY, a word", false, BIT(FIELD_BODY), STR("patches"), 0 },
		{ "BODY, no word at all", false, BIT(FIELD_BODY), STR("zwitscherlinge"), 0 },
		{ "SUBJECT", false, BIT(FIELD_SUBJECT), STR("changes"), 0 },
		{ "TEXT, two words", false, SEARCH_EVERYWHERE, STR("system calls"), 0 },
		{ "FUZZY BODY, a word", true, BIT(FIELD_BODY), STR("patches"), 0 },
		{ "FUZZY BODY, a typo", true, BIT(FIELD_BODY), STR("pacthes"), 0 },
		{ "FUZZY SUBJECT", true, BIT(FIELD_SUBJECT), STR("changes"), 0 },
		{ "FUZZY TEXT, two words", true, SEARCH_EVERYWHERE, STR("system calls"), 0 },
	};

	for (size_t i = 0; i < COUNT(all); i++) {
		double least = 1e9;

		for (int n = 0; n < TURNS; n++) {
			double from = cpu_ms();

			must(store_read(b->store, call_run, &(struct call){ b, ask, &all[i] }),
			     "ask");
			least = MIN(least, cpu_ms() - from);
		}
		printf("%-24s %8.2f ms, %llu hits\n", all[i].name, least,
		       (unsigned long long)all[i].hits);
	}
}

int main(int argc, char **argv)
{
	char folder[] = "/var/tmp/index-bench-XXXXXX";
	struct bench b = { .mailboxes = { .watches = watches_new(),
		                          .leases = leases_new(),
		                          .mailboxes_max = 10,
		                          .keywords_max = FLAG_CUSTOM + 8,
		                          .name_max = 100 } };
	struct indexer_config index = {
		.limits = limits, .batch = BATCH, .message_bytes = MIB(16), .message_words = 100000
	};
	struct why why = { "" };
	struct buf paths;
	double from;

	if (!mkdtemp(folder))
		return 2;
	buf_init(&paths, MIB(64));
	all_read(stdin, &paths);
	must(store_open(&b.store,
	                &(struct store_config){ .backend = STORE_MEMORY, .folder = folder }, &why),
	     why.text);
	must(store_write(b.store, call_run, &(struct call){ &b, provision, &b.inbox }, NULL),
	     "provision");
	for (int n = argc > 1 ? atoi(argv[1]) : 1; n > 0; n--)
		files_add(&b, buf_str(&paths));
	index.store = b.store;
	from = cpu_ms();
	must(index_account(&index, ACCOUNT), "index_account");
	from = cpu_ms() - from;
	must(store_read(b.store, rows_count, &b), "rows");
	printf("%llu messages, %.1f MiB, of which text %.1f MiB\n", (unsigned long long)b.messages,
	       (double)b.raw_bytes / 1048576, (double)b.text_bytes / 1048576);
	printf("index: %.2f MiB in %llu rows: %.1f %% of the text, %.1f %% of the messages\n",
	       (double)b.row_bytes / 1048576, (unsigned long long)b.rows,
	       100.0 * (double)b.row_bytes / (double)b.text_bytes,
	       100.0 * (double)b.row_bytes / (double)b.raw_bytes);
	printf("CPU: %.3f ms a message, merges included\n", from / (double)b.messages);
	questions(&b);
	buf_deinit(&paths);
	store_close(&b.store);
	(void)rmdir(folder);
	watches_free(&b.mailboxes.watches);
	leases_free(&b.mailboxes.leases);
	return 0;
}

/* tests/fuzz/store_journal_fuzz.c: the journal's file. Whatever the bytes behind them are, the
 * records in front are replayed as they were put; and bytes that nobody wrote give nothing. */
#include "foundation/base/mem.h"
#include "model/store/backend/journal.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { EPOCH = 5, CHANGES_MAX = 64 };

/* The changes a record was made of, checked off one by one. */
struct expected {
	struct str key[CHANGES_MAX], val[CHANGES_MAX];
	bool gone[CHANGES_MAX];
	unsigned count, seen;
};

static enum err see(struct expected *x, struct str key, struct str val, bool gone)
{
	assert(x->seen < x->count);
	assert(str_eq(key, x->key[x->seen]) && str_eq(val, x->val[x->seen]));
	assert(gone == x->gone[x->seen]);
	x->seen++;
	return OK;
}

static enum err see_put(void *arg, struct str key, struct str val)
{
	return see(arg, key, val, false);
}

static enum err see_del(void *arg, struct str key)
{
	return see(arg, key, STR_EMPTY, true);
}

/* One change from each line of the input: its first byte says what and how long the key is. */
static void change_put(struct journal *j, struct expected *x, struct str line)
{
	unsigned i = x->count++;
	size_t key = line.n > 1 ? (unsigned char)line.p[0] / 2 % line.n : 0;

	x->gone[i] = line.n == 0 || line.p[0] % 2 != 0;
	x->key[i] = str_sub(line, 0, key);
	x->val[i] = x->gone[i] ? STR_EMPTY : str_sub(line, key, line.n);
	if (x->gone[i])
		journal_del(j, x->key[i]);
	else
		journal_put(j, x->key[i], x->val[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest = str_from((const char *)data, n);
	struct expected x = { .count = 0 };
	struct journal_target to = { .put = see_put, .del = see_del, .arg = &x };
	struct journal j;
	enum err e;

	journal_init(&j);
	j.fd = memfd_create("journal", MFD_CLOEXEC);
	assert(j.fd >= 0);
	journal_begin(&j, EPOCH);
	while (rest.n > 0 && x.count < CHANGES_MAX) {
		ptrdiff_t end = str_find_byte(rest, '\n');
		size_t line = end < 0 ? rest.n : (size_t)end;

		change_put(&j, &x, str_sub(rest, 0, line));
		if (line % 3 == 0) {
			e = journal_append(&j, line % 2 == 0, NULL);
			assert(e == OK);
		}
		rest = str_sub(rest, line + 1, rest.n);
	}
	if (j.record.n != 0) {
		e = journal_append(&j, false, NULL);
		assert(e == OK);
	}
	/* Then the input itself, as what an earlier epoch or nobody left there. */
	assert(pwrite(j.fd, data, n, (off_t)j.at) == (ssize_t)n);
	e = journal_replay(&j, EPOCH, &to, NULL);
	assert(e == OK && x.seen == x.count);
	journal_deinit(&j);
	return 0;
}

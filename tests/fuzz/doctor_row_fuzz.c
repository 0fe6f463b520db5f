/* What the doctor reads from bytes: a row that it keeps, which is refused or says something that,
 * written again, says the same, and of which the mail is text in lines whatever it holds; a
 * setting with lists of bad senders; a message's header that a self-test explains. */
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/config/settings.h"
#include "operations/doctor/examine/lists.h"
#include "operations/doctor/doctor_private.h"
#include "operations/doctor/self_test/self_arrival.h"
#include "operations/doctor/watch.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool same(const struct watch_row *a, const struct watch_row *b)
{
	return a->state == b->state && a->told == b->told && a->since_ms == b->since_ms &&
	       a->right_ms == b->right_ms && a->wrong_ms == b->wrong_ms &&
	       a->looked_ms == b->looked_ms && str_eq(a->type, b->type) &&
	       str_eq(a->name, b->name) && str_eq(a->words, b->words) &&
	       str_eq(a->advice, b->advice) && str_eq(a->paste, b->paste);
}

/* Lines end in CRLF, and nothing moves a terminal's cursor. */
static void check_lines(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		assert(c != '\r' || (i + 1 < text.n && text.p[i + 1] == '\n'));
		assert(c != '\n' || (i > 0 && text.p[i - 1] == '\r'));
		assert(c >= ' ' || c == '\r' || c == '\n');
	}
}

static void try_news(struct watch_row *row, struct arena *a)
{
	const struct watch_list news = { .items = row, .count = 1 };
	struct str text = news_write(&news, NULL, STR("root@mx.example"), STR("mx.example"), a);

	assert((text.n != 0) ==
	       (row->told == WATCH_TELL_WRONG || row->told == WATCH_TELL_RIGHT));
	check_lines(text);
}

/* As a key has it: the part, a zero byte, the id; then the row, behind the key's length. */
static void try_row(struct str in, struct arena *a)
{
	size_t key_n = in.n != 0 ? MIN((size_t)(unsigned char)in.p[0], in.n - 1) : 0;
	struct str key = str_sub(in, 1, key_n + 1), text = str_sub(in, key_n + 1, in.n);
	struct finding f = { .type = "MX", .state = DNS_STATE_FAIL };
	struct watch_row row, again;
	struct buf b;

	if (!watch_row_parse(key, text, &row))
		return;
	assert(row.part.n + 1 + row.id.n == key.n);
	buf_init(&b, in.n + 256);
	watch_row_pack(&b, &row);
	assert(buf_ok(&b) && watch_row_parse(key, buf_str(&b), &again) && same(&row, &again));
	buf_deinit(&b);
	try_news(&row, a);
	for (int i = 0; i < 3; i++) {
		f.state = i == 1 ? DNS_STATE_OK : DNS_STATE_FAIL;
		again.told = row.told;
		if (watch_step(&row, &f, 1000 * (i + 1), 1))
			assert(row.told != again.told);
	}
}

static void try_lists(struct str in, struct arena *a)
{
	struct cur c = cur_of(in);
	size_t left = cur_left(&c);
	struct list list;

	for (; list_next(&c, &list); left = cur_left(&c)) {
		struct list_answer answer = { .list = &list, .data = &in, .count = 1 };

		assert(list.zone.n != 0 && cur_left(&c) < left);
		list_judge(&answer, a);
		assert(answer.words.n != 0);
	}
	assert(cur_done(&c));
}

static void try_header(struct str in, struct arena *a)
{
	static const struct settings settings = { .hostname = STR("mx.example") };
	const struct self_arrival s = { .settings = &settings, .header = in, .a = a };
	struct checks out = { .count = 0 };

	self_judge_results(&s, &out);
	self_judge_filters(&s, &out);
	self_judge_delivery(&s, &out);
	assert(out.count == 3);
	for (size_t i = 0; i < out.count; i++)
		assert(out.items[i].seen.n != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };

	try_row(in, &a);
	try_lists(in, &a);
	try_header(in, &a);
	arena_deinit(&a);
	return 0;
}

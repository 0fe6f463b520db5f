/* Rules that were read and are written with every value in quotes read as the same; secrets that
 * were hidden come back as they were. */
#include "foundation/base/buf.h"
#include "foundation/config/rules.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void put(struct buf *out, const struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		for (size_t j = 0; j < rules->items[i].count; j++) {
			const struct rule_word *w = &rules->items[i].words[j];

			buf_fmt(out, "%.*s%s\"", STR_ARG(w->key), w->key.n != 0 ? "=" : "");
			for (size_t k = 0; k < w->value.n; k++) {
				if (w->value.p[k] == '"' || w->value.p[k] == '\\')
					buf_byte(out, '\\');
				buf_byte(out, w->value.p[k]);
			}
			buf_put(out, STR("\" "));
		}
		buf_byte(out, '\n');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct rules rules, again;
	struct str revealed;
	struct buf out;

	buf_init(&out, 1 << 22);
	if (rules_parse(text, &a, &rules, NULL) == OK) {
		put(&out, &rules);
		assert(rules_parse(buf_str(&out), &a, &again, NULL) == OK);
		assert(again.count == rules.count);
		for (size_t i = 0; i < rules.count; i++) {
			assert(again.items[i].count == rules.items[i].count);
			for (size_t j = 0; j < rules.items[i].count; j++) {
				assert(str_eq(again.items[i].words[j].key,
				              rules.items[i].words[j].key));
				assert(str_eq(again.items[i].words[j].value,
				              rules.items[i].words[j].value));
			}
		}
	}
	buf_reset(&out);
	rules_hide(text, &out);
	assert(rules_reveal(buf_str(&out), text, &a, &revealed, NULL) ==
	       (n > 70000 ? ERR_LIMIT : OK));
	assert(n > 70000 || str_eq(revealed, text));
	buf_deinit(&out);
	arena_deinit(&a);
	return 0;
}

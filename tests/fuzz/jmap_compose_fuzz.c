/* A message that is composed of any JSON has whole lines, and the header that was meant: no text
 * of the client begins a field. */
#include "foundation/base/cur.h"
#include "formats/message/header.h"
#include "protocols/jmap/types/email_compose.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_lines(struct str message)
{
	for (size_t i = 0; i < message.n; i++) {
		if (message.p[i] == '\n')
			assert(i != 0 && message.p[i - 1] == '\r');
		if (message.p[i] == '\r')
			assert(i + 1 < message.n && message.p[i + 1] == '\n');
		assert(message.p[i] != '\0');
	}
}

/* No input of the corpus and no mutation of it has a property for this field. */
static void check_header(struct str message)
{
	struct cur c = cur_of(message);
	struct header_field field;

	while (header_next(&c, &field))
		assert(!str_eqi(field.name, STR("Injected")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct compose_blob blobs[] = {
		{ { "B1", 2 }, { "PNG\0", 4 } },
		{ { "B2", 2 }, { "Subject: \xc3\xa4\r\n\r\nx\r\n", 18 } },
	};
	struct arena a = { 0 };
	struct composing c = { .blobs = blobs,
		               .blob_count = COUNT(blobs),
		               .domain = STR("x"),
		               .now_ms = 1,
		               .arena = &a };
	struct buf out;
	struct str *ids;
	size_t count;

	buf_init(&out, 16 * n + (1 << 20));
	if (json_parse(&a, str_from((const char *)data, n), &c.email)) {
		size_t parsed = a.used_bytes;

		if (compose_blob_ids(&c, &ids, &count) == OK && email_compose(&c, &out) == OK) {
			assert(buf_ok(&out));
			check_lines(buf_str(&out));
			if (str_find(str_from((const char *)data, n), STR("njected\"")) < 0 &&
			    str_find(str_from((const char *)data, n), STR("njected:as")) < 0)
				check_header(buf_str(&out));
		}
		assert(a.used_bytes - parsed < 128 * n + (1 << 20));
	}
	buf_deinit(&out);
	arena_deinit(&a);
	return 0;
}

/* The dispatcher of JMAP, with RFC 8620's example type: each line is a request to one server. Laws:
 * a response is JSON, and has sessionState or is a problem; memory grows with the request; fsck of
 * the store finds nothing. */
#include "harness/jmap_todo.h"

#include "foundation/base/cur.h"
#include "foundation/text/json.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { MEMORY_FREE = 4 << 20, MEMORY_FACTOR = 200 };

static void response_check(struct str request, struct str response)
{
	struct arena a = { 0 };
	struct json v;

	assert(json_parse_long(&a, response, 64 << 20, &v));
	assert(json_kind(json_get(v, "sessionState")) == JSON_STRING ||
	       json_kind(json_get(v, "status")) == JSON_NUMBER);
	assert(response.n <= MEMORY_FREE + MEMORY_FACTOR * request.n);
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cur c = cur_of(str_from((const char *)data, n));
	struct todo_server s;
	struct str line;

	todo_server_open(&s);
	for (unsigned i = 0; i < 8 && cur_line(&c, &line); i++) {
		response_check(line, todo_run(&s, line));
		assert(s.used_bytes <= MEMORY_FREE + MEMORY_FACTOR * line.n);
	}
	mail_store_fsck(&s.mail);
	todo_server_close(&s);
	return 0;
}

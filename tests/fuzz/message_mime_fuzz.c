/* Whatever the bytes: the tree is consistent and inside of them, and the records of it unpack
 * to what was packed (tests/unit/message/tree.h has the laws). */
#include "unit/message/tree.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = { 0 };
	struct message m;

	message_parse(&a, str_from((const char *)data, n), &tree_limits, &m);
	tree_laws(&m);
	arena_deinit(&a);
	return 0;
}

/* A stored record, whatever its bytes, is refused or gives a tree that can be walked. */
#include "unit/message/tree.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct structure s;
	struct envelope e;

	if (structure_unpack(&a, in, &s)) {
		for (uint32_t i = 0; i < s.n; i++) {
			const struct structure_part *p = &s.parts[i];

			assert(i == 0 ? p->parent == PART_NONE : p->parent < i);
			assert((p->kind == PART_LEAF) == (p->first_child == PART_NONE));
			assert(p->next == PART_NONE || (p->next > i && p->next < s.n));
			assert((p->kind == PART_MESSAGE) == (p->envelope != NULL));
		}
	}
	envelope_unpack(&a, in, &e);
	arena_deinit(&a);
	return 0;
}

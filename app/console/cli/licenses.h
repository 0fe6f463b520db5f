/* console/cli/licenses.h: the licence texts of everything in the binary, for `roost licenses`. */
#ifndef CLI_LICENSES_H
#define CLI_LICENSES_H

#include <stddef.h>

/* UTF-8, NUL-terminated; the size does not count the NUL. The source is generated into
 * build/gen/ by scripts/gen-licenses from LICENSE and vendor/licenses/. */
extern const char licenses_text[];
extern const size_t licenses_text_size;

#endif

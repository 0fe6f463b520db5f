/* tests/harness/openssl.h: the openssl program as a second opinion. */
#ifndef HARNESS_OPENSSL_H
#define HARNESS_OPENSSL_H
#include "foundation/base/str.h"

/* Run "openssl ARGUMENTS" by the shell in a folder of this process's own; what it wrote to
 * its standard output, in a; empty when it failed. */
struct str openssl(struct arena *a, const char *arguments);
/* Put a file there, mode 0600. */
void openssl_file(const char *name, struct str contents);
/* The folder, with a slash behind it; removed when the process ends. */
const char *openssl_folder(void);
/* False, and says loudly that a test is skipped, when there is no such program. */
bool openssl_there(void);

#endif

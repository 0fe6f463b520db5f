/* protocols/jmap/request/load.h: requests, uploads and push connections of each account at a time
 * (maxConcurrentRequests, maxConcurrentUpload; RFC 8620 2). Thread-safe. */
#ifndef JMAP_LOAD_H
#define JMAP_LOAD_H
#include "foundation/base/util.h"

struct jmap_load;

enum jmap_load_kind { LOAD_REQUEST, LOAD_UPLOAD, LOAD_STREAM, LOAD_KINDS };

struct jmap_load *jmap_load_new(void) MUST_USE;
/* Nothing may run. NULL is a no-op; clears *l. */
void jmap_load_free(struct jmap_load **l);

/* False: as many run as may. True: call end once. */
bool jmap_load_begin(struct jmap_load *l, uint32_t account, enum jmap_load_kind kind) MUST_USE;
void jmap_load_end(struct jmap_load *l, uint32_t account, enum jmap_load_kind kind);

#endif

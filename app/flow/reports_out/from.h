/* flow/reports_out/from.h: the author of reports. They must pass DMARC themselves (RFC
 * 7489 7.2.1.1), so the author's domain is a local one with keys: the host's own or one
 * above it, else the first that has any. */
#ifndef REPORTS_OUT_FROM_H
#define REPORTS_OUT_FROM_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct store;

/* Postmaster at that domain; strings live in a. */
enum err out_from_find(struct store *store, struct str hostname, struct arena *a,
                       struct mailaddr *out) MUST_USE;

#endif

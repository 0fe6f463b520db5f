/* flow/reports_out/from.h: in whose name reports are sent.
 *
 * They have to pass DMARC themselves (RFC 7489 7.2.1.1), so the author's domain is one of ours that
 * has keys: the host's own or one above it, else the first that has any. */
#ifndef REPORTS_OUT_FROM_H
#define REPORTS_OUT_FROM_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct store;

/* Postmaster there; strings live in a. */
enum err out_from_find(struct store *store, struct str hostname, struct arena *a,
                       struct mailaddr *out) MUST_USE;

#endif

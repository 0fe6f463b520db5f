/* flow/reports_out/tls.h: TLS reports (RFC 8460): how TLS went with a domain's servers on a day,
 * to whom the domain names in _smtp._tls. For this folder only. */
#ifndef REPORTS_OUT_TLS_H
#define REPORTS_OUT_TLS_H
#include "flow/reports_out/post.h"

/* Send the reports of a day that were not yet. end_s: up to when, if the day is not over; 0: it is.
 * *waits: some are to be tried again. Errors are the store's. */
enum err out_tls_post(const struct out_post *p, uint32_t day, int64_t end_s, bool *waits,
                      struct why *why) MUST_USE;

#endif

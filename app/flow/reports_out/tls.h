/* flow/reports_out/tls.h: TLS reports (RFC 8460): the results of TLS with a domain's
 * servers on a day, sent to the recipients in _smtp._tls. For this folder only. */
#ifndef REPORTS_OUT_TLS_H
#define REPORTS_OUT_TLS_H
#include "flow/reports_out/post.h"

/* Send the pending reports of a day. end_s: end of the period if the day has not ended;
 * 0: it has. *waits: some are deferred. Errors are the store's. */
enum err out_tls_post(const struct out_post *p, uint32_t day, int64_t end_s, bool *waits,
                      struct why *why) MUST_USE;

#endif

/* flow/reports_out/web.h: sends reports by HTTPS (RFC 8460 5.4). For this folder only. */
#ifndef REPORTS_OUT_WEB_H
#define REPORTS_OUT_WEB_H
#include "flow/reports_out/mail.h"

/* Post the file to each URL of m->asked and record the result. *posted: one has accepted
 * it; *failed: one has failed and may be retried. Verified TLS, no redirects, and never
 * to a private address, whatever a domain's record names. Blocks. */
void out_web_post(struct out_mail *m, bool *posted, bool *failed);

#endif

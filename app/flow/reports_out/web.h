/* flow/reports_out/web.h: reports to who wants them by HTTPS (RFC 8460 5.4). For this folder
 * only. */
#ifndef REPORTS_OUT_WEB_H
#define REPORTS_OUT_WEB_H
#include "flow/reports_out/mail.h"

/* Post the file to each URL of m->asked and note what came of it. *posted: somebody has taken it;
 * *failed: somebody did not, and may another time. Verified TLS, no redirects, and never to an
 * address that is private, whatever a domain's record says. Blocks. */
void out_web_post(struct out_mail *m, bool *posted, bool *failed);

#endif

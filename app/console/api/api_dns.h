/* console/api/api_dns.h: the answer about a domain's DNS, which the setup gives too. */
#ifndef API_API_DNS_H
#define API_API_DNS_H
#include "console/api/api.h"

/* Ask DNS and write the answer; blocks some seconds at most. domain in lower case. ERR_RETRY:
 * DNS cannot be asked. */
enum err api_dns_put(struct api_call *c, struct str domain) MUST_USE;

#endif

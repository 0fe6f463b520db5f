/* flow/policy/authentication/forged_headers.h: removes fields of received mail that claim to be
 * from this server: readers trust our Authentication-Results (RFC 8601 5) and BIMI
 * fields. */
#ifndef POLICY_FORGED_HEADERS_H
#define POLICY_FORGED_HEADERS_H
#include "flow/policy/check.h"

enum policy_need forged_need(const struct policy_run *r);
void forged_run(struct policy_run *r);

#endif

/* protocols/smtp_out/dial.h: connects to a host with the source address, proxy or socket
 * path of a way. */
#ifndef SMTP_OUT_DIAL_H
#define SMTP_OUT_DIAL_H
#include "protocols/smtp_out/route_resolve.h"

struct stream;

/* Connect to one of the 1 to OUT_HOPS_MAX hops of one host, in this order; *which is the
 * index of the connected one. timeout_ms is for each address. Errors as in
 * network/runtime/dial.h, all as ERR_RETRY. */
enum err out_dial(const struct out_way *way, const struct out_hop *const *hops, size_t count,
                  int64_t timeout_ms, struct stream **out, size_t *which,
                  struct why *why) MUST_USE;

#endif

/* protocols/smtp_out/dial.h: a connection to a host, in the manner of a way: source address,
 * proxy, socket in the file system. */
#ifndef SMTP_OUT_DIAL_H
#define SMTP_OUT_DIAL_H
#include "protocols/smtp_out/way.h"

struct stream;

/* Connect to one of the hops of one host, 1 to OUT_HOPS_MAX in the order to try them; *which is
 * its place. timeout_ms is for each address. Errors as in network/runtime/dial.h, all of them as
 * ERR_RETRY. */
enum err out_dial(const struct out_way *way, const struct out_hop *const *hops, size_t count,
                  int64_t timeout_ms, struct stream **out, size_t *which,
                  struct why *why) MUST_USE;

#endif

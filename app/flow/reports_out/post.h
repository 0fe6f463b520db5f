/* flow/reports_out/post.h: one report, from what was counted to the queue. For this folder only. */
#ifndef REPORTS_OUT_POST_H
#define REPORTS_OUT_POST_H
#include "flow/reports_out/dmarc.h"
#include "flow/reports_out/reports_out.h"

#include <stdatomic.h>

struct out_post {
	const struct report_out_config *config;
	const atomic_bool *stop;
	bool now; /* also what waits to be tried again */
};

/* Make and send the report of a domain's day, or put it off. today: the day is not over. OK also
 * when nobody wants it: then it is forgotten. Errors are the store's. */
enum err out_post_dmarc(const struct out_post *p, const struct out_dmarc_at *at, bool today,
                        struct why *why) MUST_USE;

#endif

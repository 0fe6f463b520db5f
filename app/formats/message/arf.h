/* formats/message/arf.h: feedback reports (RFC 5965): a provider reports a spam complaint about one
 * of our messages. */
#ifndef MESSAGE_ARF_H
#define MESSAGE_ARF_H
#include "formats/message/mailaddr.h"
#include "formats/message/mime.h"

enum { ARF_RCPTS_MAX = 100 };

struct arf {
	struct str type;      /* "abuse", in lower case                                     */
	struct str agent;     /* the program that made the report */
	uint32_t incidents;   /* number of incidents; 1 when absent */
	struct mailaddr from; /* Original-Mail-From; null when absent */
	struct mailaddr *rcpts; /* Original-Rcpt-To, at most ARF_RCPTS_MAX                  */
	size_t rcpt_count;
	struct str original; /* the header of the reported message */
};

/* Parse raw as a feedback report: multipart/report with three parts (RFC 5965 2), the required
 * fields once (3.1), and no repeated field that must not be repeated (3.2). False otherwise: then
 * treat it as normal mail (4). Everything lives in a. Linear. */
bool arf_parse(struct arena *a, struct str raw, const struct message_limits *limits,
               struct arf *out);

#endif

/* formats/message/arf.h: feedback reports (RFC 5965): a provider tells that somebody called a
 * message of ours spam. */
#ifndef MESSAGE_ARF_H
#define MESSAGE_ARF_H
#include "formats/message/mailaddr.h"
#include "formats/message/mime.h"

enum { ARF_RCPTS_MAX = 100 };

struct arf {
	struct str type;      /* "abuse", in lower case                                     */
	struct str agent;     /* who made the report, as it calls itself                    */
	uint32_t incidents;   /* how many it stands for; 1 when it does not say             */
	struct mailaddr from; /* Original-Mail-From; null when it does not say              */
	struct mailaddr *rcpts; /* Original-Rcpt-To, at most ARF_RCPTS_MAX                  */
	size_t rcpt_count;
	struct str original; /* the header of the message that it is about                  */
};

/* Read raw as a feedback report: multipart/report with its three parts (RFC 5965 2), the fields
 * that must be there once (3.1), and none twice that must not (3.2). False for anything else:
 * then it is mail like any other (4). Everything lives in a. Linear. */
bool arf_parse(struct arena *a, struct str raw, const struct message_limits *limits,
               struct arf *out);

#endif

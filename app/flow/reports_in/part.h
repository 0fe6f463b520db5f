/* flow/reports_in/part.h: which parts of a message may be reports, by what senders call them. */
#ifndef REPORTS_IN_PART_H
#define REPORTS_IN_PART_H
#include "formats/message/mime.h"

struct arena;

/* By its type or its name; what it is, its bytes say (unpack.h, draft.h). */
bool report_part_may(const struct message *m, const struct part *p, struct arena *a);

#endif

/* report/in_part.h: which parts of a message may be reports, by what senders call them. */
#ifndef REPORT_IN_PART_H
#define REPORT_IN_PART_H
#include "message/mime.h"

struct arena;

/* By its type or its name; what it is, its bytes say (in_unpack.h, in_draft.h). */
bool report_part_may(const struct message *m, const struct part *p, struct arena *a);

#endif

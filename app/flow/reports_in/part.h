/* flow/reports_in/part.h: the parts of a message that may be reports. */
#ifndef REPORTS_IN_PART_H
#define REPORTS_IN_PART_H
#include "formats/message/mime.h"

struct arena;

/* By its type or name; its bytes decide later (unpack.h, draft.h). */
bool report_part_may(const struct message *m, const struct part *p, struct arena *a);

#endif

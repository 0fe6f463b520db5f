/* formats/message/subject.h: the base subject, by which messages are sorted and threaded (RFC 5256
 * 2.1). */
#ifndef MESSAGE_SUBJECT_H
#define MESSAGE_SUBJECT_H
#include "foundation/base/str.h"

struct arena;

/* raw is the raw value of Subject. Returns the base subject, UTF-8, in a; *reply: the subject marks
 * a reply or a forward. At most max bytes. Linear. */
struct str subject_base(struct arena *a, struct str raw, size_t max, bool *reply);

#endif

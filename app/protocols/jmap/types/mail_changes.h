/* protocols/jmap/types/mail_changes.h: /changes of the types of mail, by the change log
 * (model/mailbox/changed.h). */
#ifndef JMAP_MAIL_CHANGES_H
#define JMAP_MAIL_CHANGES_H
#include "model/mailbox/changed.h"
#include "protocols/jmap/request/type.h"

/* Fill the results; c->state is then the struct changed. */
enum err jmap_changes_by_log(struct jmap_changes *c, enum changed_type type,
                             enum jmap_id_kind kind) MUST_USE;

#endif

/* protocols/jmap/types/mailbox.h: Mailbox (RFC 8621 2).
 *
 *	mailbox.c         properties, /get, /changes
 *	mailbox_query.c   /query
 *	mailbox_set.c     /set */
#ifndef JMAP_MAILBOX_H
#define JMAP_MAILBOX_H
#include "model/mailbox/mailbox.h"
#include "protocols/jmap/request/type.h"

/* The mailboxes that the caller may see, read once for a call. */
struct mailbox_view {
	struct mailbox_list list;
	struct mailbox_entry **by_id;
};
enum err mailbox_view_read(const struct mail_txn *m, struct arena *a,
                           struct mailbox_view *out) MUST_USE;
/* NULL: there is none with that number. */
const struct mailbox_entry *mailbox_view_find(const struct mailbox_view *v, uint32_t id);
/* The same by id as text. */
const struct mailbox_entry *mailbox_view_id(const struct mailbox_view *v, uint32_t account,
                                            struct str id);
/* The parent as JMAP shows it; 0: none, or the caller may not see it. */
uint32_t mailbox_view_parent(const struct mailbox_view *v, const struct mailbox *box);

/* "inbox"; empty for ROLE_NONE. Static. */
struct str mailbox_role_name(enum mailbox_role role);
bool mailbox_role_find(struct str name, enum mailbox_role *out);

enum err mailbox_query(struct jmap_query *q) MUST_USE;

enum err mailbox_set_create(struct jmap_set *s, struct json object, struct str *id) MUST_USE;
enum err mailbox_set_update(struct jmap_set *s, struct str id,
                            const struct jmap_patch *patch) MUST_USE;
enum err mailbox_set_destroy(struct jmap_set *s, struct str id) MUST_USE;

#endif

/* protocols/jmap/types/email.c: the type Email; see email.h. */
#include "protocols/jmap/types/email.h"

#include "protocols/jmap/types/email_set.h"
#include "protocols/jmap/types/email_query.h"
#include "protocols/jmap/types/mail_changes.h"

static const struct jmap_property properties[] = {
	{ "id", FORM_ID, SERVER_SET | IMMUTABLE, email_put_id },
	{ "blobId", FORM_ID, SERVER_SET | IMMUTABLE, email_put_blob_id },
	{ "threadId", FORM_ID, SERVER_SET | IMMUTABLE, email_put_thread_id },
	{ "mailboxIds", FORM_BOOL, MAP | ID_KEYS | NEEDED, email_put_mailbox_ids },
	{ "keywords", FORM_BOOL, MAP, email_put_keywords },
	{ "size", FORM_UNSIGNED, SERVER_SET | IMMUTABLE, email_put_size },
	{ "receivedAt", FORM_UTC_DATE, IMMUTABLE, email_put_received_at },
	{ "messageId", FORM_STRING, LIST | OR_NULL | IMMUTABLE, email_put_envelope },
	{ "inReplyTo", FORM_STRING, LIST | OR_NULL | IMMUTABLE, email_put_envelope },
	{ "references", FORM_STRING, LIST | OR_NULL | IMMUTABLE, email_put_field },
	{ "sender", FORM_OBJECT, LIST | OR_NULL | IMMUTABLE, email_put_envelope },
	{ "from", FORM_OBJECT, LIST | OR_NULL | IMMUTABLE, email_put_envelope },
	{ "to", FORM_OBJECT, LIST | OR_NULL | IMMUTABLE, email_put_envelope },
	{ "cc", FORM_OBJECT, LIST | OR_NULL | IMMUTABLE, email_put_envelope },
	{ "bcc", FORM_OBJECT, LIST | OR_NULL | IMMUTABLE, email_put_envelope },
	{ "replyTo", FORM_OBJECT, LIST | OR_NULL | IMMUTABLE, email_put_envelope },
	{ "subject", FORM_STRING, OR_NULL | IMMUTABLE, email_put_envelope },
	{ "sentAt", FORM_DATE, OR_NULL | IMMUTABLE, email_put_envelope },
	{ "hasAttachment", FORM_BOOL, SERVER_SET | IMMUTABLE, email_put_has_attachment },
	{ "preview", FORM_STRING, SERVER_SET | IMMUTABLE, email_put_preview },
	{ "bodyValues", FORM_OBJECT, MAP | IMMUTABLE, email_put_values },
	{ "textBody", FORM_OBJECT, LIST | IMMUTABLE, email_put_list },
	{ "htmlBody", FORM_OBJECT, LIST | IMMUTABLE, email_put_list },
	{ "attachments", FORM_OBJECT, LIST | IMMUTABLE, email_put_list },
	{ "headers", FORM_OBJECT, LIST | IMMUTABLE | ON_REQUEST, email_put_headers },
	{ "bodyStructure", FORM_OBJECT, IMMUTABLE | ON_REQUEST, email_put_structure },
};

static enum err email_state(const struct mail_txn *m, uint64_t *modseq)
{
	return changed_state(m, CHANGED_EMAIL, modseq);
}

static enum err email_changes(struct jmap_changes *c)
{
	return jmap_changes_by_log(c, CHANGED_EMAIL, ID_EMAIL);
}

const struct jmap_type jmap_type_email = {
	.name = "Email",
	.capability = CAP_MAIL,
	.scope = JMAP_MAIL,
	.properties = properties,
	.property_count = COUNT(properties),
	.get_arguments = body_arguments,
	.get_argument_count = BODY_ARGUMENTS,
	.get_begin = email_get_begin,
	.load = email_load,
	.extra_valid = email_set_extra,
	.extra_put = email_header_put,
	.state = email_state,
	.changes = email_changes,
	.set_prepare = email_set_prepare,
	.create_prepare = email_create_prepare,
	.set_begin = email_set_begin,
	.create = email_set_create,
	.copy = email_set_create,
	.update = email_set_update,
	.destroy = email_set_destroy,
	.set_end = email_set_end,
	.set_done = email_set_done,
	.query_arguments = email_query_arguments,
	.query_argument_count = COUNT(email_query_arguments),
	.conditions = email_conditions,
	.condition_count = COUNT(email_conditions),
	.sorts = email_sorts,
	.query = email_query_run,
	.query_changed = email_query_changed,
};

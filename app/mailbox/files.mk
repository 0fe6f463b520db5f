SRC_mailbox := flags.c uids.c home.c name.c keywords.c watch.c keys.c records.c \
	edit.c edit_rows.c unseen.c email_rows.c email_new.c email_append.c email_copy.c \
	email_flags.c email_expunge.c mail.c mailbox.c mailbox_list.c mailbox_edit.c \
	mailbox_rename.c renew.c subscription.c lease.c limbo.c changes.c fsck.c fsck_mailboxes.c \
	fsck_names.c fsck_rows.c fsck_emails.c fsck_changes.c fsck_owners.c rights.c acl.c metadata.c fsck_metadata.c fsck_acl.c copy_across.c
SRC_mailbox += url_key.c fsck_url_keys.c own_seen.c own_seen_all.c own_seen_count.c repair.c fsck_own_seen.c thread_id.c

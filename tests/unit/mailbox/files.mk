TEST_mailbox := values_test.c mailbox_test.c email_test.c watch_test.c lease_test.c \
	fsck_test.c fsck_emails_test.c fsck_users_test.c \
	faults_test.c model_test.c acl_test.c records_test.c own_seen_test.c thread_id_test.c repair_test.c

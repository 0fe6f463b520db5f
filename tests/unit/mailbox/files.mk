TEST_mailbox := values_test.c mailbox_test.c email_test.c model_test.c

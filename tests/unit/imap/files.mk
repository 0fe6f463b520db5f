TEST_imap := golden_test.c

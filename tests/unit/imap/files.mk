TEST_imap := golden_test.c session_test.c view_test.c wire_test.c

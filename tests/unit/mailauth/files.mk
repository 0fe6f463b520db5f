TEST_mailauth := canon_test.c dkim_test.c

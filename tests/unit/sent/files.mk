TEST_sent := sent_test.c

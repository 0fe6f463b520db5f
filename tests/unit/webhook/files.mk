TEST_webhook += row_test.c
TEST_webhook += rules_test.c
TEST_webhook += threads_test.c

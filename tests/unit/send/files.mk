TEST_send += form_test.c
TEST_send += letter_test.c
TEST_send += raw_test.c

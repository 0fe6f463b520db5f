# One a line, so that changes do not collide; sorted.
TEST_acme += answer_test.c
TEST_acme += jws_test.c
TEST_acme += order_test.c
TEST_acme += own_test.c
TEST_acme += schedule_test.c
TEST_acme += threads_test.c

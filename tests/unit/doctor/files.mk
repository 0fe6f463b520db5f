# One a line, so that changes do not collide; sorted.
TEST_doctor += dns_check_test.c
TEST_doctor += dns_records_test.c
TEST_doctor += meaning_spf_test.c
TEST_doctor += meaning_standing_test.c
TEST_doctor += meaning_test.c
TEST_doctor += own_policy_test.c
TEST_doctor += reports_test.c
TEST_doctor += self_test_test.c
TEST_doctor += verdict_test.c
TEST_doctor += watch_test.c

# One a line, so that changes do not collide; sorted.
TEST_policy += access_test.c
TEST_policy += dmarc_test.c
TEST_policy += dnsbl_test.c
TEST_policy += limits_test.c
TEST_policy += lists_test.c
TEST_policy += milter_test.c
TEST_policy += names_test.c
TEST_policy += recall_test.c
TEST_policy += rules_test.c
TEST_policy += run_test.c
TEST_policy += signatures_test.c
TEST_policy += spf_test.c
TEST_policy += turns_test.c
TEST_policy += view_test.c
TEST_policy += wire_hook_test.c
TEST_policy += wire_milter_test.c
TEST_policy += words_test.c

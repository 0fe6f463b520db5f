TEST_dnssec := anchor_test.c cost_test.c limits_test.c vectors_test.c

TEST_remote := evidence_test.c sts_test.c

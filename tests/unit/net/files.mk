TEST_net := tls_test.c
TEST_net += runtime_test.c

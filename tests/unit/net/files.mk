TEST_net := tls_test.c

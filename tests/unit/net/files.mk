TEST_net := cert_test.c tls_interop_test.c tls_test.c tls_verify_test.c
TEST_net += runtime_test.c

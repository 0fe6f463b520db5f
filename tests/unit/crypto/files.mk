TEST_crypto := cram_test.c der_test.c hash_test.c key_test.c otp_test.c password_test.c pem_test.c rsa_public_test.c scram_test.c verify_test.c x509_client_test.c x509_csr_test.c x509_test.c

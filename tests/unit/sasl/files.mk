TEST_sasl := client_test.c server_test.c

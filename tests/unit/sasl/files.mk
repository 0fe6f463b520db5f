TEST_sasl := client_test.c scram_test.c server_test.c token_test.c

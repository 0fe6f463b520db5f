TEST_acme := answer_test.c jws_test.c order_test.c own_test.c schedule_test.c tsig_test.c

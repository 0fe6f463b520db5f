TEST_delivery := delivery_test.c

TEST_smtp := golden_test.c out_test.c route_test.c wire_test.c

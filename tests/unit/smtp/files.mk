TEST_smtp := golden_test.c wire_test.c

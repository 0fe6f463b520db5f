TEST_smtp := wire_test.c

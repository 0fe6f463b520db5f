TEST_transfer := wire_test.c

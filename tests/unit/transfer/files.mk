TEST_transfer := folders_test.c wire_test.c

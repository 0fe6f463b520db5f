TEST_transfer := folders_test.c import_test.c wire_test.c

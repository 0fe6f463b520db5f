TEST_config := settings_test.c

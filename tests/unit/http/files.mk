TEST_http := assets_test.c body_test.c fields_test.c local_test.c path_test.c server_test.c

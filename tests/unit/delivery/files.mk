TEST_delivery := delivery_test.c fit_test.c lost_test.c return_path_test.c

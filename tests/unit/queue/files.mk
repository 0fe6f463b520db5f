TEST_queue := admin_test.c bounce_test.c fault_test.c fsck_test.c life_test.c open_test.c property_test.c race_test.c schedule_test.c

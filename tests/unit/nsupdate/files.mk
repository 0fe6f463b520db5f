# One a line, so that changes do not collide; sorted.
TEST_nsupdate += program_test.c
TEST_nsupdate += tsig_test.c
TEST_nsupdate += wire_update_test.c

# One a line, so that changes do not collide; sorted.
TEST_report += in_part_test.c
TEST_report += in_store_test.c
TEST_report += in_tally_test.c
TEST_report += in_unpack_test.c
TEST_report += in_waiting_test.c
TEST_report += out_failing_test.c
TEST_report += out_failure_test.c
TEST_report += out_row_test.c
TEST_report += out_test.c
TEST_report += out_tls_test.c
TEST_report += wire_arf_test.c
TEST_report += wire_dmarc_test.c
TEST_report += wire_tls_test.c
TEST_report += wire_wide_test.c
TEST_report += wire_xml_test.c

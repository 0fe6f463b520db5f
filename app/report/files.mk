# One a line, so that changes do not collide; sorted.
SRC_report += in_unpack.c
SRC_report += wire_archive.c
SRC_report += wire_arf.c
SRC_report += wire_dmarc.c
SRC_report += wire_tls.c
SRC_report += wire_xml.c
SRC_report += wire_xml_ref.c

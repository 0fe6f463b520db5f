# One a line, so that changes do not collide; sorted.
SRC_report += in_unpack.c
SRC_report += out.c
SRC_report += out_ask.c
SRC_report += out_dmarc.c
SRC_report += out_due.c
SRC_report += out_from.c
SRC_report += out_fsck.c
SRC_report += out_letter.c
SRC_report += out_post.c
SRC_report += out_row.c
SRC_report += out_seen.c
SRC_report += wire_archive.c
SRC_report += wire_arf.c
SRC_report += wire_dmarc.c
SRC_report += wire_tls.c
SRC_report += wire_xml.c
SRC_report += wire_xml_ref.c

# One a line, so that changes do not collide; sorted.
SRC_doctor += dns_check.c
SRC_doctor += dns_facts.c
SRC_doctor += dns_records.c
SRC_doctor += dns_spf.c
SRC_doctor += dns_zone.c
SRC_doctor += doctor.c
SRC_doctor += examine.c
SRC_doctor += finding.c
SRC_doctor += look.c
SRC_doctor += look_challenges.c
SRC_doctor += look_dnssec.c
SRC_doctor += own_sts.c
SRC_doctor += own_tlsa.c
SRC_doctor += self_judge.c
SRC_doctor += self_test.c

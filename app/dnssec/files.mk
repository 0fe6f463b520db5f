SRC_dnssec := anchor.c cache.c chain.c data.c denial.c judge.c key.c message.c name.c nsec.c nsec3.c rrset.c

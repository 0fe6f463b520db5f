SRC_acme := acme.c challenge.c client.c dns_update.c hook.c jws.c list.c order.c own.c plan.c records.c \
	schedule.c tsig.c wire_answer.c work.c

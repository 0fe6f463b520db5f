SRC_acme := account.c account_wish.c acme.c challenge.c client.c client_account.c dns_update.c \
	hook.c info.c job.c job_names.c jws.c list.c order.c order_begin.c order_prove.c own.c \
	plan.c records.c revoke.c schedule.c tsig.c wire_answer.c wish.c work.c

SRC_main := account.c certificate.c checks.c cli_account.c cli_domain.c cli_info.c cli_queue.c cli_store.c command.c commands.c control.c main.c privilege.c provision.c serve.c

SRC_main := authority.c certificate.c checks.c client_ca.c cli_account.c cli_certificate.c cli_domain.c cli_group.c cli_info.c cli_person.c cli_queue.c cli_store.c cli_token.c command.c commands.c control.c history.c main.c outgoing.c privilege.c protocols.c provision.c serve.c server.c services.c settings.c
SRC_main += call.c call_print.c
SRC_main += cli_doctor.c cli_settings.c setup_link.c
SRC_main += cli_passkey.c terminal.c
SRC_main += beside.c cli_transfer.c progress.c

"""Every command there is: what handles it, where it is asked for, and who may."""

from commands.customers import customers
from commands.desk import groups, tickets
from commands.dispatch import Entry
from commands.people import users
from domain.actors import ADMINS, PARTIES, STAFF

TABLE: tuple[Entry, ...] = (
    Entry(customers.RegisterCustomer, customers.register_customer, "POST /customers", ADMINS),
    Entry(customers.ChangeCustomer, customers.change_customer, "PATCH /customers/{id}", ADMINS),
    Entry(
        customers.ArchiveCustomer,
        customers.archive_customer,
        "POST /customers/{id}/archive",
        ADMINS,
    ),
    Entry(
        customers.RestoreCustomer,
        customers.restore_customer,
        "POST /customers/{id}/restore",
        ADMINS,
    ),
    Entry(users.RegisterUser, users.register_user, "POST /users", ADMINS),
    Entry(users.ChangeUser, users.change_user, "PATCH /users/{id}", ADMINS),
    Entry(users.DeactivateUser, users.deactivate_user, "POST /users/{id}/deactivate", ADMINS),
    Entry(users.ReactivateUser, users.reactivate_user, "POST /users/{id}/reactivate", ADMINS),
    Entry(groups.FormGroup, groups.form_group, "POST /groups", ADMINS),
    Entry(groups.ChangeGroup, groups.change_group, "PATCH /groups/{id}", ADMINS),
    Entry(groups.ArchiveGroup, groups.archive_group, "POST /groups/{id}/archive", ADMINS),
    Entry(groups.RestoreGroup, groups.restore_group, "POST /groups/{id}/restore", ADMINS),
    Entry(tickets.OpenTicket, tickets.open_ticket, "POST /tickets", PARTIES),
    Entry(tickets.ChangeTicket, tickets.change_ticket, "PATCH /tickets/{id}", STAFF),
    Entry(tickets.AssignTicket, tickets.assign_ticket, "POST /tickets/{id}/assign", STAFF),
    Entry(tickets.UnassignTicket, tickets.unassign_ticket, "POST /tickets/{id}/unassign", STAFF),
    Entry(tickets.StartTicket, tickets.start_ticket, "POST /tickets/{id}/start", STAFF),
    Entry(tickets.PutTicketOnHold, tickets.put_ticket_on_hold, "POST /tickets/{id}/wait", STAFF),
    Entry(tickets.CommentTicket, tickets.comment_ticket, "POST /tickets/{id}/comments", PARTIES),
    Entry(tickets.ResolveTicket, tickets.resolve_ticket, "POST /tickets/{id}/resolve", STAFF),
    Entry(tickets.CloseTicket, tickets.close_ticket, "POST /tickets/{id}/close", STAFF),
    Entry(tickets.ReopenTicket, tickets.reopen_ticket, "POST /tickets/{id}/reopen", PARTIES),
    Entry(tickets.DeleteTicket, tickets.delete_ticket, "DELETE /tickets/{id}", ADMINS),
    Entry(tickets.RestoreTicket, tickets.restore_ticket, "POST /tickets/{id}/restore", ADMINS),
)

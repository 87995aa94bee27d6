-- Epochs: after a restore to an earlier instant, positions are given a second time (ADR 11).
--
-- The log begins in epoch 1, of which there is no row. A row says from which position on those of
-- older epochs are not true any more, and is signed with the key that seals the log: who has only
-- the database can not excuse with one that something is missing.

create table es.epochs (
    epoch           bigint       primary key check (epoch > 1),
    first_position  bigint       not null check (first_position > 0),
    last_seal       bigint       not null check (last_seal >= 0),
    restored_to     timestamptz,
    reason          text         not null,
    actor           text         not null,
    recorded_at     timestamptz  not null,
    statement       text         not null,
    signature       bytea        not null
);

create trigger append_only before update or delete or truncate on es.epochs
    for each statement execute function es.refuse_change();
alter table es.epochs enable always trigger append_only;

-- An epoch begins where the log ends, and no other way.
create function es.check_epoch() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    head       bigint;
    last_seal  bigint;
    before     bigint;
begin
    select coalesce(max(e.position), 0) into head from es.events e;
    select coalesce(max(s.seal), 0) into last_seal from es.seals s;
    select coalesce(max(e.epoch), 1) into before from es.epochs e;
    if new.epoch <= before or new.first_position <> head + 1 or new.last_seal <> last_seal then
        raise exception 'epoch % from position % does not follow epoch % at position % and seal %',
            new.epoch, new.first_position, before, head, last_seal
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    return new;
end $$;

create trigger begins_at_the_end before insert on es.epochs
    for each row execute function es.check_epoch();
alter table es.epochs enable always trigger begins_at_the_end;

revoke execute on function es.check_epoch from public;

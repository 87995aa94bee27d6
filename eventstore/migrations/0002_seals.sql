-- Seals: signed statements of what the log holds, so that nobody changes it unnoticed.
--
-- A sealer follows the log (ADR 10). It alone has the key; what is here can be recomputed
-- and checked by anybody, and replaced by nobody who has only the database.

-- Which log this is: the same one after a restore, another one in another installation.
create table es.identity (
    one     boolean  primary key default true check (one),
    log_id  uuid     not null
);

insert into es.identity (log_id) values (gen_random_uuid());

create table es.seals (
    seal            bigint  primary key,
    first_position  bigint  not null,
    last_position   bigint  not null,
    statement       text    not null,
    signature       bytea   not null,
    -- 32 bytes for each event: the root covers them, and they tell which event was changed.
    leaves          bytea   not null
);

-- Hashes do not shrink: to try costs time at every seal.
alter table es.seals alter column leaves set storage external;

create trigger append_only before update or delete or truncate on es.identity
    for each statement execute function es.refuse_change();
create trigger append_only before update or delete or truncate on es.seals
    for each statement execute function es.refuse_change();
alter table es.identity enable always trigger append_only;
alter table es.seals enable always trigger append_only;


-- Adds the next seal. The state is wrong (55000) when another one was added meanwhile.
create function es.seal(
    seal            bigint,
    first_position  bigint,
    last_position   bigint,
    statement       text,
    signature       bytea,
    leaves          bytea
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
as $$
declare
    last  record;
begin
    perform pg_advisory_xact_lock(20255);
    -- Not before the lock is ours: a statement's snapshot is as old as its start.
    select coalesce(max(s.seal), 0) as seal, coalesce(max(s.last_position), 0) as position
      into last
      from (select s.seal, s.last_position from es.seals s order by s.seal desc limit 1) s;
    if seal.seal <> last.seal + 1 or seal.first_position <> last.position + 1 then
        raise exception 'seal % from position % does not follow seal %, which ends at %',
            seal.seal, seal.first_position, last.seal, last.position
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if seal.last_position < seal.first_position - 1
       or octet_length(seal.leaves) <> 32 * (seal.last_position - seal.first_position + 1)
       or octet_length(seal.signature) <> 64 then
        raise exception 'seal % is not complete', seal.seal
            using errcode = 'invalid_parameter_value';
    end if;
    insert into es.seals (seal, first_position, last_position, statement, signature, leaves)
    values (seal.seal, seal.first_position, seal.last_position,
            seal.statement, seal.signature, seal.leaves);
end $$;


revoke execute on function es.seal from public;

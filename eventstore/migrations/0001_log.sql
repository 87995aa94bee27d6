-- The log: facts are appended once, in one order, and never changed.
--
-- What may come later without changing a caller:
-- * A hash chain: nullable columns `leaf` and `chain` on es.events, filled inside
--   es.append or by a sealer that follows the log, and a table es.seals.
-- * Encrypted fields: `state` is opaque here, so a field's ciphertext is just JSON.
-- * Range partitions by position: `position` is the primary key, hence a legal
--   partition key. The unique key becomes (stream_id, version, position), a second
--   line of defence only, because es.streams decides who may append. A stream is
--   then read between es.streams.first_position and last_position.

create table es.events (
    position       bigint      primary key,
    stream_id      uuid        not null,
    version        bigint      not null,
    event_id       uuid        not null,
    topic          text        not null,
    class_version  smallint    not null,
    state          bytea       not null,
    metadata       bytea       not null,
    recorded_at    timestamptz not null default clock_timestamp(),
    unique (stream_id, version)
);

create index events_by_topic on es.events (topic, position);

-- Room on each page, so that a new version stays on it and touches no index.
create table es.streams (
    stream_id       uuid    primary key,
    version         bigint  not null,
    first_position  bigint  not null,
    last_position   bigint  not null
) with (fillfactor = 70);

create table es.commands (
    command_id      uuid         primary key,
    request_hash    bytea        not null,
    first_position  bigint       not null,
    last_position   bigint       not null,
    recorded_at     timestamptz  not null default clock_timestamp()
);

create table es.answers (
    command_id    uuid         primary key,
    request_hash  bytea        not null,
    status        smallint     not null,
    headers       bytea        not null,
    body          bytea        not null,
    recorded_at   timestamptz  not null default clock_timestamp()
);

create index answers_by_age on es.answers (recorded_at);

create table es.numbers (
    series  text    primary key,
    next    bigint  not null default 1
) with (fillfactor = 10);

insert into es.numbers (series) values ('ticket'), ('customer');

create view es.journal as
select position, recorded_at, stream_id, version, topic,
       convert_from(state, 'UTF8') as state,
       convert_from(metadata, 'UTF8') as metadata
  from es.events;


-- Append-only, for the owner too.

create function es.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception '%.% is append-only: what is recorded stays as it is',
        tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege',
              hint = 'Correct a fact by appending another one.';
end $$;

create trigger append_only before update or delete or truncate on es.events
    for each statement execute function es.refuse_change();
create trigger append_only before update or delete or truncate on es.commands
    for each statement execute function es.refuse_change();

-- `always`: a session that plays a replica does not get past it either.
alter table es.events enable always trigger append_only;
alter table es.commands enable always trigger append_only;


-- Appends a batch of commands and answers one row for each of them.
--
-- `commands` holds, for each event, the place of its command in `command_ids`.
-- Every command is decided as if it came alone, after those before it:
--   appended   all its events are in the log at first_position to last_position
--   repeated   it had been appended before, at these positions
--   reused     its id belongs to another request, appended at these positions
--   conflict   stream_id is at version, which is not the one before its first event
-- `any_first` lets a new stream begin at any version.
create function es.append(
    command_ids     uuid[],
    request_hashes  bytea[],
    metadatas       bytea[],
    commands        int[],
    stream_ids      uuid[],
    versions        bigint[],
    event_ids       uuid[],
    topics          text[],
    class_versions  smallint[],
    states          bytea[],
    any_first       boolean default false
) returns table (
    command         int,
    status          text,
    first_position  bigint,
    last_position   bigint,
    stream_id       uuid,
    version         bigint
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
-- Plans are made once: a plan for each call costs a quarter of the throughput, and one
-- made while the tables were empty must not scan them once they are full.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
    head     bigint;
    known    int[];
    start    int := 1;   -- the first command not decided yet
    doubled  int;        -- the first that has the id of one before it
    severed  int;        -- the first with an event that follows no other
    stop     int;        -- the first of both: those before it are accepted
    refused  int;        -- how many from there on meet another version
begin
    -- Whoever holds this lock gives out the next positions: gapless, in commit order.
    perform pg_advisory_xact_lock(20251);

    while start <= cardinality(command_ids) loop
        -- Not before the lock is ours: a statement's snapshot is as old as its start.
        select coalesce(max(e.position), 0) into head from es.events e;

        -- Answered from the past, whatever the versions are.
        known := array(
            select n.command::int
              from unnest(command_ids) with ordinality as n (command_id, command)
             where n.command >= start
               and (select true from es.commands c where c.command_id = n.command_id));

        doubled := (
            select min(n.command)
              from (select n.command,
                           row_number() over (partition by n.command_id order by n.command)
                               as occurrence
                      from unnest(command_ids) with ordinality as n (command_id, command)
                     where n.command >= start and n.command <> all (known)) n
             where n.occurrence > 1);

        severed := (
            select min(e.command)
              from (select e.*, lag(e.version) over (partition by e.stream_id
                                                         order by e.command, e.place) as before
                      from unnest(commands, stream_ids, versions) with ordinality
                           as e (command, stream_id, version, place)
                     where e.command >= start and e.command <> all (known)) e
             where e.version <> 1 + coalesce(
                       e.before,
                       (select s.version from es.streams s where s.stream_id = e.stream_id),
                       case when any_first then e.version - 1 else 0 end));

        stop := least(doubled, severed, cardinality(command_ids) + 1);

        return query
        select n.command,
               case when c.request_hash = request_hashes[n.command]
                    then 'repeated' else 'reused' end,
               c.first_position, c.last_position, null::uuid, null::bigint
          from unnest(known) as n (command)
         cross join lateral (
            select * from es.commands c where c.command_id = command_ids[n.command] limit 1
         ) c
         where n.command < stop;

        -- Those before `stop` follow what is there and one another: all at once.
        return query
        with event as materialized (
            select head + row_number() over (order by e.command, e.place) as position,
                   e.*, n.command_id, n.request_hash, n.metadata
              from unnest(commands, stream_ids, versions, event_ids, topics,
                          class_versions, states) with ordinality
                   as e (command, stream_id, version, event_id, topic,
                         class_version, state, place)
              join unnest(command_ids, request_hashes, metadatas) with ordinality
                   as n (command_id, request_hash, metadata, command)
                on n.command = e.command
             where e.command >= start and e.command < stop and e.command <> all (known)
        ), to_events as (
            insert into es.events (position, stream_id, version, event_id, topic,
                                   class_version, state, metadata)
            select e.position, e.stream_id, e.version, e.event_id, e.topic,
                   e.class_version, e.state, e.metadata
              from event e
        ), to_streams as (
            insert into es.streams as s (stream_id, version, first_position, last_position)
            select e.stream_id, max(e.version), min(e.position), max(e.position)
              from event e
             group by e.stream_id
                on conflict (stream_id) do update
               set version = excluded.version, last_position = excluded.last_position
        ), to_commands as (
            insert into es.commands (command_id, request_hash, first_position, last_position)
            select e.command_id, e.request_hash, min(e.position), max(e.position)
              from event e
             group by e.command_id, e.request_hash
        )
        select e.command, 'appended', min(e.position), max(e.position),
               null::uuid, null::bigint
          from event e
         group by e.command;

        -- The id of a command just decided: look again, it may be known now.
        start := stop;
        continue when stop = doubled;
        exit when stop > cardinality(command_ids);

        -- A refused command changes nothing: those after it meet the same versions.
        return query
        select r.command, 'conflict', null::bigint, null::bigint,
               r.stream_id, coalesce(r.version, 0)
          from (select f.*, dense_rank() over (order by f.command) as nth,
                       row_number() over (partition by f.command order by f.place) as turn
                  from (select e.command, e.stream_id, min(e.version) as lowest,
                               min(e.place) as place,
                               (select s.version from es.streams s
                                 where s.stream_id = e.stream_id) as version
                          from unnest(commands, stream_ids, versions) with ordinality
                               as e (command, stream_id, version, place)
                         where e.command >= stop and e.command <> all (known)
                           and (doubled is null or e.command < doubled)
                         group by e.command, e.stream_id) f
                 where f.lowest <> 1 + coalesce(
                           f.version, case when any_first then f.lowest - 1 else 0 end)) r
         where r.turn = 1 and r.command = stop + r.nth - 1;

        get diagnostics refused = row_count;
        if refused = 0 then
            raise exception 'command %: the events of a stream must ascend by one',
                command_ids[stop] using errcode = 'integrity_constraint_violation';
        end if;
        start := stop + refused;
    end loop;
end $$;


-- Draws `count` numbers and returns the first; numbers ascend, some may stay unused.
-- A row, not a sequence: a sequence can not give out a block in one piece.
create function es.next_numbers(series text, count int default 1) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
as $$
declare
    first  bigint;
begin
    if count < 1 then
        raise exception 'a block of numbers has at least one, not %', count
            using errcode = 'invalid_parameter_value';
    end if;
    update es.numbers n set next = n.next + count
     where n.series = next_numbers.series
    returning n.next - count into first;
    if first is null then
        raise exception 'there is no number series %', series
            using errcode = 'invalid_parameter_value';
    end if;
    return first;
end $$;

-- Forgets the answers that are older, and returns how many.
create function es.forget_answers(older interval default '24 hours') returns bigint
language sql security definer
set search_path = pg_catalog, pg_temp
begin atomic
    with forgotten as (
        delete from es.answers a where a.recorded_at < clock_timestamp() - older returning 1
    )
    select count(*) from forgotten;
end;


-- Nobody may call what he was not given; the roles get their part in migrate.py.
revoke execute on all functions in schema es from public;

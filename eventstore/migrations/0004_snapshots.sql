-- Snapshots: long records as they were folded, so that only what is new is read again (ADR 13).
--
-- All of them can be thrown away at any time. They hold what tells of people in plain text, as
-- views do; so they are unlogged: not in the write-ahead log, its archive or a standby, and empty
-- after a crash.
create unlogged table es.snapshots (
    stream_id  uuid         primary key,
    version    bigint       not null,
    position   bigint       not null,
    event_id   uuid         not null,
    code       bytea        not null,
    state      bytea        not null,
    taken_at   timestamptz  not null default clock_timestamp()
);

-- What the planner knows of a column are values of it.
alter table es.snapshots alter column state set statistics 0;

-- Since when snapshots may be folded: what was read before all were dropped must not come back.
create table es.snapshots_dropped (
    one  boolean      primary key default true check (one),
    at   timestamptz  not null default clock_timestamp()
);

insert into es.snapshots_dropped default values;


-- Keeps a snapshot in the place of any other of this record, and tells whether it did; not one
-- that was read from the log `seconds` ago, if all were dropped since then.
create function es.keep_snapshot(
    stream_id  uuid,
    version    bigint,
    "position" bigint,
    event_id   uuid,
    code       bytea,
    state      bytea,
    seconds    float8
) returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
as $$
begin
    -- A statement's snapshot is as old as its start: who drops all must have finished by then.
    lock table es.snapshots in row exclusive mode;
    insert into es.snapshots as s (stream_id, version, position, event_id, code, state)
    select keep_snapshot.stream_id, keep_snapshot.version, keep_snapshot."position",
           keep_snapshot.event_id, keep_snapshot.code, keep_snapshot.state
      from es.snapshots_dropped d
     where d.at < clock_timestamp() - make_interval(secs => seconds)
        on conflict on constraint snapshots_pkey do update
       set version = excluded.version, position = excluded.position,
           event_id = excluded.event_id, code = excluded.code, state = excluded.state,
           taken_at = excluded.taken_at;
    return found;
end $$;


-- Drops all snapshots with their files, and returns how many there were.
create function es.drop_snapshots() returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
as $$
declare
    count  bigint;
begin
    lock table es.snapshots in access exclusive mode;
    select count(*) into count from es.snapshots;
    update es.snapshots_dropped set at = clock_timestamp();
    truncate es.snapshots;
    return count;
end $$;


revoke execute on function es.keep_snapshot from public;
revoke execute on function es.drop_snapshots from public;

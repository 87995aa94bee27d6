-- The keys of what tells of people: in a cluster of their own, so that a restore of the log can not
-- bring back a key that was destroyed (ADR 12). Each is wrapped by a master key that is not here.

create table keys.subject_keys (
    subject     uuid         not null,
    keep        text         not null,
    -- A nonce of 12 bytes, the key of 32 bytes encrypted with AES-256-GCM, a tag of 16.
    wrapped     bytea        not null,
    -- Which master key wraps it: the beginning of its SHA-256.
    master      text         not null,
    created_at  timestamptz  not null default clock_timestamp(),
    primary key (subject, keep)
);

-- What was erased, for ever: a key that is neither there nor here was lost, not destroyed.
create table keys.erasures (
    subject       uuid         not null,
    keep          text         not null,
    -- From then on nothing new is encrypted for the subject.
    ordered_at    timestamptz  not null default clock_timestamp(),
    destroyed_at  timestamptz,
    -- Whether there was one to destroy.
    had_key       boolean      not null default false,
    primary key (subject, keep)
);

create function keys.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception '%.%: what was erased stays erased', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create trigger kept_for_ever before delete or truncate on keys.erasures
    for each statement execute function keys.refuse_change();
alter table keys.erasures enable always trigger kept_for_ever;

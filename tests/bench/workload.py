"""The four workloads: what is asked, by whom, and the one statement that could have answered it.

Callers have the rights of ordinary use, and several hundred tokens take turns: a client's owner looks at the
dashboard, whoever sees all clients without their prices (QUALITY_MANAGER) at the list of clients, a client's project
manager at its time, and a specialist of its team logs time for it. `bench.*` are helper tables with the same random
choices for both sides, so that a number is all that pgbench has to draw.
"""

import base64
import uuid
from dataclasses import dataclass, field

# Tags of global ids.
CLIENT, ENGAGEMENT, TASK = 1, 6, 13


def global_id(tag, text):
    """An id as the API gives it."""
    return base64.urlsafe_b64encode(bytes([tag]) + uuid.UUID(text).bytes).decode().rstrip("=")


@dataclass
class Workload:
    """One kind of request."""

    name: str
    document: str
    # Who asks: e-mail addresses by number of token, from 1.
    people: list = field(default_factory=list)
    # What is asked: the number of a token and the variables; the place in the list is `n` of the statement.
    requests: list = field(default_factory=list)
    # The statement, or the script of a transaction; `:n` is one of 1 to the number of requests.
    limit: str = ""
    writes: bool = False


WARNINGS = """('[' || concat_ws(',',
    case when m.available > 0 and m.used * 100 >= m.available * 80 or m.available <= 0 and m.net < 0
        then '{"kind":"NEARLY_USED"}' end,
    case when m.available > 0 and m.used >= m.available or m.available <= 0 and m.net < 0
        then '{"kind":"ALL_USED"}' end,
    case when m.unused = 'EXPIRE' and greatest(m.net, 0) * 10 > greatest(m.available, 0) and now() < m.ends_at then
        case when m.ends_at - now() <= interval '2 days' then '{"kind":"EXPIRES_IN_TWO_DAYS"}'
             when m.ends_at - now() <= interval '7 days' then '{"kind":"EXPIRES_IN_A_WEEK"}' end end
    ) || ']')::json"""

# The newest period of each running engagement of client `c`.
BALANCES = """(select coalesce(json_agg(json_build_object('remainingMinutes', greatest(m.net, 0), {more}
        'version', m.version) order by m.id), '[]')
    from (select e.id, h.version, p.used_minutes as used, p.ends_at, r.unused,
            p.granted_minutes + p.transferred_minutes + p.adjusted_minutes as available,
            p.granted_minutes + p.transferred_minutes + p.adjusted_minutes - p.used_minutes - p.expired_minutes as net
        from engagement e join ledger_head h on h.engagement_id = e.id
        join lateral (select * from period p where p.engagement_id = e.id order by p.number desc limit 1) p on true
        join tariff_revision r on r.id = p.tariff_revision_id
        where e.client_id = c.id and e.status in ('ACTIVE', 'PAUSED')) m)"""

TEAM = """(select coalesce(json_agg(json_build_object('position', t.position, 'user', json_build_object('name', u.name))
        order by array_position(array['PROJECT_MANAGER', 'ACCOUNT_MANAGER', 'SUPPORT_SPECIALIST',
            'IMPLEMENTATION_SPECIALIST', 'REVIEWER', 'ASSISTANT', 'CONFIGURATOR', 'DEVELOPER'], t.position),
            t.starts_on, t.id), '[]')
    from team_member t join "user" u on u.id = t.user_id
    where t.client_id = c.id and (t.ends_on is null or (now() at time zone c.time_zone)::date < t.ends_on) {only})"""


def dashboard(db, people):
    """A client's own page: hours, team, the plan with its blocks and tasks."""
    rows = db.sql(f"""
        create table bench.dashboard as
        select (row_number() over (order by md5(u.id::text)))::int as n, u.email, u.client_id as id
        from (select distinct on (u.client_id) u.* from "user" u join plan p on p.client_id = u.client_id
            where u.role = 'CLIENT_OWNER' and u.status = 'ACTIVE' order by u.client_id, u.id) u
        order by n limit {people};
        alter table bench.dashboard add primary key (n);
        select email, id from bench.dashboard order by n""")
    more = f"'usedMinutes', m.used, 'expiresAt', case when m.unused = 'EXPIRE' then m.ends_at end, 'warnings', {WARNINGS},"
    return Workload(
        "dashboard",
        """query($id: ID!) { client(by: {id: $id}) { name
            hourBalances { remainingMinutes usedMinutes version expiresAt warnings { kind } }
            team { position user { name } }
            plans { title status blocks { title status
                tasks { title status estimateMinutes spentMinutes assignee { name } } } } } }""",
        [email for email, _ in rows],
        [(at, {"id": global_id(CLIENT, client)}) for at, (_, client) in enumerate(rows, 1)],
        f"""select json_build_object('client', json_build_object('name', c.name,
    'hourBalances', {BALANCES.format(more=more)},
    'team', {TEAM.format(only="")},
    'plans', (select coalesce(json_agg(json_build_object('title', l.title, 'status', l.status, 'blocks',
        (select coalesce(json_agg(json_build_object('title', b.title, 'status', b.status, 'tasks',
            (select coalesce(json_agg(json_build_object('title', k.title, 'status', k.status,
                'estimateMinutes', k.estimate_minutes, 'spentMinutes', k.spent_minutes,
                'assignee', case when a.id is not null then json_build_object('name', a.name) end)
                order by k.position, k.id), '[]')
            from task k left join "user" a on a.id = k.assignee_id where k.block_id = b.id))
            order by b.position, b.id), '[]')
        from block b where b.plan_id = l.id)) order by l.created_at, l.id), '[]')
    from plan l where l.client_id = c.id)))
from client c where c.id = (select id from bench.dashboard where n = :n)""",
    )


def client_list(db, people):
    """Fifty clients by name, from anywhere in the list, with their hours and project managers."""
    # One of them is enough for a provider; for a bucket of points and a session each there are as many as callers.
    emails = [email for email, in db.sql(f"""
        insert into "user" (id, email, email_key, name, name_key, locale, role, status, created_at, updated_at)
        select gen_random_uuid(), email, email, 'Quality', 'quality', 'EN', 'QUALITY_MANAGER', 'ACTIVE', now(), now()
        from (select 'quality-' || n || '@bench.example' as email from generate_series(1, {people}) n) x
        returning email""")]
    token, = db.tokens(emails[:1])
    cursors, after, more = [None], None, True
    while more:
        page = db.ask(token, "query($after: String) { clients(first: 100, after: $after) { edges { cursor } "
                             "pageInfo { hasNextPage endCursor } } }", {"after": after})["clients"]
        cursors += [edge["cursor"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    # Behind each client but the last fifty there is a whole page.
    places = len(cursors) - 50
    db.sql("""create table bench.client_list as
        select (1 + row_number() over (order by name_key, id))::int as n, name_key, id from client
        union all select 1, '', '00000000-0000-0000-0000-000000000000';
        alter table bench.client_list add primary key (n)""")
    return Workload(
        "client list",
        """query($after: String) { clients(first: 50, after: $after) { nodes { name
            hourBalances { remainingMinutes version }
            team { position user { name } } } } }""",
        emails,
        [(at % len(emails) + 1, {"after": cursors[at]}) for at in range(places)],
        f"""select json_build_object('clients', json_build_object('nodes', json_agg(
    json_build_object('name', c.name, 'hourBalances', {BALANCES.format(more="")}, 'team', {TEAM.format(only="")})
    order by c.name_key, c.id)))
from (select c.* from client c, (select name_key, id from bench.client_list where n = :n) at
    where (c.name_key, c.id) > (at.name_key, at.id) order by c.name_key, c.id limit 50) c""",
    )


def time_log(db, people):
    """The newest hundred entries of a client, with who and what for."""
    rows = db.sql(f"""
        create table bench.time_log as
        select (row_number() over ())::int as n, email, client_id as id
        from (select u.email, t.client_id from team_member t join "user" u on u.id = t.user_id
            where u.role = 'PROJECT_MANAGER' and u.status = 'ACTIVE' and t.position = 'PROJECT_MANAGER'
                and t.ends_on is null and t.starts_on <= current_date - 1
                and (select count(*) from (select 1 from time_entry x where x.client_id = t.client_id
                    and x.corrected_at is null limit 100) x) = 100
                and u.id in (select id from "user" where role = 'PROJECT_MANAGER' order by md5(id::text) limit {people})
            order by md5(t.id::text) limit 2000) t;
        alter table bench.time_log add primary key (n);
        select email, id from bench.time_log order by n""")
    emails = sorted({email for email, _ in rows})
    token = {email: at for at, email in enumerate(emails, 1)}
    return Workload(
        "time log",
        """query($client: ID!) { timeEntries(filter: {clientId: {eq: $client}}, first: 100) { nodes {
            workedOn minutes activity note user { name } task { title } } } }""",
        emails,
        [(token[email], {"client": global_id(CLIENT, client)}) for email, client in rows],
        """select json_build_object('timeEntries', json_build_object('nodes', coalesce(json_agg(
    json_build_object('workedOn', x.worked_on, 'minutes', x.minutes, 'activity', x.activity, 'note', x.note,
        'user', json_build_object('name', u.name),
        'task', case when t.id is not null then json_build_object('title', t.title) end)
    order by x.worked_on desc, x.id desc), '[]')))
from (select * from time_entry where client_id = (select id from bench.time_log where n = :n)
        and corrected_at is null order by worked_on desc, id desc limit 100) x
join "user" u on u.id = x.user_id left join task t on t.id = x.task_id""",
    )


def log_time(db, people):
    """One minute for a random task, day and engagement, each under a key of its own."""
    rows = db.sql(f"""
        create table bench.log_time as
        with person as (select id, email from "user" where role = 'SPECIALIST' and status = 'ACTIVE'
            order by md5(id::text) limit {people}),
        place as (select e.id as engagement_id, e.client_id, p.id as period_id, greatest(p.starts_on, t.starts_on,
                current_date - 10) as first_day, u.id as user_id, u.email
            from engagement e
            join lateral (select * from period p where p.engagement_id = e.id order by p.number desc limit 1) p on true
            join team_member t on t.client_id = e.client_id and t.ends_on is null and t.starts_on <= current_date - 1
            join person u on u.id = t.user_id
            where e.status = 'ACTIVE' and p.closed_at is null and p.starts_on <= current_date - 1
                and p.ends_on > current_date and (e.ends_on is null or e.ends_on > current_date)
                and (e.overage_policy = 'ALLOWED' or p.granted_minutes + p.transferred_minutes + p.adjusted_minutes
                    - p.used_minutes - p.expired_minutes > 300))
        select (row_number() over (order by md5(x.place || x.task_id::text)))::int as n, x.*
        from (select place.*, place.user_id::text as place, k.id as task_id,
                place.first_day + (random() * (current_date - 1 - place.first_day))::int as day
            from place join lateral (select id from task k where k.client_id = place.client_id
                and k.status in ('PLANNED', 'IN_PROGRESS') order by md5(k.id::text) limit 10) k on true) x;
        delete from bench.log_time where n > 10000;
        alter table bench.log_time add primary key (n);
        select email, engagement_id, task_id, day from bench.log_time order by n""")
    emails = sorted({email for email, *_ in rows})
    token = {email: at for at, email in enumerate(emails, 1)}
    return Workload(
        "log time",
        """mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) {
            timeEntry { id workedOn minutes drawsOnBalance user { name } } task { id title spentMinutes }
            hourBalance { id remainingMinutes usedMinutes version } errors { code } } }""",
        emails,
        [(token[email], {"input": {
            "engagementId": global_id(ENGAGEMENT, engagement), "taskId": global_id(TASK, task), "workedOn": day,
            "minutes": 1, "activity": "CONFIGURATION", "note": "Set up a field and tried it", "idempotencyKey": "@key@",
        }}) for email, engagement, task, day in rows],
        """begin;
insert into time_entry (id, client_id, engagement_id, period_id, task_id, user_id, logged_by, worked_on, minutes,
    activity, note, draws_on_balance, created_at)
select encode(substr(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint), 3)
        || substr(uuid_send(gen_random_uuid()), 7), 'hex')::uuid,
    client_id, engagement_id, period_id, task_id, user_id, user_id, day, 1, 'CONFIGURATION',
    'Set up a field and tried it', true, now()
from bench.log_time where n = :n;
update period set used_minutes = used_minutes + 1 where id = (select period_id from bench.log_time where n = :n);
commit""",
        writes=True,
    )


WORKLOADS = {"dashboard": dashboard, "client-list": client_list, "time-log": time_log, "log-time": log_time}

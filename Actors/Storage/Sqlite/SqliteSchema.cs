using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace ActorPerf.Storage.Sqlite;

/// <summary>The tables, as numbered steps that only ever add. docs/formats/database.md explains each.</summary>
internal static partial class SqliteSchema
{
    /// <summary>Names of all tables.</summary>
    public static FrozenSet<string> Tables => field ??=
        Steps.SelectMany(static step => Table().Matches(step)).Select(static match => match.Groups[1].Value).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What this program writes; a newer file is refused.</summary>
    public static int Version => Steps.Count;

    // What the partial indexes hold. A query uses one of them only where it says the same words, so they stand here once. Comparisons, never
    // IN with three or more values: SQLite builds a table for such a list each time a row is written, which doubled the cost of a job.

    /// <summary>Queued, and no limit key known to be used up stands in its way: what claims look at.</summary>
    public const string Claimable = "state = 2 AND blocked IS NULL";

    /// <summary>Queued, and a claim found its limit key used up.</summary>
    public const string Blocked = "state = 2 AND blocked = 1";

    /// <summary>Running or cancelling.</summary>
    public const string Active = "incarnation IS NOT NULL";

    /// <summary>Scheduled or retrying.</summary>
    public const string AwaitsTime = "(state = 1 OR state = 4)";

    /// <summary>Held, scheduled or retrying.</summary>
    public const string Aside = "(state <= 1 OR state = 4)";

    /// <summary>Held, scheduled, queued or retrying: may expire, where it was never started.</summary>
    public const string NotStarted = "(state <= 2 OR state = 4)";

    /// <summary>Failed, cancelled or expired.</summary>
    public const string Unsuccessful = "state > 10";

    /// <summary>Submitted by a run of another job, which waits for it.</summary>
    public const string Child = "parent IS NOT NULL";

    public static IReadOnlyList<string> Steps { get; } =
    [
        // 1. Every member that can be submitted has its column from the first day, so that later features change no row that is there.
        // Partial indexes keep the common path small: a job that succeeds touches job_claim and job_running once each, and stays in none.
        $"""
        CREATE TABLE job (
          seq INTEGER PRIMARY KEY, id BLOB NOT NULL, namespace TEXT NOT NULL, task TEXT NOT NULL, queue TEXT NOT NULL,
          priority INTEGER NOT NULL, state INTEGER NOT NULL, rank INTEGER NOT NULL, run_at INTEGER NOT NULL, expires_at INTEGER,
          timeout INTEGER, max_attempts INTEGER NOT NULL, backoff_initial INTEGER NOT NULL, backoff_factor REAL NOT NULL,
          backoff_max INTEGER NOT NULL, unique_key TEXT, unique_policy INTEGER, unique_until INTEGER, limit_key TEXT, tags TEXT, meta BLOB,
          callback TEXT, rerun_of BLOB, workflow TEXT, schedule TEXT, digest BLOB NOT NULL, trace_parent TEXT, when_lost INTEGER NOT NULL,
          attempt INTEGER NOT NULL, excused INTEGER NOT NULL, crashes INTEGER NOT NULL, incarnation BLOB, lease BLOB, node TEXT,
          cached INTEGER NOT NULL, error_type TEXT, error_message TEXT, created_at INTEGER NOT NULL, started_at INTEGER,
          finished_at INTEGER, version INTEGER NOT NULL, history_seq INTEGER NOT NULL, blocked INTEGER,
          parents INTEGER NOT NULL DEFAULT 0, parent BLOB,
          CHECK (attempt >= 0 AND excused >= 0 AND crashes >= 0 AND excused <= attempt),
          CHECK ((state = 3 OR state = 5) = (incarnation IS NOT NULL AND lease IS NOT NULL)),
          CHECK ((state >= 10) = (finished_at IS NOT NULL)));
        CREATE UNIQUE INDEX job_id ON job (namespace, id);
        CREATE INDEX job_claim ON job (queue, rank) WHERE {Claimable};
        CREATE INDEX job_blocked ON job (queue, namespace, limit_key, rank) WHERE {Blocked};
        CREATE INDEX job_running ON job (incarnation) WHERE {Active};
        CREATE INDEX job_due ON job (run_at) WHERE {AwaitsTime};
        CREATE INDEX job_expiring ON job (expires_at) WHERE expires_at IS NOT NULL AND {NotStarted};
        CREATE INDEX job_waiting ON job (namespace, state) WHERE {Aside};
        CREATE INDEX job_unsuccessful ON job (namespace, state) WHERE {Unsuccessful};
        CREATE INDEX job_child ON job (namespace, parent) WHERE {Child};

        CREATE TABLE payload (
          job_seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, args BLOB NOT NULL, result BLOB, checkpoint BLOB,
          result_coding INTEGER, result_type TEXT, result_form INTEGER, terms TEXT);

        CREATE TABLE attempt (
          job_seq INTEGER NOT NULL, attempt INTEGER NOT NULL, namespace TEXT NOT NULL, error_type TEXT, error_message TEXT,
          lines BLOB, dropped INTEGER NOT NULL, PRIMARY KEY (job_seq, attempt)) WITHOUT ROWID;

        CREATE TABLE run_note (
          job_seq INTEGER NOT NULL, attempt INTEGER NOT NULL, first INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL,
          PRIMARY KEY (job_seq, attempt, first)) WITHOUT ROWID;
        CREATE INDEX run_note_at ON run_note (at);

        CREATE TABLE history (
          seq INTEGER PRIMARY KEY, tx INTEGER, namespace TEXT NOT NULL, kind INTEGER NOT NULL, subject INTEGER NOT NULL,
          version INTEGER NOT NULL, at INTEGER NOT NULL, from_state INTEGER, to_state INTEGER, attempt INTEGER NOT NULL,
          incarnation BLOB, node TEXT, detail TEXT, previous INTEGER, origin INTEGER);

        CREATE TABLE sequence (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE counter (
          namespace TEXT NOT NULL, queue TEXT NOT NULL, task TEXT NOT NULL, state INTEGER NOT NULL, count INTEGER NOT NULL,
          PRIMARY KEY (namespace, queue, task, state)) WITHOUT ROWID;

        CREATE TABLE idempotency (
          namespace TEXT NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL, job_seq INTEGER NOT NULL, expires_at INTEGER NOT NULL,
          PRIMARY KEY (namespace, key)) WITHOUT ROWID;
        CREATE INDEX idempotency_expiring ON idempotency (expires_at);
        CREATE INDEX idempotency_job ON idempotency (job_seq);

        CREATE TABLE tag (
          namespace TEXT NOT NULL, tag TEXT NOT NULL, job_seq INTEGER NOT NULL, PRIMARY KEY (namespace, tag, job_seq)) WITHOUT ROWID;
        CREATE TABLE term (
          namespace TEXT NOT NULL, task TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL, job_seq INTEGER NOT NULL,
          PRIMARY KEY (namespace, task, path, value, job_seq)) WITHOUT ROWID;
        CREATE TABLE audit (
          seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, origin TEXT, action TEXT NOT NULL,
          target TEXT NOT NULL, before TEXT, after TEXT);
        CREATE TABLE view (
          namespace TEXT NOT NULL, name TEXT NOT NULL, q TEXT NOT NULL, sort TEXT NOT NULL, columns TEXT, updated_at INTEGER NOT NULL,
          PRIMARY KEY (namespace, name)) WITHOUT ROWID;
        CREATE TABLE edge (
          namespace TEXT NOT NULL, parent_seq INTEGER NOT NULL, child_seq INTEGER NOT NULL, parent BLOB NOT NULL, kind INTEGER NOT NULL,
          "on" INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT, done INTEGER NOT NULL,
          PRIMARY KEY (namespace, parent_seq, child_seq)) WITHOUT ROWID;
        CREATE INDEX edge_child ON edge (child_seq, position);
        CREATE INDEX edge_open ON edge (child_seq) WHERE done = 0;
        CREATE TABLE workflow (
          seq INTEGER PRIMARY KEY, namespace TEXT NOT NULL, id BLOB NOT NULL, name TEXT, on_failure INTEGER NOT NULL, created_at INTEGER NOT NULL,
          rerun_of BLOB);
        CREATE UNIQUE INDEX workflow_id ON workflow (namespace, id);
        CREATE INDEX workflow_newest ON workflow (namespace, seq);
        CREATE TABLE workflow_job (
          namespace TEXT NOT NULL, workflow_seq INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, job_seq INTEGER NOT NULL,
          template BLOB, PRIMARY KEY (namespace, workflow_seq, position)) WITHOUT ROWID;
        CREATE INDEX workflow_job_member ON workflow_job (job_seq);
        CREATE TABLE unique_key (
          namespace TEXT NOT NULL, key TEXT NOT NULL, job_seq INTEGER NOT NULL, until INTEGER NOT NULL,
          PRIMARY KEY (namespace, key)) WITHOUT ROWID;
        CREATE TABLE limit_key (
          namespace TEXT NOT NULL, key TEXT NOT NULL, running INTEGER NOT NULL, queued INTEGER NOT NULL, queue TEXT, starts TEXT,
          PRIMARY KEY (namespace, key)) WITHOUT ROWID;
        CREATE TABLE queue_setting (
          queue TEXT PRIMARY KEY, paused INTEGER, concurrency INTEGER, rate_limit INTEGER, rate_per INTEGER, key_concurrency INTEGER,
          key_rate_limit INTEGER, key_rate_per INTEGER, changed_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE queue_starts (queue TEXT PRIMARY KEY, starts TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE webhook (
          namespace TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL, query TEXT NOT NULL, events TEXT NOT NULL, paused INTEGER NOT NULL,
          gone INTEGER NOT NULL, secrets TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, version INTEGER NOT NULL,
          PRIMARY KEY (namespace, name)) WITHOUT ROWID;
        CREATE TABLE delivery (
          seq INTEGER PRIMARY KEY, id BLOB NOT NULL, namespace TEXT NOT NULL, webhook TEXT NOT NULL, url TEXT NOT NULL, host TEXT NOT NULL,
          job_seq INTEGER NOT NULL, job BLOB, task TEXT, queue TEXT, event INTEGER, at INTEGER NOT NULL, state INTEGER NOT NULL,
          attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, status INTEGER, response TEXT, error TEXT, ended_at INTEGER,
          CHECK ((state = 0) = (ended_at IS NULL)));
        CREATE UNIQUE INDEX delivery_id ON delivery (id);
        CREATE INDEX delivery_job ON delivery (job, webhook);
        CREATE INDEX delivery_webhook ON delivery (namespace, webhook, seq);
        CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 0;
        CREATE INDEX delivery_ended ON delivery (state, ended_at) WHERE ended_at IS NOT NULL;
        CREATE TABLE schedule (
          namespace TEXT NOT NULL, name TEXT NOT NULL, cron TEXT, time_zone TEXT, task TEXT, args BLOB, queue TEXT, priority INTEGER, expires_in INTEGER,
          timeout INTEGER, max_attempts INTEGER, tags TEXT, meta BLOB, overlap INTEGER, misfire INTEGER, misfire_limit INTEGER, jitter INTEGER, paused INTEGER,
          shape TEXT NOT NULL, cursor INTEGER NOT NULL, last_job BLOB, ticks INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
          version INTEGER NOT NULL, PRIMARY KEY (namespace, name)) WITHOUT ROWID;
        CREATE TABLE schedule_tick (
          namespace TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, outcome INTEGER NOT NULL,
          job BLOB, reason TEXT, handled_at INTEGER NOT NULL, PRIMARY KEY (namespace, name, slot)) WITHOUT ROWID;
        CREATE TABLE member (
          name TEXT PRIMARY KEY, incarnation BLOB NOT NULL, address TEXT NOT NULL, roles TEXT NOT NULL, status TEXT NOT NULL,
          version TEXT NOT NULL, up_since INTEGER NOT NULL, heartbeat INTEGER NOT NULL, lease_until INTEGER,
          cpu REAL NOT NULL, memory INTEGER NOT NULL, running INTEGER NOT NULL, queues TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE leader (id INTEGER PRIMARY KEY CHECK (id = 1), incarnation BLOB NOT NULL, epoch INTEGER NOT NULL, since INTEGER NOT NULL);
        CREATE TABLE cache_entry (
          hash BLOB NOT NULL UNIQUE, namespace TEXT NOT NULL, task TEXT NOT NULL, version INTEGER NOT NULL, args BLOB NOT NULL, value BLOB NOT NULL,
          coding INTEGER NOT NULL, computed_at INTEGER NOT NULL, took INTEGER NOT NULL, fresh_until INTEGER NOT NULL, revalidate_until INTEGER NOT NULL,
          error_until INTEGER NOT NULL, dead_at INTEGER NOT NULL, tags TEXT, as_of INTEGER NOT NULL);
        CREATE INDEX cache_entry_dead ON cache_entry (dead_at);
        CREATE INDEX cache_entry_as_of ON cache_entry (as_of);
        CREATE TABLE cache_version (
          namespace TEXT NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL, removed INTEGER NOT NULL, expired INTEGER NOT NULL, at INTEGER NOT NULL,
          PRIMARY KEY (namespace, kind, name)) WITHOUT ROWID;
        """,

        // 2.
        SqliteEntitySchema.Tables,
    ];

    [GeneratedRegex(@"CREATE TABLE (\w+)")]
    private static partial Regex Table();
}

using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What jobs need stored. Implementations run the same conformance suite: memory, SQLite, and later others.</summary>
/// <remarks>Writes are handed over without waiting and reported after the commit that made them durable; the store gathers what arrives while a
/// transaction commits. Reads see every reported write. Another namespace's job is absent, not an error.</remarks>
public interface IJobStore
{
    /// <summary>Where committed and failed writes are reported: once per transaction, in order of <see cref="HistoryRow.Seq"/>. Set before the first write.</summary>
    Action<IReadOnlyList<JobWrite>>? Reported { get; set; }

    /// <summary>A write sees what was posted before it: a claim posted behind a submit finds its jobs. Where several lines write side by side it may not, until the submit was reported.</summary>
    bool IsInOrder { get; }

    /// <summary>It has stopped, or failed for good, and takes nothing more.</summary>
    bool HasEnded => false;

    /// <summary>Hands a write over. False when the line is full (100,000 items or 256 MiB wait): answer <c>busy</c>; or when it <see cref="HasEnded"/>.</summary>
    bool TryPost(JobWrite write);

    /// <summary>One item per id, in the order asked; null where there is none.</summary>
    /// <param name="ids">1 to 10,000.</param>
    ValueTask<IReadOnlyList<Job?>> ReadManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct);

    /// <summary>The result as it is kept; null where there is no such job.</summary>
    ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct);

    /// <summary>Null where there is no such job. Attempts that have not ended, or whose node was lost, have the lines that they stored.</summary>
    ValueTask<JobHistory?> ReadHistoryAsync(Namespace ns, JobId id, CancellationToken ct);

    /// <summary>The newest progress that runs under way stored, by <see cref="JobRow.Seq"/>; those that stored none are left out.</summary>
    /// <param name="running">1 to 10,000; the attempt of each says which run is meant.</param>
    ValueTask<IReadOnlyDictionary<long, ProgressReport>> ReadProgressAsync(IReadOnlyList<JobRow> running, CancellationToken ct);

    /// <summary>What runs stored at or after a time by the store's clock, over all namespaces, in order of that time; of jobs that are kept.</summary>
    /// <param name="since">Null: nothing is read but the time.</param>
    /// <param name="limit">1 to 1,000.</param>
    ValueTask<RunNotes> ReadNotesAsync(DateTimeOffset? since, int limit, CancellationToken ct);

    /// <summary>A page in the order asked for, looking at no more than 100,000 rows. <see cref="Job.Args"/> and result are left empty.</summary>
    ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct);

    /// <summary>How many jobs match among the next 100,000 of the list, newest first, whatever its order and limit.</summary>
    ValueTask<MatchCount> CountMatchingAsync(JobQuery query, CancellationToken ct);

    /// <summary>Tags that begin with a text, in their order; of jobs that are kept.</summary>
    /// <param name="limit">1 to 100.</param>
    ValueTask<IReadOnlyList<string>> ListTagsAsync(Namespace ns, string prefix, int limit, CancellationToken ct);

    /// <summary>Kept counters of one namespace, or of all with null.</summary>
    ValueTask<IReadOnlyList<JobCount>> CountAsync(Namespace? ns, CancellationToken ct);

    /// <summary>Jobs at the head of a queue's line among which the first of a namespace is looked for.</summary>
    const int LineLook = 10_000;

    /// <summary>When the queued job that waits longest became ready, of one namespace or of all with null, by queue. Queues where none waits are left out, and those where
    /// <see cref="LineLook"/> jobs of other namespaces go before the first of this one.</summary>
    ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> OldestWaitingAsync(Namespace? ns, CancellationToken ct);

    /// <summary>The jobs that run, or were asked to stop, under an owner; over all namespaces. Results are left empty.</summary>
    ValueTask<IReadOnlyList<Job>> ReadRunningAsync(Incarnation owner, CancellationToken ct);

    /// <summary>The earliest time at which a scheduled or retrying job is due; null when there is none.</summary>
    ValueTask<DateTimeOffset?> NextDueAsync(CancellationToken ct);

    /// <summary>What was set for queues at run time, by queue; queues for which nothing is stored are left out.</summary>
    ValueTask<IReadOnlyDictionary<string, QueueOverrides>> ReadQueueSettingsAsync(CancellationToken ct);

    /// <summary>How much of queues and limit keys is used right now.</summary>
    /// <param name="queues">0 to 1,000.</param>
    /// <param name="keys">0 to 1,000 of one namespace.</param>
    ValueTask<FlowUse> ReadFlowAsync(Namespace ns, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> keys, CancellationToken ct);

    /// <summary>How many queued jobs go before this one: those before it in its queue's line, and of those whose limit key is used up only its own key's.</summary>
    /// <param name="atMost">Where to stop counting; the answer is never more.</param>
    ValueTask<int> CountBeforeAsync(JobRow job, int atMost, CancellationToken ct);

    /// <summary>Limit keys of a namespace with jobs, in order of key.</summary>
    /// <param name="after">Keys behind this one; null: from the first.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<IReadOnlyList<KeyUse>> ListLimitKeysAsync(Namespace ns, string? after, int limit, CancellationToken ct);
}

/// <summary>How much of limits is used; queues and keys that have nothing to say are left out.</summary>
public sealed record FlowUse(IReadOnlyDictionary<string, QueueUse> Queues, IReadOnlyDictionary<string, KeyUse> Keys)
{
    public static FlowUse None { get; } = new(new Dictionary<string, QueueUse>(), new Dictionary<string, KeyUse>());
}

/// <param name="Running">Jobs of all namespaces that run or were asked to stop.</param>
/// <param name="Starts">Starts of late, where the queue has a rate.</param>
public sealed record QueueUse(long Running, RateWindow Starts);

/// <param name="Running">Jobs of the key that run or were asked to stop, in all queues of the namespace.</param>
/// <param name="Queued">Jobs of the key that wait in a queue.</param>
/// <param name="Queue">The queue of the key's newest job.</param>
/// <param name="Starts">Starts of late, where the key has a rate.</param>
public sealed record KeyUse(string Key, long Running, long Queued, string? Queue, RateWindow Starts);

/// <summary>A job about to be stored: its row (without <see cref="JobRow.Seq"/>), arguments, and the client's idempotency key.</summary>
public sealed record NewJob(JobRow Row, ReadOnlyMemory<byte> Args, string? IdempotencyKey)
{
    /// <summary>What it waits for; empty for nothing.</summary>
    public IReadOnlyList<JobDependency> DependsOn { get; init; } = [];

    /// <summary>What its parent calls it; null unless a running job submits it, or for none.</summary>
    public string? ChildName { get; init; }

    /// <summary>Its arguments' searchable members (<see cref="TaskDescriptor.SearchArgs"/>): path, and value as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Terms { get; init; } = [];

    /// <summary>Searchable paths whose values may come with the results of its parents; the store looks for them when it puts the results in. Empty where the arguments are whole.</summary>
    public IReadOnlyList<string> OpenTerms { get; init; } = [];

    /// <summary>With whole arguments.</summary>
    internal NewJob With(ReadOnlyMemory<byte> args) => this with { Args = args, Terms = OpenTerms.Count > 0 ? SearchTerms.Of(OpenTerms, args) : Terms, OpenTerms = [] };
}

/// <summary>A write on its way to the store. The sender reads its outcome after it was reported, and not before.</summary>
public abstract class JobWrite
{
    private JobWrite()
    {
    }

    /// <summary>Set when the write did not become durable; then nothing of it changed.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Everyone concerned has heard of it. The sender's; the store does not look at it.</summary>
    internal bool Told { get; set; }

    /// <summary>Other jobs that moved because of it, each with the state before (null: it is new), in order of their place in the feed.</summary>
    public List<(Job Job, JobState? From)> Followed { get; } = [];

    /// <summary>How many of <see cref="Followed"/> everyone concerned has heard of. The sender's; the store does not look at it.</summary>
    internal int ToldFollowed { get; set; }

    /// <summary>Queues for whose waiting jobs it made room under a limit, once for each place; null for none.</summary>
    public IReadOnlyList<string>? Wakes { get; set; }

    /// <summary>Finishes and leases go before submits, so that work under way ends before more is taken in.</summary>
    public abstract bool Urgent { get; }

    /// <summary>About how many bytes it adds to a transaction.</summary>
    public virtual int Bytes => 256;

    /// <summary>Adds jobs.</summary>
    public sealed class Submit(IReadOnlyList<NewJob> jobs, bool atomic = false) : JobWrite
    {
        private int _taken;

        /// <summary>The graph that the jobs make together; null for none. The write is atomic, and takes place only where every job is new: else the jobs that were
        /// answered otherwise say how, and the others are refused as <c>batch-refused</c>.</summary>
        public NewWorkflow? Workflow { get; init; }

        public IReadOnlyList<NewJob> Jobs { get; } = jobs;

        /// <summary>All or none.</summary>
        public bool Atomic { get; } = atomic;

        /// <summary>What the store commits with the jobs, in its own words; null for nothing.</summary>
        internal object? Joined { get; set; }

        /// <summary>A claim that takes the jobs of this very write as they are stored, under permits that the sender holds; null for none.</summary>
        /// <remarks>The store asks the rules twice, for the submit and for the claim, and writes the row once, with both history rows. It takes a
        /// job only where it is of the claim's queue, which no limit concerns, is due, has no limit key, and no queued job of that queue stands at
        /// or before its <see cref="JobRules.Rank"/>; what is not taken is stored as ever. <see cref="Claim.Taken"/> is in the order of <see cref="Outcomes"/>,
        /// whose jobs are as submitted. Jobs later in the write must not go before earlier ones.</remarks>
        public Claim? AtOnce { get; init; }

        /// <summary>The job as <see cref="AtOnce"/> took it; null when it did not. Asked in the order of <see cref="Outcomes"/>.</summary>
        internal Job? TakenOf(Job job)
        {
            if (AtOnce is not { } claim) return null;
            // Both are in order of seq.
            while (_taken < claim.Taken.Count && claim.Taken[_taken].Row.Seq < job.Row.Seq) _taken++;
            return _taken < claim.Taken.Count && claim.Taken[_taken].Row.Seq == job.Row.Seq ? claim.Taken[_taken] : null;
        }

        /// <summary>How many jobs everyone concerned has heard of. The sender's; the store does not look at it.</summary>
        internal int ToldJobs { get; set; }

        /// <summary>One per job, in their order.</summary>
        public SubmitOutcome[] Outcomes { get; } = new SubmitOutcome[jobs.Count];

        /// <summary>What was refused before the store was asked, with null in the places of <see cref="Jobs"/>; null for nothing. The sender's; the store does not look at it.</summary>
        internal SubmitOutcome?[]? Refused { get; init; }

        /// <summary>For the sender: <see cref="Outcomes"/>, with those that were refused before.</summary>
        internal SubmitOutcome[] Answers
        {
            get
            {
                if (Refused is null) return Outcomes;
                var next = 0;
                return [.. Refused.Select(refused => refused ?? Outcomes[next++])];
            }
        }

        public override bool Urgent => false;

        public override int Bytes
        {
            get
            {
                var bytes = 0;
                for (var i = 0; i < Jobs.Count; i++) bytes += 256 + Jobs[i].Args.Length + Jobs[i].Row.Meta.Length;
                return bytes;
            }
        }
    }

    /// <summary>Takes the first jobs of a queue to run them.</summary>
    /// <param name="queue">Whose line.</param>
    /// <param name="count">At most so many; 1 to 10,000.</param>
    /// <param name="owner">Who takes them. The store gives each a random lease of its own.</param>
    /// <param name="node">The owner's name, for people.</param>
    public sealed class Claim(string queue, int count, Incarnation owner, string node) : JobWrite
    {
        public string Queue { get; } = queue;
        public int Count { get; } = count;
        public Incarnation Owner { get; } = owner;
        public string Node { get; } = node;

        /// <summary>Taken, first of the line first; fewer than asked when the line ended.</summary>
        public List<Job> Taken { get; } = [];

        /// <summary>Met on the way and expired instead.</summary>
        public List<Job> Expired { get; } = [];

        /// <summary>The limits of the queue as the claiming node's configuration says; null for none. What is stored goes before them.</summary>
        public ClaimLimits? Limits { get; init; }

        /// <summary>When a rate lets more of the queue start, or the claim had not looked at all of the line; null when no time is known.</summary>
        public DateTimeOffset? LookAgain { get; set; }

        // A claim sees the submits of its own transaction, so it goes behind them.
        public override bool Urgent => false;
    }

    /// <summary>Changes what is stored for a queue, with a row of its own in the history.</summary>
    /// <param name="queue">Which.</param>
    /// <param name="change">Null: nothing is stored any more.</param>
    public sealed class SetQueue(string queue, QueueChange? change) : JobWrite
    {
        public string Queue { get; } = queue;
        public QueueChange? Setting { get; } = change;

        /// <summary>What is stored now.</summary>
        public QueueOverrides Now { get; set; } = QueueOverrides.None;

        public override bool Urgent => true;
    }

    /// <summary>Applies a command to one job.</summary>
    public sealed class Change : JobWrite
    {
        /// <param name="ns">Whose.</param>
        /// <param name="id">Which.</param>
        /// <param name="command">What.</param>
        public Change(Namespace ns, JobId id, JobCommand command)
        {
            Namespace = ns;
            Id = id;
            Command = command;
        }

        /// <param name="known">The job as the sender knows it: spares a read when it is still so.</param>
        /// <param name="command">What.</param>
        public Change(Job known, JobCommand command)
            : this(known.Row.Namespace, known.Row.Id, command) => Known = known;

        public Namespace Namespace { get; }
        public JobId Id { get; }
        public JobCommand Command { get; }
        public Job? Known { get; }

        /// <summary>UTF-8 JSON of a finish; null for other commands.</summary>
        public ReadOnlyMemory<byte>? Result { get; init; }

        /// <summary>Media type of the result, and how its JSON holds it; null for JSON itself.</summary>
        public ResultMedia? ResultMedia { get; init; }

        /// <summary>Of a finish that takes place: written to the second level of the cache in the same transaction; null for nothing.</summary>
        public Caching.StoredEntry? Remember { get; init; }

        /// <summary>Of a <see cref="JobCommand.Park"/>: jobs stored in the same transaction; the job waits until all of them are final.</summary>
        public IReadOnlyList<NewJob> Children { get; init; } = [];

        /// <summary>UTF-8 JSON for the job's next run; null keeps the one that is there. A job that is final takes none, and one that succeeded keeps none.</summary>
        public ReadOnlyMemory<byte>? Checkpoint { get; init; }

        /// <summary>What the attempt said and how it failed; null when there is nothing to keep.</summary>
        public AttemptRecord? Attempt { get; init; }

        /// <summary>The run stored notes, which <see cref="Attempt"/> replaces: they go with its end.</summary>
        public bool HasNotes { get; init; }

        /// <summary>The row before it moved; null when it did not.</summary>
        public JobRow? Was { get; set; }

        /// <summary>Null when there is no such job. <see cref="JobDecision.Moved.Next"/> carries its new place in the feed.</summary>
        public JobDecision? Decision { get; set; }

        /// <summary>The job after the change, or as it is when nothing changed; null where there is none.</summary>
        public Job? Now { get; set; }

        public override bool Urgent => Command is not (JobCommand.Cancel or JobCommand.RunNow or JobCommand.Edit);
        public override int Bytes => 256 + (Result?.Length ?? 0) + (Remember?.Json.Length ?? 0) + (Checkpoint?.Length ?? 0) + Children.Sum(child => 256 + child.Args.Length);
    }

    /// <summary>Keeps a run's checkpoint while it goes on. Row, version and history stay as they are, for nobody but the next run looks at it.</summary>
    /// <param name="job">As claimed.</param>
    /// <param name="run">A row that stands under another run, or under none, takes nothing.</param>
    /// <param name="checkpoint">UTF-8 JSON.</param>
    public sealed class Save(Job job, Run run, ReadOnlyMemory<byte> checkpoint) : JobWrite
    {
        public Job Job { get; } = job;
        public Run Run { get; } = run;
        public ReadOnlyMemory<byte> Checkpoint { get; } = checkpoint;

        /// <summary>Whether it was this run's to write.</summary>
        public bool Saved { get; set; }

        public override bool Urgent => true;
        public override int Bytes => 256 + Checkpoint.Length;
    }

    /// <summary>Stores what a run has said so far, for the other nodes. Row, version and history stay as they are.</summary>
    /// <param name="job">As claimed.</param>
    /// <param name="run">A row that stands under another run, or under none, takes nothing.</param>
    /// <param name="progress">Takes the place of the one before; null keeps it.</param>
    /// <param name="first">Number of the first of the lines in the run's log, from 1.</param>
    /// <param name="lines">Those that are new; empty for none.</param>
    public sealed class Note(Job job, Run run, ProgressReport? progress, int first, IReadOnlyList<LogLine> lines) : JobWrite
    {
        public Job Job { get; } = job;
        public Run Run { get; } = run;
        public ProgressReport? Progress { get; } = progress;
        public int First { get; } = first;
        public IReadOnlyList<LogLine> Lines { get; } = lines;

        /// <summary>Whether it was this run's to write.</summary>
        public bool Noted { get; set; }

        // Ends of runs go first, and make it needless.
        public override bool Urgent => false;
        public override int Bytes => 256 + (Progress?.Data.Length ?? 0) + Lines.Sum(line => 64 + line.Text.Length);
    }

    /// <summary>Cancels every job of a workflow that is not final: what waits ends, what runs is asked to stop. The jobs stand in <see cref="Followed"/>.</summary>
    public sealed class StopWorkflow(Namespace ns, WorkflowId id) : JobWrite
    {
        public Namespace Namespace { get; } = ns;
        public WorkflowId Id { get; } = id;

        /// <summary>Whether there is such a workflow.</summary>
        public bool Found { get; set; }

        public override bool Urgent => false;
    }

    /// <summary>Applies <see cref="JobCommand.Lose"/> to runs whose owner is not among the living: before the first claim of a node that has the store for itself, and from time to time by the leader of several.</summary>
    /// <param name="alive">Incarnations that live.</param>
    /// <param name="limit">At most so many; ask again until <see cref="Moved"/> has fewer.</param>
    public sealed class Reap(IReadOnlyList<Incarnation> alive, int limit) : JobWrite
    {
        public IReadOnlyList<Incarnation> Alive { get; } = alive;
        public int Limit { get; } = limit;

        /// <summary>Only runs that began before this time by the store's clock; null: all. It is when the living were read: the owner of a later run may have joined since.</summary>
        public DateTimeOffset? Before { get; init; }

        public List<Job> Moved { get; } = [];
        public override bool Urgent => true;
    }

    /// <summary>Applies <see cref="JobCommand.Release"/> to jobs that are due and <see cref="JobCommand.Expire"/> to those whose time is over.</summary>
    /// <param name="limit">At most so many of each.</param>
    public sealed class Sweep(int limit) : JobWrite
    {
        public int Limit { get; } = limit;
        public List<Job> Moved { get; } = [];

        /// <summary>When the next one is due; null when none waits.</summary>
        public DateTimeOffset? NextDue { get; set; }

        public override bool Urgent => true;
    }

    /// <summary>Deletes a final job with all that is its own: arguments, result, attempts, tags. Its history stays in the feed until that is pruned.</summary>
    public sealed class Delete(Namespace ns, JobId id) : JobWrite
    {
        public Namespace Namespace { get; } = ns;
        public JobId Id { get; } = id;

        /// <summary>As it was; null when it was not deleted.</summary>
        public Job? Deleted { get; set; }

        /// <summary>Why not; null when it was deleted, or was not there.</summary>
        public Refusal? Refusal { get; set; }

        public override bool Urgent => false;
    }

    /// <summary>Deletes what retention no longer keeps and nobody needs: final jobs, idempotency keys, history. In small pieces: it looks at no more
    /// than <paramref name="limit"/> jobs, and stops when <see cref="PruneBatch.Budget"/> is over.</summary>
    public sealed class Prune(RetentionRules rules, int limit) : JobWrite
    {
        public RetentionRules Rules { get; } = rules;
        public int Limit { get; } = limit;

        /// <summary>Rows deleted, of all kinds.</summary>
        public int Deleted { get; set; }

        /// <summary>Where the walk over the jobs goes on; 0 at its end.</summary>
        public long Cursor { get; set; }

        /// <summary>How long the store worked on it, without the commit.</summary>
        public TimeSpan Took { get; set; }

        public override bool Urgent => false;
    }
}

using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs.Model;

/// <summary>The jobs of a node as a list and a few loops: what is true of them after each write, in the plainest way there is. Slow, and meant to be.</summary>
internal sealed class JobModel
{
    private readonly List<(JobState From, ModelJob Job)> _ended = [];
    private readonly List<ModelJob> _doomed = [];
    private readonly Dictionary<string, (Guid Digest, ModelJob Job, DateTimeOffset Until)> _keys = [];
    private int _places;

    public List<ModelJob> Jobs { get; private set; } = [];
    public List<Edge> Edges { get; private set; } = [];
    public Dictionary<string, QueueOverrides> Queues { get; } = [];

    /// <summary>Limits of named keys, as every claim's configuration says; null for none.</summary>
    public ClaimLimits? Configured { get; init; }

    public ModelJob? Find(JobId id) => Jobs.Find(job => job.Id == id);

    /// <summary>What a submit is answered with: "accepted", "deduplicated", "replayed" or the code of the refusal; and the job it speaks of.</summary>
    public List<(string Word, ModelJob? Job)> Submit(JobWrite.Submit submit, DateTimeOffset now)
    {
        var before = Snapshot();
        var answers = submit.Jobs.Select(job => Insert(job, now, parent: null)).ToList();
        if (submit.Atomic && answers.Exists(answer => IsRefusal(answer.Word)))
        {
            before();
            return [.. answers.Select(answer => (IsRefusal(answer.Word) ? answer.Word : "batch-refused", (ModelJob?)null))];
        }
        Follow(now);
        return answers;
    }

    public string Change(ModelJob job, JobCommand command, DateTimeOffset now, IReadOnlyList<NewJob> children, string? checkpoint)
    {
        var word = Move(job, command, now);
        if (word != "moved") return word;
        if (checkpoint is not null && !job.IsFinal) job.Checkpoint = checkpoint;
        if (command is JobCommand.Park && job.State == JobState.Held) Park(job, children, now);
        Follow(now);
        return word;
    }

    /// <summary>The jobs that a claim meets, in order: each either runs or is over its time.</summary>
    public (List<ModelJob> Taken, List<ModelJob> Expired) Claimable(string queue, int count, DateTimeOffset now)
    {
        var limits = Limits(queue);
        var (taken, expired) = (new List<ModelJob>(), new List<ModelJob>());
        if (limits.Paused) return (taken, expired);
        var left = limits.Concurrency == 0 ? count : Math.Min(count, limits.Concurrency - Jobs.Count(job => job.IsActive && job.Queue == queue));
        foreach (var job in Jobs.Where(job => job.State == JobState.Queued && job.Queue == queue).OrderBy(job => job.Turn))
        {
            if (taken.Count >= left) break;
            if (job.IsOver(now)) expired.Add(job);
            else if (job.Submitted.LimitKey is not { } key || Running(key) + taken.Count(other => other.Submitted.LimitKey == key) < KeyLimit(limits, key)) taken.Add(job);
        }
        return (taken, expired);
    }

    public List<ModelJob> Reap(Incarnation alive, DateTimeOffset now)
    {
        var lost = Jobs.Where(job => job.Run is { } run && run.Owner != alive).ToList();
        foreach (var job in lost) Move(job, new JobCommand.Lose(job.Run!.Value, 0.5), now);
        Follow(now);
        return lost;
    }

    public List<ModelJob> Sweep(DateTimeOffset now)
    {
        List<ModelJob> moved = [.. Jobs.Where(job => Move(job, new JobCommand.Expire(), now) == "moved")];
        moved.AddRange(Jobs.Where(job => Move(job, new JobCommand.Release(), now) == "moved"));
        Follow(now);
        return moved;
    }

    public string? Delete(ModelJob job)
    {
        if (!job.IsFinal || IsNeeded(job)) return "state-conflict";
        Drop(job);
        return null;
    }

    /// <summary>What retention lets go, but for the newest job, which a store may keep.</summary>
    public List<ModelJob> Over(RetentionRules rules, DateTimeOffset now) =>
        [.. Jobs.Where(job => job.IsFinal && job.FinishedAt < now - rules.Of(job.Queue, job.Submitted.Task, job.State)
            && !IsNeeded(job) && !_keys.Values.Any(key => key.Job == job && key.Until > now))];

    public void Drop(ModelJob job)
    {
        Jobs.Remove(job);
        Edges.RemoveAll(edge => edge.Child == job);
    }

    public string Move(ModelJob job, JobCommand command, DateTimeOffset now)
    {
        var from = job.State;
        var word = job.Ask(command, now);
        if (word == "moved" && job.IsFinal) _ended.Add((from, job));
        return word;
    }

    /// <summary>Moves whom the ends concern, and whom their ends concern.</summary>
    public void Follow(DateTimeOffset now)
    {
        foreach (var job in _doomed.Where(job => job.State == JobState.Held)) Move(job, new JobCommand.Unhold(JobState.Cancelled, null), now);
        _doomed.Clear();
        for (var i = 0; i < _ended.Count; i++)
        {
            var (from, ended) = _ended[i];
            foreach (var edge in Edges.Where(edge => edge.Child == ended && edge.IsOpen && from == JobState.Held).ToList())
            {
                edge.IsOpen = false;
                if (edge.IsWait) Move(edge.Parent, new JobCommand.Cancel(), now);
            }
            foreach (var edge in Edges.Where(edge => edge.Parent == ended && edge.IsOpen).ToList())
            {
                edge.IsOpen = false;
                if (edge.Child.State != JobState.Held) continue;
                if (edge.On == DependsOn.Succeeded && ended.State != JobState.Succeeded) Move(edge.Child, new JobCommand.Unhold(JobState.Cancelled, null), now);
                else if (!Edges.Exists(other => other.Child == edge.Child && other.IsOpen)) Move(edge.Child, new JobCommand.Unhold(JobState.Queued, null), now);
            }
        }
        _ended.Clear();
    }

    public int Running(string key) => Jobs.Count(job => job.IsActive && job.Submitted.LimitKey == key);

    public QueueLimits Limits(string queue) => Queues.GetValueOrDefault(queue, QueueOverrides.None).Over(Configured?.Queue ?? QueueLimits.None);

    private int KeyLimit(QueueLimits limits, string key)
    {
        var limit = Configured?.Keys.TryGetValue(key, out var named) == true ? named.Concurrency : limits.KeyConcurrency;
        return limit == 0 ? int.MaxValue : limit;
    }

    private (string Word, ModelJob? Job) Insert(NewJob given, DateTimeOffset now, JobId? parent)
    {
        if (given.IdempotencyKey is { } key && _keys.TryGetValue(key, out var used) && used.Until > now && Jobs.Contains(used.Job))
            return used.Digest == given.Row.Digest ? ("replayed", used.Job) : ("idempotency-mismatch", null);
        if (Find(given.Row.Id) is { } same) return same.Submitted.Digest == given.Row.Digest ? ("deduplicated", same) : ("id-conflict", null);
        if (given.DependsOn.Any(on => Find(on.Job) is null)) return ("unknown-job", null);
        // Whether it has to wait is settled before it takes a key from a job, which may be one that it waits for.
        HashSet<ModelJob> awaited = [.. given.DependsOn.Select(on => Find(on.Job)!).Where(job => !job.IsFinal)];
        if (given.Row.UniqueKey is { } unique && Jobs.Find(job => job.HoldsKey && job.Submitted.UniqueKey == unique) is { } holder)
        {
            if (given.Row.UniquePolicy == UniquePolicy.Reject) return ("unique-conflict", null);
            if (given.Row.UniquePolicy == UniquePolicy.Return || holder.IsActive)
            {
                if (given.IdempotencyKey is { } repeat) _keys[repeat] = (given.Row.Digest, holder, now.AddHours(24));
                return ("deduplicated", holder);
            }
            Move(holder, new JobCommand.Supersede(given.Row.Id), now);
        }
        return ("accepted", Store(given, awaited, now, parent));
    }

    private ModelJob Store(NewJob given, HashSet<ModelJob> awaited, DateTimeOffset now, JobId? parent)
    {
        var job = new ModelJob(given.Row) { Place = ++_places, Parents = given.DependsOn.Count, Parent = parent };
        if (job.RunAt == default) job.RunAt = now;
        Jobs.Add(job);
        var doomed = false;
        foreach (var (id, on) in given.DependsOn)
        {
            var before = Find(id)!;
            Edges.Add(new Edge(before, job, on, IsWait: false) { IsOpen = awaited.Contains(before) });
            doomed |= !awaited.Contains(before) && before.State != JobState.Succeeded && on == DependsOn.Succeeded;
        }
        job.Become(doomed || Edges.Exists(edge => edge.Child == job && edge.IsOpen) ? JobState.Held : job.RunAt > now ? JobState.Scheduled : JobState.Queued);
        if (doomed) _doomed.Add(job);
        if (given.IdempotencyKey is { } key) _keys[key] = (given.Row.Digest, job, now.AddHours(24));
        return job;
    }

    private void Park(ModelJob parent, IReadOnlyList<NewJob> children, DateTimeOffset now)
    {
        Edges.RemoveAll(edge => edge.Child == parent && edge.IsWait);
        foreach (var child in children)
            if (Insert(child, now, parent.Id) is ("accepted", { } stored)) Edges.Add(new Edge(stored, parent, DependsOn.Finished, IsWait: true) { IsOpen = true });
        if (!Edges.Exists(edge => edge.Child == parent && edge.IsWait)) Move(parent, new JobCommand.Unhold(JobState.Queued, null), now);
    }

    private bool IsNeeded(ModelJob job) => Edges.Exists(edge => edge.Parent == job && !edge.Child.IsFinal && Jobs.Contains(edge.Child));

    private static bool IsRefusal(string word) => word is not ("accepted" or "deduplicated" or "replayed");

    /// <summary>How to go back to now. Only what a submit changes.</summary>
    private Action Snapshot()
    {
        var (jobs, edges, keys) = (Jobs.ToList(), Edges.ToList(), _keys.ToList());
        var states = Jobs.ConvertAll(job => (Job: job, job.State, job.FinishedAt, Story: job.Story.Count));
        return () =>
        {
            (Jobs, Edges) = (jobs, edges);
            _ended.Clear();
            _doomed.Clear();
            _keys.Clear();
            foreach (var (key, used) in keys) _keys.Add(key, used);
            foreach (var (job, state, finishedAt, story) in states)
            {
                job.Story.RemoveRange(story, job.Story.Count - story);
                (job.State, job.FinishedAt, job.Version) = (state, finishedAt, story);
            }
        };
    }

    /// <summary>One job waits for another.</summary>
    /// <param name="IsWait">A job that was set aside waits for its child; else a job waits for what it depends on.</param>
    internal sealed record Edge(ModelJob Parent, ModelJob Child, DependsOn On, bool IsWait)
    {
        public bool IsOpen { get; set; }
    }
}

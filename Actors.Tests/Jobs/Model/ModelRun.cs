using System.Collections.Concurrent;
using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs.Model;

/// <summary>One random sequence of writes to a store, held against the model after each of them.</summary>
/// <param name="seed">Decides every choice.</param>
/// <param name="open">Opens the store; again after each crash, where <paramref name="reopens"/>.</param>
/// <param name="reopens">Whether a store keeps its jobs when it is closed; it then has transactions, too, that fail as a whole.</param>
internal sealed class ModelRun(int seed, Func<TimeProvider, Random, INodeStorage> open, bool reopens) : IAsyncDisposable
{
    private static readonly string[] Queues = ["fast", "slow"];
    private static readonly string[] Keys = ["eu", "us"];
    private static readonly RetentionRules Retention = new(
        new RetentionOptions { Succeeded = TimeSpan.FromMinutes(1), Failed = TimeSpan.FromMinutes(2), Cancelled = TimeSpan.FromMinutes(3), Expired = TimeSpan.FromMinutes(1), History = TimeSpan.FromDays(3000) },
        _ => null, _ => null, []);

    private readonly Random _random = new(seed);
    private readonly ManualTime _time = new();
    private readonly ConcurrentDictionary<JobWrite, TaskCompletionSource> _reported = new();
    private readonly List<NewJob> _sent = [];
    private readonly List<(JobId Job, Run Run)> _runs = [];
    private readonly Dictionary<JobId, Job> _seen = [];
    private readonly JobModel _model = new()
    {
        Configured = seed % 3 == 0 ? new ClaimLimits(new QueueLimits { KeyConcurrency = 2 }, new Dictionary<string, KeyLimit> { ["eu"] = new(1, default) }) : null,
    };

    private (JobWrite Write, Task Reported)? _poison;
    private INodeStorage _storage = null!;
    private Incarnation _node;
    private readonly List<string> _steps = [];
    private string _step = "start";
    private int _number;

    private IJobStore Store => _storage.Jobs;
    private DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Seeds that are not multiples of three and end even have no limits but those set on the way; others none at all.</summary>
    private bool SetsLimits => seed % 2 == 0;

    public async Task GoAsync(int steps)
    {
        Open();
        for (_number = 1; _number <= steps; _number++)
        {
            try
            {
                await StepAsync();
                await CompareAsync();
                _steps.Add($"{_number} {_step}");
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, step {_number} ({_step}): {exception.Message} Before: {string.Join("; ", _steps.TakeLast(8))}", exception);
            }
        }
        foreach (var job in _model.Jobs)
        {
            var told = (await Store.ReadHistoryAsync(Namespace.Default, job.Id, default))!.Rows;
            Same(job, "history", string.Join(' ', job.Story), string.Join(' ', told.Select(row => row.To)));
            Same(job, "versions", string.Join(' ', Enumerable.Range(1, job.Story.Count)), string.Join(' ', told.Select(row => row.Version)));
            Same(job, "places", string.Join(' ', told.Select(row => row.Seq).Order()), string.Join(' ', told.Select(row => row.Seq)));
        }
        var violations = (await _storage.VerifyAsync(default)).Violations;
        if (violations.Count > 0) throw new InvalidOperationException($"seed {seed}: verify: {string.Join("; ", violations)}");
    }

    public ValueTask DisposeAsync()
    {
        _storage?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Open()
    {
        _storage = open(_time, new Random(_random.Next()));
        _node = new Incarnation(NewId());
        _storage.Jobs.Reported = writes =>
        {
            foreach (var write in writes) Reported(write).TrySetResult();
        };
    }

    private Task StepAsync() => _random.Next(100) switch
    {
        < 26 => SubmitAsync(),
        < 44 => ClaimAsync(),
        < 66 => ReportAsync(),
        < 70 => SaveAsync(),
        < 75 => ChangeAsync("cancel", Any(), new JobCommand.Cancel()),
        < 78 => ChangeAsync("run now", Any(), new JobCommand.RunNow()),
        < 83 => EditAsync(),
        < 86 => SweepAsync(),
        < 88 => CrashAsync(),
        < 90 => DrainAsync(),
        < 92 when SetsLimits => SetQueueAsync(),
        < 94 => DeleteAsync(),
        < 95 => PruneAsync(),
        _ => PassAsync(),
    };

    private async Task SubmitAsync()
    {
        NewJob[] jobs = [.. Enumerable.Range(0, Math.Max(1, _random.Next(-3, 4))).Select(_ => _sent.Count > 0 && Chance(8) ? Again() : NewJob())];
        var queue = jobs[0].Row.Queue;
        // One that starts in mid-batch would free its key for the next, and nobody can tell afterwards when the batch is refused.
        if (jobs.Length > 1) jobs = [.. jobs.Select(job => job with { Row = job.Row with { UniqueUntil = UniqueUntil.Finished } })];
        var write = new JobWrite.Submit(jobs, atomic: Chance(50))
        {
            AtOnce = Chance(40) && !jobs.Any(job => job.DependsOn.Count > 0 || Releases(job)) && KeysDiffer(jobs) ? new JobWrite.Claim(queue, _random.Next(1, 4), _node, "n") { Limits = _model.Configured } : null,
        };
        _step = $"submit {jobs.Length}{(write.Atomic ? " atomic" : "")}{(write.AtOnce is null ? "" : " at once")}: {string.Join(" | ", jobs.Select(Said))}";
        await PostAsync(write);
        var answers = _model.Submit(write, Now);
        Equal("answers", string.Join(' ', answers.Select(answer => answer.Word)), string.Join(' ', write.Outcomes.Select(Word)));
        for (var i = 0; i < jobs.Length; i++)
        {
            if (answers[i].Job is { } job) Equal("answered with", job.Id, Answered(write.Outcomes[i]));
            if (answers[i].Word == "accepted") _sent.Add(jobs[i]);
        }
        if (write.AtOnce is not null) TakenAtOnce(write, [.. answers.Where(answer => answer.Word == "accepted").Select(answer => answer.Job!)]);
    }

    /// <summary>A job that replaces another may let go those that wait for it, in the same transaction: they stand before it in the model, which submits before it starts.</summary>
    private bool Releases(NewJob job) => job.Row.UniqueKey is { } key && _model.Edges.Exists(edge => edge.IsOpen && edge.Parent.HoldsKey && edge.Parent.Submitted.UniqueKey == key);

    /// <summary>Where two of a write share a key, the first may run when the second comes, and is then not replaced: the model submits before it starts.</summary>
    private static bool KeysDiffer(IReadOnlyList<NewJob> jobs)
    {
        var keys = jobs.Select(job => job.Row.UniqueKey).OfType<string>().ToList();
        return keys.Distinct(StringComparer.Ordinal).Count() == keys.Count;
    }

    /// <summary>A job that comes to an empty line starts; none that anything stands before does.</summary>
    private void TakenAtOnce(JobWrite.Submit write, List<ModelJob> accepted)
    {
        var claim = write.AtOnce!;
        var taken = 0;
        foreach (var job in accepted)
        {
            var started = claim.Taken.Find(row => row.Row.Id == job.Id);
            var first = taken < claim.Count && job.State == JobState.Queued && job.Queue == claim.Queue && job.Submitted.LimitKey is null
                && !_model.Jobs.Exists(other => other.State == JobState.Queued && other.Queue == job.Queue && other.Place < job.Place && other.Turn.Item1 <= job.Turn.Item1);
            var limited = SetsLimits || _model.Configured is not null;
            if (started is null)
            {
                Equal("first of its line and not taken", false, first && !limited && claim.Limits is null && !_model.Jobs.Exists(other => other.Submitted.LimitKey is not null));
                continue;
            }
            Equal("taken at once", true, first && (!limited || _model.Claimable(job.Queue, 1000, Now).Taken.Contains(job)));
            taken++;
            Started(job, started);
        }
        Equal("taken", taken, claim.Taken.Count);
    }

    private async Task ClaimAsync()
    {
        var queue = Pick(Queues);
        // Jobs that are over and stand aside for their key are met when their key is free: a sweep first makes the order plain.
        if (_model.Jobs.Exists(job => job.State == JobState.Queued && job.IsOver(Now) && job.Submitted.LimitKey is not null)) await SweepAsync();
        var claim = new JobWrite.Claim(queue, _random.Next(1, 4), _node, "n") { Limits = _model.Configured };
        _step = $"claim {claim.Count} of {queue}";
        Poison();
        await PostAsync(claim);
        var (taken, expired) = _model.Claimable(queue, claim.Count, Now);
        Equal("taken", Ids(taken), string.Join(' ', claim.Taken.Select(job => job.Row.Id)));
        Equal("expired", Ids(expired), string.Join(' ', claim.Expired.Select(job => job.Row.Id)));
        for (var i = 0; i < taken.Count; i++) Started(taken[i], claim.Taken[i]);
        foreach (var job in expired) _model.Move(job, new JobCommand.Expire(), Now);
        _model.Follow(Now);
    }

    private void Started(ModelJob job, Job started)
    {
        var run = started.Row.Run!.Value;
        Equal("run's owner", _node, run.Owner);
        Equal("a lease of its own", false, _runs.Exists(known => known.Run.Lease == run.Lease));
        Equal("checkpoint", job.Checkpoint ?? "", Encoding.UTF8.GetString(started.Checkpoint.GetValueOrDefault().Span));
        var children = _model.Edges.Where(edge => edge.Child == job && edge.IsWait && _model.Jobs.Contains(edge.Parent)).Select(edge => $"{edge.Parent.Id} {edge.Parent.State.Word}");
        Equal("children", string.Join(", ", children), string.Join(", ", started.Children.Select(child => $"{child.Id} {child.State}")));
        _model.Move(job, new JobCommand.Claim(run.Owner, run.Lease, "n"), Now);
        _runs.Add((job.Id, run));
    }

    private Task ReportAsync()
    {
        var active = _model.Jobs.Where(job => job.IsActive).ToArray();
        var stale = _runs.Count > 0 && (active.Length == 0 || Chance(12));
        if (!stale && active.Length == 0) return ClaimAsync();
        var (id, run) = stale ? Pick(_runs) : Pick(active) is var job ? (job.Id, job.Run!.Value) : default;
        if (Chance(5)) run = Pick([run with { Lease = NewId() }, run with { Attempt = run.Attempt + 1 }, run with { Owner = new Incarnation(NewId()) }]);
        JobCommand command = _random.Next(12) switch
        {
            0 or 1 or 2 or 3 => new JobCommand.Finish(run, Chance(20)),
            4 or 5 or 6 => new JobCommand.Fail(run, new TaskError(Pick(["io", "parse"]), "m", Retryable: !Chance(15)) { RetryAfter = Chance(15) ? TimeSpan.FromSeconds(7) : null }, _random.Next(2)),
            7 => new JobCommand.Snooze(run, TimeSpan.FromSeconds(_random.Next(4))),
            8 or 9 => new JobCommand.Park(run),
            10 => new JobCommand.Stop(run),
            _ => Chance(50) ? new JobCommand.HandBack(run) : new JobCommand.Lose(run, 1),
        };
        return _model.Find(id) is { } reported ? ChangeAsync($"report of {run.Attempt}", reported, command) : Task.CompletedTask;
    }

    private async Task ChangeAsync(string step, ModelJob? job, JobCommand command)
    {
        if (job is null) return;
        _step = $"{step}: {command} to {job.State}";
        NewJob[] children = command is JobCommand.Park ? [.. Enumerable.Range(0, _random.Next(3)).Select(i => NewJob(isChild: true) with { ChildName = Chance(50) ? $"c{i}" : null })] : [];
        var checkpoint = Chance(20) ? $"{_number}" : null;
        // What the sender knows may be long out of date.
        var known = Chance(50) && _seen.TryGetValue(job.Id, out var seen) ? seen : null;
        var write = known is null
            ? new JobWrite.Change(Namespace.Default, job.Id, command) { Children = children, Checkpoint = Utf8(checkpoint), Result = Utf8(command is JobCommand.Finish ? "1" : null) }
            : new JobWrite.Change(known, command) { Children = children, Checkpoint = Utf8(checkpoint), Result = Utf8(command is JobCommand.Finish ? "1" : null) };
        if (!write.Urgent || Chance(50)) Poison();
        await PostAsync(write);
        var word = _model.Change(job, command, Now, children, checkpoint);
        Equal("decision", word, write.Decision switch
        {
            JobDecision.Moved => "moved", JobDecision.Unchanged => "same", JobDecision.Refused refused => refused.Refusal.Code, _ => "absent",
        });
    }

    private Task EditAsync() => ChangeAsync("edit", Any(), new JobCommand.Edit(
        Chance(40) ? _random.Next(10) : null, Chance(30) ? Pick(Queues) : null, Chance(30) ? Now.AddSeconds(_random.Next(-3, 4)) : null, Chance(20) ? [Pick(["x", "y"])] : null)
    { IfVersion = Chance(30) ? [_random.Next(1, 4)] : null });

    private async Task SaveAsync()
    {
        if (_runs.Count == 0) return;
        var (id, run) = Pick(_runs);
        _step = $"save of run {run.Attempt}";
        if (!_seen.TryGetValue(id, out var job)) return;
        var write = new JobWrite.Save(job, run, Utf8($"{_number}")!.Value);
        await PostAsync(write);
        var saves = _model.Find(id) is { } known && known.Run == run;
        Equal("saved", saves, write.Saved);
        if (saves) _model.Find(id)!.Checkpoint = $"{_number}";
    }

    private async Task SweepAsync()
    {
        _step = "sweep";
        var write = new JobWrite.Sweep(1000);
        await PostAsync(write);
        Equal("moved", Ids(_model.Sweep(Now).OrderBy(job => job.Id.ToString(), StringComparer.Ordinal)), string.Join(' ', write.Moved.Select(job => job.Row.Id.ToString()).Order(StringComparer.Ordinal)));
    }

    /// <summary>The node dies; its next life takes the runs for lost before it claims.</summary>
    private async Task CrashAsync()
    {
        _step = "crash";
        if (Chance(30))
        {
            // A look for lost runs while all of them live.
        }
        else if (reopens)
        {
            _storage.Dispose();
            Open();
        }
        else _node = new Incarnation(NewId());
        await CompareAsync();
        _step = "reap";
        var write = new JobWrite.Reap([_node], 1000);
        await PostAsync(write);
        var lost = _model.Reap(_node, Now);
        Equal("lost", Ids(lost.OrderBy(job => job.Id.ToString(), StringComparer.Ordinal)), string.Join(' ', write.Moved.Select(job => job.Row.Id.ToString()).Order(StringComparer.Ordinal)));
        foreach (var job in lost.Where(job => job.State == JobState.Retrying))
        {
            // The store draws the jitter: anywhere between half and all of the back-off.
            var (runAt, whole) = (write.Moved.First(moved => moved.Row.Id == job.Id).Row.RunAt, job.Backoff(job.Crashes));
            Equal("back-off within its bounds", true, runAt >= Now + (whole / 2) - TimeSpan.FromMicroseconds(1) && runAt <= Now + whole);
            job.RunAt = runAt;
        }
    }

    /// <summary>The node stops: it hands back what it runs.</summary>
    private async Task DrainAsync()
    {
        foreach (var job in _model.Jobs.Where(job => job.IsActive).ToArray()) await ChangeAsync("drain", job, new JobCommand.HandBack(job.Run!.Value));
    }

    private async Task SetQueueAsync()
    {
        var queue = Pick(Queues);
        var write = new JobWrite.SetQueue(queue, Chance(15) ? null : new QueueChange
        {
            Paused = Chance(40) ? new Setting<bool>(Chance(50)) : null,
            Concurrency = Chance(40) ? new Setting<int>(_random.Next(4)) : null,
            KeyConcurrency = Chance(40) ? new Setting<int>(_random.Next(3)) : null,
        });
        var before = _model.Queues.GetValueOrDefault(queue, QueueOverrides.None);
        _model.Queues[queue] = write.Setting is not { } change ? QueueOverrides.None : before with
        {
            Paused = change.Paused is { } paused ? paused.Value : before.Paused,
            Concurrency = change.Concurrency is { } concurrency ? concurrency.Value : before.Concurrency,
            KeyConcurrency = change.KeyConcurrency is { } ofKey ? ofKey.Value : before.KeyConcurrency,
        };
        _step = $"set {queue}: {_model.Queues[queue]}";
        await PostAsync(write);
        Equal("settings", _model.Queues[queue], write.Now);
    }

    private async Task DeleteAsync()
    {
        if (Any() is not { } job) return;
        _step = $"delete of {job.State}";
        var write = new JobWrite.Delete(Namespace.Default, job.Id);
        await PostAsync(write);
        Equal("refusal", _model.Delete(job), write.Refusal?.Code);
        Forget(job);
    }

    private async Task PruneAsync()
    {
        _step = "prune";
        var before = _model.Over(Retention, Now);
        await PostAsync(new JobWrite.Prune(Retention, 1000));
        var left = (await Store.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 500 }, default)).Rows.Select(job => job.Row.Id).ToHashSet();
        var newest = _model.Jobs.MaxBy(job => job.Place);
        foreach (var job in before)
        {
            if (left.Contains(job.Id) && job == newest) continue;
            Same(job, "pruned", true, !left.Contains(job.Id));
            _model.Drop(job);
            Forget(job);
        }
    }

    /// <summary>Its id may come again, as another job, of which nobody saves what belongs to this one.</summary>
    private void Forget(ModelJob job)
    {
        if (_model.Jobs.Contains(job)) return;
        _seen.Remove(job.Id);
    }

    private Task PassAsync()
    {
        var by = _random.Next(8) switch
        {
            0 => TimeSpan.FromMilliseconds(1), 1 => TimeSpan.FromMinutes(2), 2 => Chance(20) ? TimeSpan.FromHours(25) : TimeSpan.FromMinutes(1), _ => TimeSpan.FromSeconds(_random.Next(1, 4)),
        };
        _step = $"{by} pass";
        _time.Advance(by);
        return SweepAsync();
    }

    /// <summary>Posts a write that breaks its transaction in the middle: whatever shares it must go unharmed.</summary>
    private void Poison()
    {
        var running = _model.Jobs.Where(job => job.State == JobState.Running).ToArray();
        if (!reopens || running.Length == 0 || !Chance(15)) return;
        var job = Pick(running);
        var poison = new JobWrite.Change(Namespace.Default, job.Id, new JobCommand.Park(job.Run!.Value)) { Children = [new NewJob(null!, default, null)] };
        _poison = (poison, ReportedAsync(poison));
    }

    private async Task PostAsync(JobWrite write)
    {
        var reported = ReportedAsync(write);
        if (_poison is var (poison, broken))
        {
            _poison = null;
            await broken;
            Equal("a broken transaction is reported", true, poison.Failure is not null);
        }
        await reported;
        if (write.Failure is { } failure) throw failure;
    }

    private Task ReportedAsync(JobWrite write)
    {
        if (!Store.TryPost(write)) throw new InvalidOperationException("The store took nothing.");
        return Reported(write).Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private TaskCompletionSource Reported(JobWrite write) => _reported.GetOrAdd(write, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task CompareAsync()
    {
        // A store with files is slow to ask; what went wrong in a step is there after the next one, too.
        if (reopens && _number % 2 != 0) return;
        var rows = (await Store.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 500 }, default)).Rows;
        Equal("jobs, newest first", Ids(_model.Jobs.OrderByDescending(job => job.Place)), string.Join(' ', rows.Select(job => job.Row.Id)));
        foreach (var (job, stored) in _model.Jobs.OrderByDescending(job => job.Place).Zip(rows))
        {
            Same(job, stored.Row);
            if (Chance(10)) _seen[job.Id] = stored;      // seldom, so that it is out of date when it is used
        }
        if (reopens && _number % 4 != 0) return;
        var counts = (await Store.CountAsync(Namespace.Default, default)).Where(count => count.Count != 0).Select(count => $"{count.Queue} {count.State} {count.Count}");
        Equal("counters", Lines(_model.Jobs.GroupBy(job => (job.Queue, job.State)).Select(group => $"{group.Key.Queue} {group.Key.State} {group.Count()}")), Lines(counts));
        var keys = (await Store.ListLimitKeysAsync(Namespace.Default, null, 500, default)).Select(key => $"{key.Key} {key.Running} {key.Queued}");
        Equal("limit keys", Lines(Keys.Select(key => (key, Running: _model.Running(key), Queued: _model.Jobs.Count(job => job.State == JobState.Queued && job.Submitted.LimitKey == key)))
            .Where(key => key.Running + key.Queued > 0).Select(key => $"{key.key} {key.Running} {key.Queued}")), Lines(keys));
        var use = await Store.ReadFlowAsync(Namespace.Default, Queues, [], default);
        foreach (var queue in Queues)
            Equal($"running in {queue}", _model.Jobs.Count(job => job.IsActive && job.Queue == queue), (int)(use.Queues.GetValueOrDefault(queue)?.Running ?? 0));
        var due = _model.Jobs.Where(job => job.State is JobState.Scheduled or JobState.Retrying).Min(job => (DateTimeOffset?)job.RunAt);
        Equal("next due", Micros(due), Micros(await Store.NextDueAsync(default)));
    }

    private void Same(ModelJob job, JobRow row)
    {
        Same(job, "state", job.State, row.State);
        Same(job, "version", job.Version, row.Version);
        Same(job, "attempt, excused, crashes", (job.Attempt, job.Excused, job.Crashes), (row.Attempt, row.Excused, row.Crashes));
        Same(job, "run", job.Run, row.Run);
        Same(job, "queue, priority", (job.Queue, job.Priority), (row.Queue, row.Priority));
        Same(job, "tags", string.Join(' ', job.Tags), string.Join(' ', row.Tags));
        Same(job, "times", (Micros(job.RunAt), Micros(job.LineAt), Micros(job.StartedAt), Micros(job.FinishedAt)), (Micros(row.RunAt), Micros(row.LineAt), Micros(row.StartedAt), Micros(row.FinishedAt)));
        Same(job, "error", job.Error, row.Error?.Type);
        Same(job, "parents", (job.Parents, job.Parent), (row.Parents, row.Parent));
        Same(job, "as submitted", (job.Submitted.UniqueKey, job.Submitted.LimitKey, job.Submitted.MaxAttempts, job.Submitted.Backoff, job.Submitted.WhenLost, job.Submitted.Digest, job.Submitted.RerunOf, Micros(job.Submitted.ExpiresAt)),
            (row.UniqueKey, row.LimitKey, row.MaxAttempts, row.Backoff, row.WhenLost, row.Digest, row.RerunOf, Micros(row.ExpiresAt)));
    }

    private NewJob NewJob(bool isChild = false)
    {
        var row = new JobRow
        {
            Id = new JobId(NewId()), Namespace = Namespace.Default, Task = "t", Queue = Pick(Queues), Priority = Chance(70) ? 5 : _random.Next(10), Digest = NewId(),
            RunAt = Chance(20) ? Now.AddSeconds(_random.Next(-2, 5)) : default, ExpiresAt = Chance(15) ? Now.AddSeconds(_random.Next(1, 6)) : null,
            MaxAttempts = _random.Next(1, 4), Backoff = new BackoffPolicy(TimeSpan.FromSeconds(_random.Next(1, 3)), 2, TimeSpan.FromSeconds(4)),
            UniqueKey = Chance(20) ? Pick(["one", "two"]) : null, UniquePolicy = Pick(Enum.GetValues<UniquePolicy>()), UniqueUntil = Pick(Enum.GetValues<UniqueUntil>()),
            LimitKey = Chance(30) ? Pick(Keys) : null, Tags = Chance(20) ? ["x"] : [], RerunOf = Chance(10) ? Any()?.Id : null, WhenLost = Chance(20) ? WhenLost.Fail : default,
        };
        return new NewJob(row, "{}"u8.ToArray(), !isChild && Chance(15) ? Pick(["k1", "k2", "k3"]) : null)
        {
            DependsOn = !isChild && Chance(25) && _model.Jobs.Count > 0
                ? [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Chance(3) ? new JobId(NewId()) : Pick(_model.Jobs).Id).Distinct().Select(id => new JobDependency(id, Chance(60) ? DependsOn.Succeeded : DependsOn.Finished))]
                : [],
        };
    }

    /// <summary>What was sent before, the same or with another body.</summary>
    private NewJob Again()
    {
        var sent = Pick(_sent);
        return Chance(70) ? sent : sent with { Row = sent.Row with { Digest = NewId() } };
    }

    private ModelJob? Any() => _model.Jobs.Count == 0 ? null : Pick(_model.Jobs);

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(IReadOnlyList<T> of) => of[_random.Next(of.Count)];

    private Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static ReadOnlyMemory<byte>? Utf8(string? text) => text is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(text);

    private static string Word(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Accepted => "accepted", SubmitOutcome.Deduplicated => "deduplicated", SubmitOutcome.Replayed => "replayed",
        SubmitOutcome.Refused refused => refused.Refusal.Code, _ => "nothing",
    };

    private static JobId Answered(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Accepted one => one.Job.Row.Id, SubmitOutcome.Deduplicated one => one.Job.Row.Id, SubmitOutcome.Replayed one => one.Job.Row.Id, _ => default,
    };

    private static string Said(NewJob job) =>
        $"{job.Row.Queue} p{job.Row.Priority}{(job.Row.UniqueKey is { } key ? $" unique {key} {job.Row.UniquePolicy} {job.Row.UniqueUntil}" : "")}{(job.Row.LimitKey is { } limit ? $" limit {limit}" : "")}"
        + $"{(job.IdempotencyKey is { } idem ? $" key {idem}" : "")}{(job.DependsOn.Count > 0 ? $" after {string.Join(", ", job.DependsOn)}" : "")}";

    private static string Ids(IEnumerable<ModelJob> jobs) => string.Join(' ', jobs.Select(job => job.Id));

    private static string Lines(IEnumerable<string> lines) => string.Join(", ", lines.Order(StringComparer.Ordinal));

    private static long? Micros(DateTimeOffset? time) => (time?.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10;

    private static void Equal<T>(string what, T model, T store)
    {
        if (!EqualityComparer<T>.Default.Equals(model, store)) throw new InvalidOperationException($"{what}: the model says '{model}', the store '{store}'.");
    }

    private static void Same<T>(ModelJob job, string what, T model, T store)
    {
        if (!EqualityComparer<T>.Default.Equals(model, store)) Equal($"job {job.Id} ({job.State}, {string.Join(' ', job.Story)}): {what}", model, store);
    }
}

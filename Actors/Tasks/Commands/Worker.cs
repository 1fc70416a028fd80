namespace ActorPerf.Tasks.Commands;

/// <summary>One process that stays: a call in, its lines out, then the next. Owned by its pool, which gives it one call at a time.</summary>
/// <remarks>Whatever breaks the protocol ends the process: a worker that lost its place cannot be trusted with another call.</remarks>
internal sealed class Worker : IAsyncDisposable
{
    /// <summary>What is over already may be told late by a machine that has no time: the end of a process behind that of its output, its last words, the end of a write.</summary>
    private static readonly TimeSpan TellPatience = TimeSpan.FromSeconds(5);

    private readonly CommandDefinition _definition;
    private readonly CommandHost _host;
    private readonly IChild _child;
    private readonly ErrorLines _errors = new();
    private readonly CancellationTokenSource _pipes = new();
    private readonly Task _answers;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private Call? _call;
    private string? _former;      // the call before: what it still says is late, not wrong
    private string? _broken;

    private Worker(CommandDefinition definition, CommandHost host, IChild child, RunMark mark)
    {
        (_definition, _host, _child, Run) = (definition, host, child, mark.Run);
        _answers = Pipes.ReadApartAsync(ReadOutputAsync);
        _reading = Task.WhenAll(_answers, Pipes.ReadApartAsync(() => new LineReader(child.Errors, ErrorLines.MaxLine).ReadAsync(Heard, _pipes.Token)));
    }

    public int Pid => _child.Pid;

    public string Run { get; }

    /// <summary>Why it takes no further call; null while it does.</summary>
    public string? Broken
    {
        get
        {
            lock (_gate) return _broken ?? (_child.Exited.IsCompleted ? "it ended by itself" : null);
        }
    }

    /// <exception cref="ChildStartException">The process cannot be started.</exception>
    public static Worker Start(CommandDefinition definition, CommandHost host)
    {
        var mark = RunMark.New(host.Node);
        return new Worker(definition, host, ChildStart.Start(definition.Spec(CommandEnvironment.ForWorker(definition, mark), mark)), mark);
    }

    /// <summary>Runs one call.</summary>
    /// <exception cref="TaskFailedException">The worker said so, broke the protocol, or ended.</exception>
    /// <exception cref="SnoozeException">The worker wants its job to be run again later.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled; the worker answered to that, or is broken now.</exception>
    public async Task<ReadOnlyMemory<byte>> CallAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        var call = new Call(Guid.NewGuid().ToString("N"), context);
        lock (_gate) _call = call;
        try
        {
            var line = WorkerLines.Call(call.Id, args, context);
            // A worker that ended does not read any more: its end says more than the broken pipe.
            var writing = Pipes.TryWriteAsync(_child.Input, line, _pipes.Token).AsTask();
            await Task.WhenAny(call.Answer, _child.Exited, _answers).WaitAsync(ct);
            if (!call.Answer.IsCompleted) await AfterEndAsync(call);
            if (!writing.IsCompleted && !await EndsAsync(writing, TellPatience).WaitAsync(ct)) Break("it answered before it had read the call");
            return OutputOf(await call.Answer);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await CancelAsync(call);
            throw;
        }
        finally
        {
            lock (_gate) (_call, _former) = (null, call.Id);
        }
    }

    /// <summary>Ends the process: first its input, then by signals.</summary>
    /// <param name="politely">Whether it may finish by itself.</param>
    public async Task EndAsync(bool politely)
    {
        Break("the node ended it");
        if (politely)
        {
            await _child.Input.DisposeAsync();
            if (await EndsAsync(_child.Exited, _definition.KillAfter))
            {
                await _child.KillTreeAsync();
                return;
            }
            _child.Terminate();
            await EndsAsync(_child.Exited, _definition.KillAfter);
        }
        await _child.KillTreeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _pipes.CancelAsync();
        await _child.DisposeAsync();
        await _reading;
        _pipes.Dispose();
        _host.Leftovers.Ended(Run);
    }

    private ReadOnlyMemory<byte> OutputOf(ReadOnlyMemory<byte> result) =>
        result.Length <= _host.MaxResultBytes ? result : throw new TaskFailedException(TooLarge());

    /// <summary>Tells the worker, and ends it when it does not answer.</summary>
    private async Task CancelAsync(Call call)
    {
        using var patience = new CancellationTokenSource(_definition.KillAfter, _host.Time);
        await Pipes.TryWriteAsync(_child.Input, WorkerLines.Cancel(call.Id), patience.Token);
        if (await EndsAsync(Task.WhenAny(call.Answer, _child.Exited), _definition.KillAfter) && call.Answer.IsCompleted) return;
        Break("it did not answer to a cancel");
        await _child.KillTreeAsync();
    }

    /// <summary>The process ended under a call, or what it says can be read no more: one follows the other, or never does, and what it said last is still on its way.</summary>
    private async Task AfterEndAsync(Call call)
    {
        await Task.WhenAny(call.Answer, Task.WhenAll(_reading, _child.Exited), Task.Delay(TellPatience, _host.Time));
        Break("it ended under a call");
        if (call.Answer.IsCompleted) return;
        var exit = _child.Exited.IsCompleted ? await _child.Exited : (ChildExit?)null;
        call.Fail(exit is { IsSuccess: false } failed ? ExitRules.Failure(failed, _definition.Command[0], _errors) : new TaskError("worker-ended",
            $"A worker of command '{_definition.Command[0]}' {(exit is null ? "closed its standard output" : "ended with exit code 0")} before it answered. {_errors.Tail}".TrimEnd()));
    }

    private async Task ReadOutputAsync()
    {
        // In an answer a result's text may be written with escapes; six bytes for one is the most.
        var most = (int)Math.Min(_host.MaxResultBytes * 6L + WorkerLines.Overhead, Array.MaxLength / 2);
        try
        {
            await new LineReader(_child.Output, most).ReadAsync(Answered, _pipes.Token);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or OutOfMemoryException))
        {
            Garbled($"not understood ({fault.Message.TrimEnd('.')})", default);
        }
        finally
        {
            Break("it closed its standard output");
        }
    }

    private void Answered(ReadOnlySpan<byte> line, bool cut)
    {
        if (cut)
        {
            Break("it wrote a line that is too long", TooLarge());
            return;
        }
        if (line.IsEmpty) return;
        var (id, said) = WorkerLines.Read(line);
        Call? call;
        string? former;
        lock (_gate) (call, former) = (_call, _former);
        if (said is WorkerLine.Garbage garbage) Garbled(garbage.Why, line);
        else if (call is not null && id == call.Id) Take(call, said);
        else if (id == former) Late(said);
        else Garbled($"an answer to call '{id}', which it does not have", line);
    }

    /// <summary>Progress may come late from a thread of the worker; a second answer means that it has lost count, but harms nobody: no two calls share an id.</summary>
    private void Late(WorkerLine said)
    {
        if (said is not WorkerLine.Report) lock (_gate) _broken ??= "it answered a call twice";
    }

    private static void Take(Call call, WorkerLine said)
    {
        switch (said)
        {
            case WorkerLine.Result result:
                call.Succeed(result.Value);
                break;
            case WorkerLine.Failure failure:
                call.Fail(failure.Error);
                break;
            case WorkerLine.Snooze snooze:
                call.Fail(new SnoozeException(snooze.Delay));
                break;
            case WorkerLine.Report report:
                ReportedMembers.Apply(report.Members, call.Context);
                if (report.Members.TryGetProperty("log", out var log)) call.Context.Log(log.ToString(), ReportedMembers.Level(report.Members));
                break;
        }
    }

    private void Heard(ReadOnlySpan<byte> line, bool cut)
    {
        Call? call;
        lock (_gate) call = _call;
        _errors.Add(line, cut, call?.Context);
    }

    private void Garbled(string why, ReadOnlySpan<byte> line)
    {
        var beginning = System.Text.Encoding.UTF8.GetString(line[..Math.Min(line.Length, 100)]);
        Break($"it broke the protocol: {why}", new TaskError("bad-protocol",
            $"A worker of command '{_definition.Command[0]}' wrote a line that is {why}: {beginning} Its standard output is for answers alone; write everything else to standard error (docs/formats/worker-lines.md)."));
    }

    private void Break(string why, TaskError? error = null)
    {
        Call? call;
        lock (_gate)
        {
            _broken ??= why;
            call = _call;
        }
        if (error is not null) call?.Fail(error);
    }

    private TaskError TooLarge() => new("output-too-large",
        $"A worker of command '{_definition.Command[0]}' answered with more than {_host.MaxResultBytes} bytes. Answer with less, store the result elsewhere and answer with where, or raise actorperf.compute.max-result-bytes.",
        Retryable: false);

    private async Task<bool> EndsAsync(Task task, TimeSpan within)
    {
        using var waiting = new CancellationTokenSource();
        await Task.WhenAny(task, Task.Delay(within, _host.Time, waiting.Token));
        await waiting.CancelAsync();
        return task.IsCompleted;
    }

    private sealed class Call(string id, TaskContext context)
    {
        private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Id { get; } = id;

        public TaskContext Context { get; } = context;

        public Task<ReadOnlyMemory<byte>> Answer => _answer.Task;

        public void Succeed(ReadOnlyMemory<byte> result) => _answer.TrySetResult(result);

        public void Fail(TaskError error) => Fail(new TaskFailedException(error));

        public void Fail(Exception fault)
        {
            _answer.TrySetException(fault);
            _ = _answer.Task.Exception; // of a cancelled call nobody asks
        }
    }
}

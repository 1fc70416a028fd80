using System.Collections.Immutable;

namespace ActorPerf.Load;

/// <summary>Starts runs, one at a time, and hands what is asked of one to it. Supervises runs: one that fails is not begun again.</summary>
internal sealed class LoadDesk : ReceiveActor
{
    private readonly LoadDeskParts _parts;
    private readonly Random _random;
    private IActorRef? _run;
    private Guid _runId;
    private LoadRunContext? _context;

    public LoadDesk(LoadDeskParts parts)
    {
        (_parts, _random) = (parts, new Random(parts.Seed));
        Receive<LoadCommand.Start>(start => Start(start));
        Receive<Terminated>(ended =>
        {
            // An earlier run's word may come when the next one has begun.
            if (ended.ActorRef.Equals(_run)) Bury();
        });
        Receive<LoadCommand.Stop>(stop => Hand(stop, stop.Id, stop.Reply, ended: static latest => new LoadOutcome.Done(latest)));
        Receive<LoadCommand.Edit>(edit => Hand(edit, edit.Id, edit.Reply, ended: static latest => new LoadOutcome.Refused(LoadRefusals.Ended(latest))));
        Receive<LoadCommand.Reset>(reset => Hand(reset, reset.Id, reset.Reply, ended: static latest => new LoadOutcome.Refused(LoadRefusals.Ended(latest))));
    }

    protected override SupervisorStrategy SupervisorStrategy()
    {
        var (log, desk) = (_parts.Log, this);
        return new OneForOneStrategy(fault =>
        {
            log.RunFailed(fault, desk._runId);
            return Directive.Stop;
        });
    }

    private void Start(LoadCommand.Start start)
    {
        if (_parts.Boards.Find(_runId) is { Latest.IsFinal: false } running)
        {
            start.Reply.TrySetResult(new LoadOutcome.Refused(LoadRefusals.Busy(running.Latest)));
            return;
        }
        var id = Guid.CreateVersion7(_parts.Time.GetUtcNow());
        var seed = start.Plan.Seed ?? _random.Next();
        var context = new LoadRunContext(start.Plan, start.Scenario, seed, _parts.Http(start.Plan), _parts.Time, _parts.Options, start.Tables);
        var shown = start.Plan with { Seed = seed, Key = null };
        var board = new RunBoard(new LoadProgress { Id = id, Plan = shown, StartedAt = _parts.Time.GetUtcNow() });
        _parts.Boards.Add(board);
        var parts = new LoadRunParts { Id = id, Run = context, Board = board, Reading = _parts.Reading };
        _parts.Log.RunBegan(id, start.Scenario.Name, start.Plan.Host, start.Plan.Model.GetType().Name, start.Plan.RunTime.TotalSeconds, seed);
        (_runId, _run) = (id, Context.ActorOf(Props.Create(() => new LoadRunActor(parts)), $"run-{id:N}"));
        _context = context;
        Context.Watch(_run);
        start.Reply.TrySetResult(new LoadOutcome.Done(board.Latest));
    }

    /// <summary>A run that could not even begin has told nobody of its end: whoever waits for it learns it here, and the next one may start.</summary>
    private void Bury()
    {
        _run = null;
        if (_parts.Boards.Find(_runId) is not { Latest.IsFinal: false } board) return;
        _context?.End();
        _context?.Dispose();
        board.End(new LoadResult(board.Latest with { State = LoadState.Failed, FinishedAt = _parts.Time.GetUtcNow(), Fault = "The run failed; the log says why." }, [], []));
    }

    private void Hand(LoadCommand command, Guid id, TaskCompletionSource<LoadOutcome> reply, Func<LoadProgress, LoadOutcome> ended)
    {
        var board = _parts.Boards.Find(id);
        if (board is { Latest.IsFinal: false } && id == _runId && _run is not null) _run.Tell(command, Self);
        else if (board is not null) reply.TrySetResult(ended(board.Latest));
        else reply.TrySetCanceled();
    }
}

/// <summary>What the desk is made of.</summary>
internal sealed record LoadDeskParts
{
    public required LoadBoards Boards { get; init; }

    public required LoadOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>What sends the requests of a run; the run disposes it.</summary>
    public Func<LoadPlan, HttpMessageInvoker> Http { get; init; } = LoadClient.Create;

    public Func<GeneratorReading> Reading { get; init; } = GeneratorReading.OfThisProcess;

    /// <summary>Of the seeds of runs that give none.</summary>
    public int Seed { get; init; }
}

/// <summary>The boards of runs, the latest first; written by the desk, read by anyone.</summary>
internal sealed class LoadBoards
{
    private volatile ImmutableList<RunBoard> _all = [];

    public ImmutableList<RunBoard> All => _all;

    public RunBoard? Find(Guid id) => _all.Find(board => board.Latest.Id == id);

    public void Add(RunBoard board) => _all = [board, .. _all.Take(LoadOptions.Remembered)];
}

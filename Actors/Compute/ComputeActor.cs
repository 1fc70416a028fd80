using ActorPerf.Tasks;

namespace ActorPerf.Compute;

/// <summary>A routee: runs one attempt at a time and answers whoever asked for it. Announces itself to its gate, which knows who is idle.</summary>
/// <remarks>A task that awaits holds no thread; a task that computes holds this routee's. What a task throws is an outcome, never a crash.</remarks>
internal sealed class ComputeActor : ReceiveActor
{
    private readonly IActorRef _gate;
    private readonly TimeProvider _time;
    private readonly int _maxResultBytes;
    private Attempt? _attempt;
    private IActorRef? _replyTo;
    private long _started;
    private bool _givenUp;

    public ComputeActor(IActorRef gate, TimeProvider time, int maxResultBytes)
    {
        (_gate, _time, _maxResultBytes) = (gate, time, maxResultBytes);
        Receive<RouteeCommand.Run>(Start);
        Receive<Finished>(finished =>
        {
            // A run of an earlier incarnation of this routee answers nobody: the gate has called it lost.
            if (ReferenceEquals(finished.Attempt, _attempt)) End(finished.Attempt, finished.Outcome);
        });
        Receive<RouteeCommand.GiveUp>(_ =>
        {
            _givenUp = true;
            if (_attempt is null) Leave();
        });
    }

    protected override void PreStart() => _gate.Tell(GateNotice.Ready.Instance, Self);

    private void Start(RouteeCommand.Run run)
    {
        _attempt = run.Attempt;
        _replyTo = run.ReplyTo;
        _started = _time.GetTimestamp();
        var running = AttemptRun.RunAsync(run.Attempt, _maxResultBytes);
        if (running.IsCompletedSuccessfully) End(run.Attempt, running.GetAwaiter().GetResult());
        else _ = running.AsTask().PipeTo(Self, Self, outcome => new Finished(run.Attempt, outcome));
    }

    private void End(Attempt attempt, AttemptOutcome outcome)
    {
        _attempt = null;
        if (_givenUp)
        {
            Leave();
            return;
        }
        var ended = new AttemptEnded(attempt.Ticket, outcome, _time.GetElapsedTime(_started));
        _replyTo?.Tell(ended, Self);
        _gate.Tell(ended, Self);
    }

    /// <summary>A pill, for then the pool does not put another in its place: the gate has seen to that.</summary>
    private void Leave() => Self.Tell(PoisonPill.Instance, Self);

    private sealed record Finished(Attempt Attempt, AttemptOutcome Outcome);
}

namespace ActorPerf.Kernel;

/// <summary>What becomes of a child that failed.</summary>
public enum Directive
{
    /// <summary>It goes on with the next message and keeps its state.</summary>
    Resume,

    /// <summary>A new instance goes on with the next message; the mailbox is kept, the failed message is not handled again.</summary>
    Restart,

    /// <summary>The supervisor fails in turn, for its own supervisor to decide.</summary>
    Escalate,

    /// <summary>It is stopped for good.</summary>
    Stop,
}

/// <summary>Chooses a directive by what was thrown.</summary>
public interface IDecider
{
    Directive Decide(Exception cause);
}

/// <summary>Makes deciders.</summary>
public static class Decider
{
    public static LocalOnlyDecider From(Func<Exception, Directive> localOnlyDecider) => new(localOnlyDecider);
}

/// <summary>A decider that is a function.</summary>
public class LocalOnlyDecider : IDecider
{
    private readonly Func<Exception, Directive> _decide;

    internal LocalOnlyDecider(Func<Exception, Directive> decide) => _decide = decide;

    public Directive Decide(Exception cause) => _decide(cause);
}

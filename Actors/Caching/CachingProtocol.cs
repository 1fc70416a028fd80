using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>What a job's dispatcher asks of a caching actor, and what it is told.</summary>
public abstract record CacheCommand
{
    private CacheCommand()
    {
    }

    /// <summary>Answers a claimed attempt of a memoised task: from memory, from the flight under way, or by starting one at <paramref name="Gate"/>
    /// under the permit that the sender holds there. A hit or a joined flight returns that permit. Answered by <see cref="CacheReply.Ended"/>.</summary>
    public sealed record RunJob(CacheKey Key, Attempt Attempt, IActorRef Gate, IActorRef ReplyTo) : CacheCommand;

    /// <summary>The job whose run started the flight of <paramref name="Ticket"/> has committed its finish (store the value), or was refused (store nothing).</summary>
    public sealed record Settled(CacheKey Key, object Ticket, bool Committed) : CacheCommand;
}

/// <summary>What a caching actor answers to jobs.</summary>
public abstract record CacheReply
{
    private CacheReply()
    {
    }

    /// <param name="Source"><see cref="CacheSource.Hit"/>, <see cref="CacheSource.Collapsed"/>, or <see cref="CacheSource.Miss"/>: then the
    /// value is stored only after <see cref="CacheCommand.Settled"/>.</param>
    public sealed record Ended(CacheKey Key, AttemptEnded Attempt, CacheSource Source) : CacheReply
    {
        /// <summary>To be written to the second level in the transaction of the job's finish, and by nothing else; null for nothing.</summary>
        public StoredEntry? Remember { get; init; }
    }
}

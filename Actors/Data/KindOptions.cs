namespace ActorPerf.Data;

/// <summary>Settings under <c>actorperf.data.kinds.KIND</c>.</summary>
public sealed record KindOptions
{
    /// <summary>Paths that queries filter or order by, such as <c>email</c> or <c>city,-createdAt</c>; made at start where they are missing, and dropped at a start that does not name them any more.</summary>
    public IReadOnlyList<string> Indexes { get; init; } = [];
}

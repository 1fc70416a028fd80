namespace ActorPerf.Tasks;

/// <summary>The arguments of a task that takes none: <c>{}</c>.</summary>
public sealed record NoArgs;

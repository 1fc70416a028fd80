namespace ActorPerf.Benchmarks.Actors;

/// <summary>A message that says nothing. One is enough, so that what is allocated is the mailbox's alone.</summary>
internal sealed class Note
{
    public static Note Instance { get; } = new();
}

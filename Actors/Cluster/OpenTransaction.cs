namespace ActorPerf.Cluster;

/// <summary>The oldest transaction that is open in the database, of whichever program.</summary>
/// <param name="Process">The server's process that serves it, by which it can be ended.</param>
/// <param name="Program">As the program calls itself; empty where it does not say.</param>
/// <param name="Open">For so long, by the server's clock.</param>
/// <param name="Writes">It has written: readers in order stop in front of it. Else it only keeps what it sees from being cleaned up.</param>
public sealed record OpenTransaction(int Process, string Program, TimeSpan Open, bool Writes);

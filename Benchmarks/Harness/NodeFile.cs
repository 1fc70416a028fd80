using System.Globalization;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The configuration of a measured node: the pools of the shipped <c>akka.hocon</c> and one for no-op jobs.</summary>
internal static class NodeFile
{
    public const int NoopRoutees = 1024;

    /// <summary>Writes it into a folder, which also takes the database.</summary>
    /// <returns>The file.</returns>
    /// <param name="more">Further settings, in HOCON.</param>
    public static string Write(string folder, string more = "")
    {
        var file = Path.Combine(folder, "node.hocon");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            actorperf.storage.connection-string = "Data Source={{Database(folder)}}"
            actorperf.task-folder.path = ""
            {{more}}
            akka.actor.deployment {
              /compute/default { router = smallest-mailbox-pool, nr-of-instances = 16 }
              /compute/io      { router = smallest-mailbox-pool, nr-of-instances = 1024 }
              /compute/cpu     { router = smallest-mailbox-pool, nr-of-instances = 2 }
              /compute/noop    { router = smallest-mailbox-pool, nr-of-instances = {{NoopRoutees}} }
            }
            """));
        return file;
    }

    public static string Database(string folder) => Path.Combine(folder, "node.db");
}

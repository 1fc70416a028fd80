using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>How a run is named on the command line and in paths.</summary>
internal static class LoadIds
{
    public static Argument<string> One() => new("ID") { Description = "Id of the run; load list prints them" };

    public static string Path(string id) => $"{Api.Root}load/runs/{Uri.EscapeDataString(id)}";
}

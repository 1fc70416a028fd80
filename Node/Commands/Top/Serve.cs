using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>Stands in the help; arguments that serve are sorted out before any parsing.</summary>
internal static class Serve
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "serve",
        "Serves a node: HTTP API, console, jobs. Takes --config FILE, --nodes N, and every setting by its path, "
        + "such as --http:url URL or --storage:connection-string TEXT. Ctrl-C drains and stops, a second one ends at once.",
        "serve --http:url http://127.0.0.1:9000").Runs(globals, (invocation, _, _) => Task.FromResult(
            invocation.Usage($"serve starts a node and asks none: leave out --node and the other options for asking. Say {globals.Shell.StartedAs} serve")));
}

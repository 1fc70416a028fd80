using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Follows a node's log.</summary>
internal static class LogTail
{
    public static Command Create(GlobalOptions globals)
    {
        var lines = Options.Number("--lines", "So many of the remembered lines first; 10 unless given", 0, 500, "-n");
        var options = new LogOptions();
        var command = globals.Command("tail", "Prints the newest lines of a node's log and those that come, until Ctrl-C.", "log tail --category ActorPerf.Jobs");
        command.Options.Add(lines);
        options.AddTo(command);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var stream = new EventStreamPrinter(invocation);
            try
            {
                var answer = await new EventFollower(invocation.Client, invocation.Shell.Time).FollowAsync(options.Path(parsed, Api.Root + "log/events", "last", parsed.GetValue(lines)), async item =>
                {
                    stream.Print(item, [.. LogOptions.Worded(item.Data)]);
                    await invocation.Shell.Out.FlushAsync(ct);
                    return true;
                }, ct);
                return invocation.Show(answer, _ => { });
            }
            finally
            {
                stream.Close();
            }
        });
    }
}

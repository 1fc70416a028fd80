using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Follows what happens to the members.</summary>
internal static class ClusterTail
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "tail", "Prints how every node is, and then what happens to them, until Ctrl-C.", "cluster tail").Runs(globals, async (invocation, _, ct) =>
        {
            var stream = new EventStreamPrinter(invocation);
            try
            {
                var answer = await new EventFollower(invocation.Client, invocation.Shell.Time).FollowAsync(Api.Root + "cluster/events", async item =>
                {
                    stream.Print(item, Worded(item, invocation.Shell.Time));
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

    private static string Worded(NodeEvent item, TimeProvider time)
    {
        var at = time.GetUtcNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var member = item.Data.Member("member") is { } row ? $"{row.Text("name")}  {MemberRow.Of(row)}" : "nobody";
        return $"{at}  {item.Kind,-11}  {member}";
    }
}

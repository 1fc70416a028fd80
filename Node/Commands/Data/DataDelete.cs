using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Removes one entity.</summary>
internal static class DataDelete
{
    public static Command Create(GlobalOptions globals)
    {
        var (kind, id) = (DataArguments.Kind(), DataArguments.Id());
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command("delete", "Removes an entity. Removing what is not there is no error.", "data delete Account ann --yes");
        command.Arguments.Add(kind);
        command.Arguments.Add(id);
        command.Options.Add(yes);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var (what, which) = (parsed.GetRequiredValue(kind), parsed.GetRequiredValue(id));
            if (invocation.Confirm($"Remove {what}/{which} at {invocation.Client.Node}?", parsed.GetValue(yes)) is { } stop) return stop;
            var answer = await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Delete, DataArguments.Path(what, which)) { IgnoreBody = true }, ct);
            return invocation.Show(answer, _ => invocation.Say($"{what}/{which} is not there any more."));
        });
    }
}

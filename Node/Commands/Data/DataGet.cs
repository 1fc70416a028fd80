using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>One entity.</summary>
internal static class DataGet
{
    public static Command Create(GlobalOptions globals)
    {
        var (kind, id) = (DataArguments.Kind(), DataArguments.Id());
        var command = globals.Command("get", "Prints an entity.", "data get Account ann");
        command.Arguments.Add(kind);
        command.Arguments.Add(id);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var path = DataArguments.Path(parsed.GetRequiredValue(kind), parsed.GetRequiredValue(id));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), entity => DataArguments.Print(entity, invocation.Printer));
        });
    }
}

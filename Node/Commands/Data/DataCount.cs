using System.CommandLine;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>How many entities meet a filter.</summary>
internal static class DataCount
{
    public static Command Create(GlobalOptions globals)
    {
        var kind = DataArguments.Kind();
        var filter = DataArguments.Filter();
        var command = globals.Command("count", "Prints how many entities a kind has, all or those that meet a filter.", """data count Account --filter '{"age": {"ge": 18}}'""");
        command.Arguments.Add(kind);
        command.Options.Add(filter);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var (body, fault) = await DataArguments.BodyAsync(parsed.GetValue(filter), invocation.Shell, static _ => { }, ct);
            if (fault is not null) return invocation.Usage(fault);
            var answer = await invocation.Client.PostAsync(DataArguments.Path(parsed.GetRequiredValue(kind), "count"), body, ct);
            return invocation.Show(answer, count => invocation.Printer.Document(count, () => invocation.Printer.Line(count.Text("count"))));
        });
    }
}

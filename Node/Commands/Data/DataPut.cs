using System.CommandLine;
using System.Globalization;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Writes one entity.</summary>
internal static class DataPut
{
    public static Command Create(GlobalOptions globals)
    {
        var (kind, id) = (DataArguments.Kind(), DataArguments.Id());
        var data = new Argument<string>("JSON") { Description = "The entity's data: a JSON object as text, @FILE, or - for standard input" };
        var version = Options.Number("--if-version", "Only if it stands at this version; 0: only if there is none", 0, int.MaxValue);
        var command = globals.Command("put", "Writes an entity, whether or not it is there. With --if-version only if nobody changed it.", """data put Account ann '{"name": "Ann"}'""");
        foreach (var argument in new[] { kind, id, data }) command.Arguments.Add(argument);
        command.Options.Add(version);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var (json, fault) = await JsonArguments.ReadAsync(parsed.GetRequiredValue(data), invocation.Shell, ct);
            if (fault is not null) return invocation.Usage(fault);
            var request = new ApiRequest(HttpMethod.Put, DataArguments.Path(parsed.GetRequiredValue(kind), parsed.GetRequiredValue(id)))
            {
                Body = json,
                Headers = parsed.GetValue(version) switch
                {
                    null => [],
                    0 => [("If-None-Match", "*")],
                    var wanted => [("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{wanted}\""))],
                },
            };
            return invocation.Show(await invocation.Client.SendAsync(request, ct), entity => DataArguments.Print(entity, invocation.Printer));
        });
    }
}

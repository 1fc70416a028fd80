using System.CommandLine;
using System.Runtime.InteropServices;
using ActorPerf.Load.Figures;

namespace ActorPerf.Node.Commands;

/// <summary>Ends a run that the node makes.</summary>
internal static class LoadStop
{
    public static Command Create(GlobalOptions globals)
    {
        var id = LoadIds.One();
        var command = globals.Command("stop", "Ends a load test that the node makes; its users finish what they do.", "load stop 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11");
        command.Arguments.Add(id);
        return command.Runs(globals, async (invocation, parsed, ct) =>
            invocation.Show(await invocation.Client.PostAsync($"{LoadIds.Path(parsed.GetRequiredValue(id))}/stop", "{}"u8.ToArray(), ct), run =>
                invocation.Printer.Document(run, () => invocation.Printer.Line(LoadTable.Status(LoadDocuments.ReadRun(JsonMarshal.GetRawUtf8Value(run)))))));
    }
}

using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using ActorPerf.Load.Figures;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>The report of a run that a node keeps: as tables, or as files.</summary>
internal static class LoadShow
{
    public static Command Create(GlobalOptions globals)
    {
        var id = LoadIds.One();
        var output = new LoadOutput();
        var command = globals.Command("report", "Prints the report of a load test, or writes it as files.", "load report 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11 --html report.html");
        command.Arguments.Add(id);
        output.AddTo(command);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var answer = await invocation.Client.GetAsync($"{LoadIds.Path(parsed.GetRequiredValue(id))}/report.json", ct);
            if (answer is not Answer.Ok ok) return Failures.Report(answer, invocation);
            var report = LoadReport.Read(JsonMarshal.GetRawUtf8Value(ok.Body));
            if (output.IsAsked(parsed)) await output.WriteAsync(parsed, invocation, report, withHistory: true, ct);
            else invocation.Printer.Document(ok.Body, () => LoadTable.Print(report.Run, invocation.Printer));
            return ExitCodes.Done;
        });
    }
}

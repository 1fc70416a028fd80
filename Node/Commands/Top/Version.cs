using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>This program's version, and the node's where one answers.</summary>
internal static class Version
{
    /// <summary>Nobody waits long to learn the version of a program at hand.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Create(GlobalOptions globals) => globals.Command(
        "version", "Prints the version of this program, and of the node where one answers.", "version -o json").Runs(globals, async (invocation, _, ct) =>
        {
            var answer = await invocation.Client.SendAsync(
                new ApiRequest(HttpMethod.Get, Api.Root + "version") { Patience = invocation.Timeout ?? Patience }, ct);
            var node = answer is Answer.Ok { Body: { ValueKind: JsonValueKind.Object } body } ? body : (JsonElement?)null;
            var document = JsonText.Build(json =>
            {
                json.WriteStartObject();
                json.WriteString("version", ProgramVersion.Short);
                json.WritePropertyName("node");
                if (node is { } known) known.WriteTo(json);
                else json.WriteNullValue();
                json.WriteEndObject();
            });
            invocation.Printer.Document(document, () => invocation.Printer.Facts(
                ("actorperf", ProgramVersion.Short),
                ("node", node is { } known ? $"{known.Text("version")} at {invocation.Client.Node}" : $"none answers at {invocation.Client.Node}")));
            return ExitCodes.Done;
        });
}

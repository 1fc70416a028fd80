using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Copies a running node's database.</summary>
internal static class Backup
{
    public static Command Create(GlobalOptions globals)
    {
        var file = new Argument<string>("FILE") { Description = "Where the node writes the copy, on the node's own machine; must not exist" };
        var command = globals.Command("backup", "Writes a consistent copy of a running node's database to a new file.", "backup /var/backups/actorperf.db");
        command.Arguments.Add(file);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var written = parsed.GetRequiredValue(file);
            if (written.Length == 0 || written.Any(char.IsControl)) return invocation.Usage("FILE is empty or holds control characters.");
            // A relative path means the caller's folder where node and caller share a machine; elsewhere it would mean
            // a folder nobody here can know.
            var path = invocation.Client.Node.Url.IsLoopback ? Path.GetFullPath(written, Path.GetFullPath(invocation.Shell.Folder)) : written;
            if (!invocation.Client.Node.Url.IsLoopback && written[0] is not '/' && !(written.Length > 2 && written[1] == ':'))
                return invocation.Usage($"The node writes FILE on its own machine, so its path must be absolute; '{written}' is not.");
            var body = JsonText.Body(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteEndObject();
            });
            var answer = await invocation.Client.SendAsync(
                new ApiRequest(HttpMethod.Post, Api.Root + "backup") { Body = body, Patience = invocation.Timeout ?? TimeSpan.FromHours(1) }, ct);
            return invocation.Show(answer, copy => invocation.Printer.Document(copy, () => invocation.Printer.Facts(
                ("file", copy.Text("file")), ("size", copy.Bytes("bytes")), ("took", copy.Seconds("duration")))));
        });
    }
}

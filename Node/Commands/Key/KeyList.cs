using System.CommandLine;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The keys of a configuration; their hashes are shortened.</summary>
internal static class KeyList
{
    private static readonly Column[] Columns =
        [Column.Of("NAME", "name"), Column.Of("SCOPES", "scopes"), Column.Of("NAMESPACES", "namespaces"), Column.Of("HASH", "hash"), Column.Of("WHERE", "where")];

    public static Command Create(GlobalOptions globals)
    {
        var file = Options.Text("--keys-file", "Read this keys file instead of the configuration", "FILE");
        var command = globals.Command(
            "list", "Prints the keys of the configuration (akka.hocon, or --config FILE) and of its keys file, with enough of each hash to tell them apart.",
            "key list --config /etc/actorperf/akka.hocon");
        command.Options.Add(file);
        return command.Runs(globals, Takes.Configuration, (invocation, parsed, _) => Task.FromResult(KeySource.Use(invocation, parsed.GetValue(file), source =>
        {
            invocation.Printer.List(JsonText.Build(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("items");
                foreach (var key in source.Keys) Write(json, key);
                json.WriteEndArray();
                json.WriteNull("next");
                json.WriteEndObject();
            }), Columns);
            return ExitCodes.Done;
        })));
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, KeyEntry key)
    {
        json.WriteStartObject();
        json.WriteString("name", key.Name);
        foreach (var (member, words) in new[] { ("scopes", key.Scopes), ("namespaces", key.Namespaces) })
        {
            json.WriteStartArray(member);
            foreach (var word in words) json.WriteStringValue(word);
            json.WriteEndArray();
        }
        json.WriteString("hash", key.ShortHash());
        json.WriteString("where", key.Where);
        json.WriteEndObject();
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ActorPerf.Tests.Storage.PostgreSql;
using Microsoft.Data.Sqlite;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Well-formed JSON that nobody sends, put in every place that a body has: whatever the answer is, it is none of a node that failed.</summary>
public sealed class OddJsonTests : IDisposable
{
    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";
    private const string Patch = "application/merge-patch+json";

    /// <summary>Stands in a body for an odd value.</summary>
    private const string Odd = "§";

    private static readonly string[] Values =
    [
        "null", "true", "[]", "{}", "\"\"", "\"x\"", "1", "-0", "-1", "0.5", "1e999", "-1e999", "1e-999", "1E+99999999999", "9223372036854775807", "9223372036854775808", "123456789012345678901234567890",
        "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\ud83d\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\uffff\\u2028\\u007f\"", "\"10000-01-01T00:00:00Z\"", "\"999999999999999999d\"", "\"http://\\ud800\"",
        "[\"\\ud800\"]", "[1e999]", "[\"\\u0000\"]", "[null]", "[[]]", "{\"\": 1}", "{\"a\": 1, \"a\": 2}", "{\"a\": 1, \"\\u0061\": 2}", "{\"\\ud800\": 1}", "{\"\\u0000\": 1}", "{\"a\": \"\\ud800\"}", "{\"a\": \"\\u0000\"}",
        "{\"a\": 1e999}", "{\"a.b\": -0}", "{\"$result\": \"\\ud800\"}", "{\"$result\": \"a\", \"path\": \"\\ud800\"}", "{\n\"s\":\r\n\"\\ud800\"}", "{\"eq\": \"\\ud800\"}", "{\"a\": {\"eq\": \"\\ud800\"}}", "{\"s\": \"\\ud800\"}",
        Nested('[', ']', 8), Nested('[', ']', 25), Nested('[', ']', 29), Nested('[', ']', 40), Nested('[', ']', 500), Repeat("{\"a\":", "1", "}", 29), Repeat("{\"not\":", "{\"a\":{\"eq\":1}}", "}", 8),
        "\"" + new string('x', 20_000) + "\"", "[" + string.Join(',', Enumerable.Range(0, 600)) + "]",
    ];

    /// <summary>Method, path, type, body.</summary>
    private static readonly (string Call, string Type, string Body)[] Calls =
    [
        ("PUT data/Thing/1", Json, Odd), ("PUT data/Thing/1", Json, """{"a": §}"""), ("PATCH data/Thing/1", Patch, Odd), ("PATCH data/Thing/1", Patch, """{"a": {"b": §}}"""),
        ("POST data/Thing/get", Json, Odd), ("POST data/Thing/get", Json, """{"ids": §}"""), ("POST data/Thing/get", Json, """{"ids": [§]}"""), ("POST data/product/get", Json, """{"ids": [§]}"""),
        ("POST data/Thing/put", Json, """{"entities": [§]}"""), ("POST data/Thing/put", Json, """{"entities": [{"id": §, "data": {}}]}"""), ("POST data/Thing/put", Json, """{"entities": [{"data": §}]}"""),
        ("POST data/Thing/put", Json, """{"entities": [{"id": "1", "data": {"a": §}, "version": §}]}"""), ("POST data/Thing/put", Json, """{"entities": [{"data": {"a": §}}]}"""),
        ("POST data/Thing/query", Json, Odd), ("POST data/Thing/query", Json, """{"filter": §}"""), ("POST data/Thing/query", Json, """{"filter": {"a": §}}"""), ("POST data/Thing/query", Json, """{"filter": {"a": {"eq": §}}}"""),
        ("POST data/Thing/query", Json, """{"filter": {"a": {"gt": §}}}"""), ("POST data/Thing/query", Json, """{"filter": {"a": {"in": [§, 1]}}}"""), ("POST data/Thing/query", Json, """{"filter": {"a": {"startsWith": §}}}"""),
        ("POST data/Thing/query", Json, """{"filter": {"not": §}}"""), ("POST data/Thing/query", Json, """{"filter": {"or": [§]}}"""), ("POST data/Thing/query", Json, """{"order": §}"""), ("POST data/Thing/query", Json, """{"order": [§]}"""),
        ("POST data/Thing/query", Json, """{"limit": §}"""), ("POST data/Thing/query", Json, """{"cursor": §}"""), ("POST data/Thing/query", Json, """{"select": [§]}"""), ("POST data/Thing/query", Json, """{"keysOnly": §}"""),
        ("POST data/Thing/count", Json, """{"filter": {"a": {"ne": §}}}"""), ("POST data/Thing/allocate", Json, """{"count": §}"""),
        ("POST data/commit", Json, """{"reads": [§]}"""), ("POST data/commit", Json, """{"reads": [{"kind": §, "id": §, "version": §}]}"""), ("POST data/commit", Json, """{"mutations": [{"put": §}]}"""),
        ("POST data/commit", Json, """{"mutations": [{"put": {"kind": "Thing", "id": §, "data": §}}]}"""), ("POST data/commit", Json, """{"mutations": [{"put": {"kind": "Thing", "id": "2", "data": {"a": §}, "version": §}}]}"""),
        ("POST compute/named", Json, Odd), ("POST compute/named", Json, """{"text": §, "whole": 1, "number": 1, "flag": true}"""), ("POST compute/named", Json, """{"text": "x", "whole": §, "number": 1, "flag": true}"""),
        ("POST compute/named", Json, """{"text": "x", "whole": 1, "number": §, "flag": true}"""), ("POST compute/named", Json, """{"text": "x", "whole": 1, "number": 1, "flag": §}"""),
        ("POST compute/square", Json, Odd), ("POST compute/square", Json, """{"n": §}"""), ("POST compute/square", Json, """{"n": 1, "delay": §}"""), ("POST compute/fetch", Json, """{"url": §}"""),
        ("POST compute/fetch", Json, """{"url": "http://127.0.0.1:1/", "headers": §}"""), ("POST compute/strict", Json, Odd), ("POST compute/strict", Json, """{"s": §}"""), ("POST compute/strict", Json, """{"s": "a", "e": §}"""),
        ("POST jobs", Json, Odd), ("POST jobs", Json, """{"task": §}"""), ("POST jobs", Json, """{"task": "strict", "queue": "later", "args": §}"""), ("POST jobs", Json, """{"task": "loose", "queue": "later", "args": §}"""),
        ("POST jobs", Json, """{"task": "loose", "queue": "later", "args": {"a": [§]}}"""), ("POST jobs", Json, """{"task": "square", "queue": "later", "args": {"n": §}}"""), ("POST jobs", Json, """{"task": "named", "args": {"text": §, "whole": 1, "number": 1, "flag": null}}"""),
        .. from member in (string[])["queue", "priority", "runAt", "delay", "expiresIn", "timeout", "maxAttempts", "backoff", "uniqueKey", "limitKey", "dependsOn", "tags", "meta", "callback", "id"]
           select ("POST jobs", Json, $$"""{"task": "loose", "queue": "later", "{{member}}": §}"""),
        ("POST jobs", Json, """{"task": "loose", "queue": "later", "tags": [§]}"""), ("POST jobs", Json, """{"task": "loose", "queue": "later", "meta": {"a": §}}"""), ("POST jobs", Json, """{"task": "loose", "queue": "later", "backoff": {"initial": §, "factor": §}}"""),
        ("POST jobs/batch", Lines, """{"task": "loose", "queue": "later", "args": §}"""), ("POST jobs/batch", Json, """[{"task": "loose", "queue": "later", "args": §, "meta": {"a": §}}]"""),
        ("POST jobs/wait", Json, """{"ids": [§], "timeout": "0s"}"""), ("POST operations", Json, """{"action": "delete", "q": §, "dryRun": true}"""), ("POST operations", Json, """{"action": §, "q": "state:failed", "dryRun": true}"""),
        ("POST workflows", Json, Odd), ("POST workflows", Json, """{"jobs": {"a": §}}"""), ("POST workflows", Json, """{"name": §, "jobs": {"a": {"task": "loose", "queue": "later"}}}"""),
        ("POST workflows", Json, """{"jobs": {"a": {"task": "loose", "queue": "later"}, "b": {"task": "loose", "queue": "later", "args": {"x": {"$result": "a", "path": §}}, "dependsOn": ["a"]}}}"""),
        ("POST workflows", Json, """{"jobs": {"a": {"task": "loose", "queue": "later"}, "b": {"task": "loose", "queue": "later", "args": §, "dependsOn": [§]}}}"""),
        ("PUT schedules/odd", Json, Odd), ("PUT schedules/odd", Json, """{"cron": "0 0 1 1 *", "task": "loose", "args": §}"""), ("PUT schedules/odd", Json, """{"cron": §, "timeZone": §, "task": "loose"}"""),
        ("POST schedules/preview", Json, """{"cron": "0 0 * * *", "timeZone": §, "count": §}"""), ("POST cache/invalidate", Json, """{"task": "square", "args": §}"""), ("POST cache/invalidate", Json, """{"tags": [§]}"""),
        ("PATCH queues/odd", Json, """{"concurrency": §, "rate": §}"""), ("PUT views/odd", Json, """{"q": §}"""),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task No_odd_value_makes_a_node_fail() => AskAllAsync(null);

    [PostgresFact]
    public async Task No_odd_value_makes_a_node_on_PostgreSQL_fail() => await AskAllAsync(await PostgresServer.NewDatabaseAsync());

    private async Task AskAllAsync(string? postgres)
    {
        await using var node = await NodeHost.StartAsync(postgres, await SettingsAsync(postgres));
        List<string> failed = [];
        var answered = 0;
        foreach (var (place, (call, type, body)) in Calls.Index())
            foreach (var (odd, value) in Values.Index())
            {
                if ((place + odd) % FullRun.Of(1, 3) != 0) continue;        // a third of the values in each place, another third in the next
                var (status, text) = await SendAsync(node.Client, call, type, body.Replace(Odd, value, StringComparison.Ordinal));
                answered++;
                if (status >= HttpStatusCode.InternalServerError && !IsRefusedFetch(call, text)) failed.Add($"{call} {body} with {Shown(value)}: {(int)status} {text}");
            }
        // What was taken can be looked at afterwards.
        foreach (var look in (string[])["jobs?limit=500", "workflows?limit=500", "schedules", "schedules/odd", "views", "queues", "data", "data/Thing/1", "jobs?q=args.a:x", "jobs?q=args.s:x+task:loose", "cache/entries?limit=500"])
        {
            var (status, text) = await SendAsync(node.Client, "GET " + look, "", "");
            if (status >= HttpStatusCode.InternalServerError) failed.Add($"GET {look}: {(int)status} {text}");
        }
        Assert.True(failed.Count == 0, $"{failed.Count} of {answered}:\n" + string.Join('\n', failed.Take(60)));
    }

    /// <summary>Any text is an URL to that task, and one that may not be fetched makes it fail: its failure, not the node's.</summary>
    private static bool IsRefusedFetch(string call, string text) => call == "POST compute/fetch" && text.Contains("\"type\":\"FetchRefusedException\"", StringComparison.Ordinal);

    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpClient client, string call, string type, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Split(' ')[0]), call.Split(' ')[1]);
        if (type.Length > 0)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }
        try
        {
            using var response = await client.SendAsync(request);
            return (response.StatusCode, response.StatusCode >= HttpStatusCode.InternalServerError ? await response.Content.ReadAsStringAsync() : "");
        }
        catch (HttpRequestException broken)
        {
            return (HttpStatusCode.InternalServerError, $"the answer broke off: {broken.Message}");
        }
    }

    /// <summary>A query with a parameter of every type, a table looked rows up in, a task with a schema and one that takes anything.</summary>
    private async Task<Dictionary<string, string?>> SettingsAsync(string? postgres)
    {
        var own = $"Data Source={Path.Combine(_folder, "own.db")}";
        await using (var connection = new SqliteConnection(own + ";Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT)";
            await command.ExecuteNonQueryAsync();
        }
        return new Dictionary<string, string?>
        {
            ["actorperf:data:lookups:product:provider"] = "sqlite",
            ["actorperf:data:lookups:product:connection-string"] = own,
            ["actorperf:data:queries:named:provider"] = postgres is null ? "sqlite" : "postgresql",
            ["actorperf:data:queries:named:connection-string"] = postgres ?? own,
            ["actorperf:data:queries:named:sql"] = postgres is null
                ? "SELECT @text AS text, @whole AS whole, @number AS number, @flag AS flag"
                : "SELECT @text::text AS text, @whole::bigint AS whole, @number::double precision AS number, @flag::boolean AS flag",
            ["actorperf:data:queries:named:parameters:text"] = "text",
            ["actorperf:data:queries:named:parameters:whole"] = "int",
            ["actorperf:data:queries:named:parameters:number"] = "double",
            ["actorperf:data:queries:named:parameters:flag"] = "bool",
            ["actorperf:tasks:strict:command:0"] = "cat",
            ["actorperf:tasks:strict:args-schema"] = """{"type": "object", "properties": {"s": {"type": "string", "maxLength": 5, "pattern": "^[a-z]*$"}, "e": {"enum": ["a", {"a": "b"}, [1]]}}, "required": ["s"], "additionalProperties": false}""",
            ["actorperf:tasks:loose:command:0"] = "cat",
        };
    }

    private static string Nested(char open, char close, int depth) => new string(open, depth) + new string(close, depth);

    private static string Repeat(string open, string inner, string close, int times) => string.Concat(Enumerable.Repeat(open, times)) + inner + string.Concat(Enumerable.Repeat(close, times));

    private static string Shown(string value) => value.Length <= 80 ? value : value[..80] + "…";
}

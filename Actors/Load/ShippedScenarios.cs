using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActorPerf.Load;

/// <summary>Scenarios that ship: they load an ActorPerf node, each in one of the ways in which applications use one.</summary>
public static class ShippedScenarios
{
    private const string Jobs = "/api/v1/jobs";
    private const string Submit = "POST /jobs";

    /// <summary>A different number for each job, so that nothing is answered from memory.</summary>
    private const string Args = """{"n": {{$random(1,1000000000)}}}""";

    private const string Body = """{"task": "{{task}}", "args": {{{args}}}}""";

    public static IReadOnlyList<LoadScenario> All { get; } =
    [
        One("batch", "Submits jobs in batches of NDJSON and waits for all of each.", BatchAsync, ("size", "100")),
        One("compute", "Computes with arguments that come again and again: most are answered from memory.", Compute, ("args", """{"n": {{$random(1,1000)}}}""")),
        One("events", "Submits a job and follows its events to the end.", Events),
        One("submit", "Submits jobs and waits for none.", [new() { Name = Submit, Path = Jobs, Body = Body, Status = [200, 202] }]),
        One("submit-and-wait", "Submits a job and waits for its end.",
            [new() { Name = "POST /jobs (wait)", Path = Jobs, Body = Body, Status = [200], Job = true, Headers = { ["Prefer"] = "wait=60" } }]),
    ];

    private static List<LoadRequestOptions> Compute => [new() { Name = "POST /compute/{task}", Path = "/api/v1/compute/{{task}}", Body = "{{{args}}}", Status = [200] }];

    private static List<LoadRequestOptions> Events =>
    [
        new() { Name = Submit, Path = Jobs, Body = Body, Status = [200, 202], Extract = { ["id"] = "id" } },
        new() { Name = "GET /jobs/{id}/events", Path = "/api/v1/jobs/{{id}}/events", Status = [200], Contains = "event: done", Job = true },
    ];

    private static LoadScenario One(string name, string summary, List<LoadRequestOptions> requests, params (string Name, string Value)[] variables)
    {
        var options = new ScenarioOptions { Summary = summary };
        foreach (var (variable, value) in Variables(variables)) options.Variables[variable] = value;
        var user = new LoadUserOptions();
        user.Tasks[name] = new LoadTaskOptions { Requests = requests };
        options.Users["caller"] = user;
        return ScenarioCompiler.Compile(name, options, LoadSource.Shipped);
    }

    private static LoadScenario One(string name, string summary, LoadBody body, params (string Name, string Value)[] variables) =>
        new(name, summary, [new LoadUser("caller", 1, LoadWait.None, [new LoadTask(name, 1, [], body)])])
        {
            Source = LoadSource.Shipped,
            Variables = Variables(variables),
        };

    private static Dictionary<string, string> Variables((string Name, string Value)[] own)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["task"] = "square", ["args"] = Args };
        foreach (var (name, value) in own) variables[name] = value;
        return variables;
    }

    /// <summary>A batch of NDJSON, then one wait for all of it. Jobs are counted from the times that they have in the answer.</summary>
    private static async ValueTask BatchAsync(LoadSession session, CancellationToken ct)
    {
        const int mostWaitedFor = 500;
        var line = LoadTemplate.Parse(Body);
        if (!int.TryParse(LoadTemplate.Parse("{{size}}").Render(session, LoadEscaping.None), NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size is < 1 or > 10_000)
            throw new FormatException("The variable 'size' is the number of jobs in a batch: 1 to 10000.");
        var body = new StringBuilder();
        for (var i = 0; i < size; i++) body.Append(line.Render(session, LoadEscaping.Json)).Append('\n');
        var submitted = await session.SendAsync(
            new LoadRequest("POST", "/api/v1/jobs/batch") { Name = "POST /jobs/batch", Body = Encoding.UTF8.GetBytes(body.ToString()), ContentType = "application/x-ndjson" }, ct);
        if (!submitted.IsRight) return;
        foreach (var chunk in Accepted(submitted.Body).Chunk(mostWaitedFor)) await WaitAsync(session, chunk, ct);
    }

    /// <summary>Until all are done, however often a node answers before: what was not waited for would be in no figure.</summary>
    private static async ValueTask WaitAsync(LoadSession session, string[] ids, CancellationToken ct)
    {
        while (ids.Length > 0)
        {
            var wait = Encoding.UTF8.GetBytes($$"""{"ids": [{{string.Join(", ", ids.Select(static id => $"\"{id}\""))}}], "mode": "all", "timeout": "60s"}""");
            var done = await session.SendAsync(new LoadRequest("POST", "/api/v1/jobs/wait") { Name = "POST /jobs/wait", Body = wait }, ct);
            if (!done.IsRight) return;
            FinishedJobs.Count(session, done);
            ids = Pending(done.Body);
        }
    }

    private static string[] Pending(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.TryGetProperty("pending", out var pending) ? [.. pending.EnumerateArray().Select(static id => id.GetString()).OfType<string>()] : [];
        }
        catch (JsonException)
        {
            return [];      // cut off at its bound, which the count has told
        }
    }

    /// <summary>The ids of the answered lines that were accepted.</summary>
    private static List<string> Accepted(ReadOnlyMemory<byte> lines)
    {
        var ids = new List<string>();
        while (lines.Length > 0)
        {
            var end = lines.Span.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? default : lines[(end + 1)..];
            if (line.Length == 0) continue;
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("id", out var id) && id.GetString() is { } accepted) ids.Add(accepted);
        }
        return ids;
    }
}

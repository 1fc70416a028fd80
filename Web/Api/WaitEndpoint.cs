using System.Buffers;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary><c>POST /jobs/wait</c>: until the first of some jobs has finished, or all of them.</summary>
internal sealed class WaitEndpoint(FrontDoors doors, HttpOptions options)
{
    private const int MaxIds = 10_000;
    /// <summary>Jobs that one namespace waits for at once, over all calls: each has a place in the tracker.</summary>
    private const int MaxWaiting = 100 * MaxIds;

    private const int FlushAt = 64 * 1024;
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly NamespaceGate _waiting = new(MaxWaiting);

    public void Map(ApiMap api) => api.Post("/jobs/wait", Scope.Read, WaitAsync, new ApiDoc("waitForJobs", "Jobs", "Waits until the first of some jobs has finished, or all of them.")
    {
        Body = "Wait",
        Answers = [(200, "Waited")],
    });

    private async Task WaitAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, 1024 * 1024);
        if (refusal is null)
        {
            var bytes = body.ToArray();
            BodyReading.Release(context, body);
            refusal = Read(bytes, out var ids, out var all, out var timeout);
            if (refusal is null)
            {
                await WaitAsync(context, ns, ids, all, timeout);
                return;
            }
        }
        await Problems.WriteAsync(context, refusal);
    }

    private async Task WaitAsync(HttpContext context, Namespace ns, List<JobId> ids, bool all, TimeSpan timeout)
    {
        if (!_waiting.TryEnter(ns, ids.Count))
        {
            await Problems.WriteAsync(context, new Refusal("rate-limited", $"Calls in namespace '{ns}' wait for {MaxWaiting} jobs already. Wait for fewer at once, or follow GET /events.")
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            });
            return;
        }
        WaitManyOutcome outcome;
        try
        {
            outcome = await doors.Jobs.WaitManyAsync(ns, ids, all, timeout, context.RequestAborted);
        }
        finally
        {
            _waiting.Leave(ns, ids.Count);
        }
        await WriteAsync(context, outcome);
    }

    private Refusal? Read(byte[] body, out List<JobId> ids, out bool all, out TimeSpan timeout)
    {
        ids = [];
        all = true;
        timeout = DefaultTimeout;
        var fault = SmallBody.TryRead(body, options.Limits.Depth, ["ids", "mode", "timeout"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (document.Text("mode", out var mode) is { } badMode) return badMode;
            if (mode is not (null or "any" or "all")) return JsonFault.Member("/mode", "Write \"any\" or \"all\".");
            all = mode is not "any";
            if (document.Text("timeout", out var patience) is { } badTimeout) return badTimeout;
            if (patience is not null && (!Durations.TryParse(patience, out timeout) || timeout > Preferences.MaxWait))
                return JsonFault.Member("/timeout", $"Write a duration of at most 60 s: {SubmissionRules.DurationRule}.");
            return Ids(document, ids);
        }
    }

    private static Refusal? Ids(JsonDocument document, List<JobId> ids)
    {
        if (!document.Has("ids", out var value) || value.ValueKind != JsonValueKind.Array) return JsonFault.Member("/ids", "Write an array of job ids.");
        var count = value.GetArrayLength();
        if (count is 0 or > MaxIds) return JsonFault.Member("/ids", $"{count} ids; write 1 to {MaxIds}.");
        var seen = new HashSet<JobId>(count);
        foreach (var element in value.EnumerateArray())
        {
            var at = $"/ids/{ids.Count}";
            if (!element.TryText(out var text) || !JobId.TryParse(text, out var id))
                return JsonFault.Member(at, "Write the id of a job: a UUID in lower case.");
            if (!seen.Add(id)) return JsonFault.Member(at, "The id is there twice.");
            ids.Add(id);
        }
        return null;
    }

    private static async Task WriteAsync(HttpContext context, WaitManyOutcome outcome)
    {
        context.Response.ContentType = Answer.JsonType;
        context.Response.Headers.CacheControl = "no-store";
        var done = 0;
        while (WritePart(context.Response, outcome, ref done)) await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static bool WritePart(HttpResponse response, WaitManyOutcome outcome, ref int done)
    {
        var buffer = JsonBuffer.Rent();
        if (done == 0) response.BodyWriter.Write("{\"done\":["u8);
        while (done < outcome.Done.Count && buffer.Written.Length < FlushAt)
        {
            buffer.Json.WriteJob(outcome.Done[done++]);
            if (done < outcome.Done.Count) buffer.EndWith((byte)',');
        }
        response.BodyWriter.Write(buffer.Written);
        buffer.Clear();
        var more = done < outcome.Done.Count;
        if (!more)
        {
            response.BodyWriter.Write("],\"pending\":"u8);
            buffer.Json.WriteStartArray();
            foreach (var id in outcome.Pending) buffer.Json.WriteStringValue(id.Value);
            buffer.Json.WriteEndArray();
            response.BodyWriter.Write(buffer.Written);
            buffer.Clear();
            response.BodyWriter.Write(",\"unknown\":"u8);
            buffer.Json.WriteStartArray();
            foreach (var id in outcome.Unknown) buffer.Json.WriteStringValue(id.Value);
            buffer.Json.WriteEndArray();
            response.BodyWriter.Write(buffer.Written);
            response.BodyWriter.Write("}"u8);
        }
        buffer.Return();
        return more;
    }
}

using System.Buffers;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary><c>POST /jobs/batch</c>: many jobs in one request, as a stream of lines or as an array; docs/formats/batch.md.</summary>
internal sealed class BatchEndpoint(FrontDoors doors, SubmissionReader reader, HttpOptions options)
{
    private const int MaxItems = 10_000;
    private const int FlushAt = 64 * 1024;

    public void Map(ApiMap api) => api.Post("/jobs/batch", Scope.Submit, BatchAsync, new ApiDoc("submitJobs", "Jobs", "Submits many jobs; one answer line each, then a summary line.")
    {
        Body = "Batch",
        Takes = [BodyRule.Lines, BodyRule.Json],
        Answers = [(200, "BatchLine")],
        Produces = BodyRule.Lines,
        Parameters = [new ApiParameter("atomic", "query", "true: all or none, at most 10,000 items.")],
    }, BodyKind.JsonOrLines);

    private async Task BatchAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "atomic");
        var atomic = parameters.Flag("atomic");
        var refusal = parameters.Refusal ?? IdempotencyKey.RefuseAny(context.Request, "Give each item an id of its own: sent again, it is answered with the job that is there.");
        if (refusal is not null) await Problems.WriteAsync(context, refusal);
        else if (BodyRule.IsJson(context.Request.ContentType)) await WholeAsync(context, ns, atomic, lines: false);
        else if (atomic) await WholeAsync(context, ns, atomic, lines: true);
        else await new BatchStream(context, doors.Jobs, reader, ns, options.Limits.StreamBody).RunAsync();
    }

    /// <summary>Reads everything, submits it in one go, then answers line by line.</summary>
    private async Task WholeAsync(HttpContext context, Namespace ns, bool atomic, bool lines)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, options.Limits.ArrayBody, "array-body");
        var items = new List<BatchItem>();
        if (refusal is null)
        {
            var trace = RequestIdentity.TraceOf(context);
            refusal = lines ? ReadLines(BodyReading.Contiguous(body), ns, trace, items) : ReadArray(BodyReading.Contiguous(body), ns, trace, items);
            BodyReading.Release(context, body);
        }
        if (refusal is not null)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var answers = await SubmitAsync(items, atomic, context.RequestAborted);
        await WriteAsync(context, answers);
    }

    private Refusal? ReadArray(ReadOnlySpan<byte> body, Namespace ns, string? trace, List<BatchItem> items)
    {
        try
        {
            var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = options.Limits.Depth + 1 });
            json.Read();
            if (json.TokenType != JsonTokenType.StartArray)
                return Refusal.Invalid("invalid-json", "A batch in JSON is an array of submissions; lines need 'Content-Type: application/x-ndjson'.", new FieldFault("", "Not an array."));
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (items.Count == MaxItems) return TooMany();
                var start = (int)json.TokenStartIndex;
                json.Skip();
                items.Add(Item(body[start..(int)json.BytesConsumed], ns, trace));
            }
            json.Read();
            return items.Count > 0 ? null : Empty;
        }
        catch (JsonException fault)
        {
            return JsonFault.From(fault);
        }
    }

    private Refusal? ReadLines(ReadOnlySpan<byte> body, Namespace ns, string? trace, List<BatchItem> items)
    {
        foreach (var range in body.Split((byte)'\n'))
        {
            var line = body[range].Trim(" \t\r"u8);
            if (line.IsEmpty) continue;
            if (items.Count == MaxItems) return TooMany();
            items.Add(Item(line, ns, trace));
        }
        return items.Count > 0 ? null : Empty;
    }

    private BatchItem Item(ReadOnlySpan<byte> json, Namespace ns, string? trace) =>
        reader.TryRead(json, ns, trace, out var submission, out var refusal) ? new BatchItem(submission, null) : new BatchItem(null, refusal);

    private static Refusal Empty { get; } = new("invalid-request", "The batch is empty. Send at least one submission.");

    private static Refusal TooMany() => new("payload-too-large", $"More than {MaxItems} items. Send them as lines (application/x-ndjson without atomic), or in several batches.");

    private async Task<BatchAnswer[]> SubmitAsync(List<BatchItem> items, bool atomic, CancellationToken ct)
    {
        var good = items.Where(static item => item.Submission is not null).Select(static item => item.Submission!).ToList();
        var spoilt = atomic && good.Count < items.Count;     // nothing of it is stored, so nothing is asked of the store
        var outcomes = good.Count == 0 || spoilt ? [] : await doors.Jobs.SubmitManyAsync(good, atomic, ct);
        var answers = new BatchAnswer[items.Count];
        var next = 0;
        for (var i = 0; i < answers.Length; i++)
            answers[i] = items[i].Refusal is { } refusal ? new BatchAnswer(refusal) : spoilt ? new BatchAnswer(Spoilt) : BatchAnswer.Of(outcomes[next++]);
        return answers;
    }

    private static Refusal Spoilt { get; } = new("batch-refused", "Another item of the atomic batch was refused, so nothing was stored. Correct that one and send all again.");

    private static async Task WriteAsync(HttpContext context, BatchAnswer[] answers)
    {
        var writer = new BatchWriter(context.Response);
        for (var i = 0; i < answers.Length;)
        {
            i = writer.Write(answers, i, FlushAt);
            await writer.FlushAsync(context.RequestAborted);
        }
        writer.End();
        await writer.FlushAsync(context.RequestAborted);
    }
}

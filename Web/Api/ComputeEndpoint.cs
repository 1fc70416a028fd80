using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using ActorPerf.Caching;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary><c>POST /compute/{task}</c>: the arguments in, the result out, from memory where it is remembered.</summary>
/// <remarks>A hit is answered without an await: the entry's bytes go into the answer as they are.</remarks>
internal sealed class ComputeEndpoint(FrontDoors doors, SubmitEndpoint submit, HttpOptions options, TimeProvider time)
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);
    private readonly JsonReaderOptions _json = new() { MaxDepth = options.Limits.Depth };

    public void Map(ApiMap api) => api.Post("/compute/{task}", Scope.Submit, ComputeAsync, new ApiDoc("compute", "Compute", "Computes a task, or answers from memory.")
    {
        Body = "Arguments",
        Answers = [(200, "Computed"), (202, "Job")],
        Parameters = [ApiParameters.Prefer, ApiParameters.CacheControl, ApiParameters.CacheChoices, ApiParameters.IdempotencyKey],
    });

    private Task ComputeAsync(HttpContext context, Namespace ns)
    {
        var reading = BodyReading.ReadAsync(context, options.Limits.Args, "args");
        return reading.IsCompletedSuccessfully ? Start(context, ns, reading.Result) : ReadOnAsync(context, ns, reading);
    }

    private async Task ReadOnAsync(HttpContext context, Namespace ns, ValueTask<(ReadOnlySequence<byte>, Refusal?)> reading) =>
        await Start(context, ns, await reading);

    private Task Start(HttpContext context, Namespace ns, (ReadOnlySequence<byte> Body, Refusal? Refusal) read)
    {
        if (read.Refusal is not null) return Problems.WriteAsync(context, read.Refusal);
        var task = context.Request.RouteValues["task"] as string ?? "";
        if (read.Body.IsSingleSegment && IsPlain(context.Request) && doors.Compute.TryHit(ns, task, read.Body.FirstSpan) is { } hit)
        {
            BodyReading.Release(context, read.Body);
            return Found(context, hit.Result, hit.Source, hit.LastError);
        }
        var args = read.Body.ToArray();
        BodyReading.Release(context, read.Body);
        if (Fault(args) is { } fault) return Problems.WriteAsync(context, fault);

        var preferences = Preferences.Of(context.Request);
        if (CacheChoices.Read(context.Request, out var choice) is { } misread) return Problems.WriteAsync(context, misread);
        if (preferences.RespondAsync) return SubmitAsync(context, ns, task, args);
        if (preferences.Wait is { } wait) Preferences.Applied(context.Response, wait);
        var directive = CacheControl.Of(context.Request);
        if (choice is not null) directive = directive with { Choice = choice };
        var request = new ComputeRequest(ns, task, args, directive, preferences.Wait ?? DefaultPatience) { TraceParent = RequestIdentity.TraceOf(context) };
        var computing = doors.Compute.ComputeAsync(request, context.RequestAborted);
        return computing.IsCompletedSuccessfully ? Answered(context, computing.Result) : FinishAsync(context, computing);
    }

    private async Task FinishAsync(HttpContext context, ValueTask<ComputeOutcome> computing) => await Answered(context, await computing);

    private Task Answered(HttpContext context, ComputeOutcome outcome) => outcome switch
    {
        ComputeOutcome.Found found => Found(context, found.Result, found.Source, found.LastError),
        ComputeOutcome.Failed failed => Problems.WriteAsync(context, new Refusal("task-failed",
            failed.RetryAfter is { } after
                ? $"The task failed with {failed.Error.Type} for calls before, and is tried again in {Durations.Format(after)}. Ask then, or with Cache-Control: no-cache to try at once."
                : $"The task failed with {failed.Error.Type}. Nothing was stored; the same call computes again.") { RetryAfter = failed.RetryAfter }, failed.Error),
        ComputeOutcome.Refused refused => Problems.WriteAsync(context, refused.Refusal),
        _ => throw new InvalidOperationException($"Outcome {outcome.GetType().Name} is not known here."),
    };

    private Task Found(HttpContext context, ComputedResult result, CacheSource source, TaskError? lastError)
    {
        var now = time.GetUtcNow();
        var age = now > result.ComputedAt ? now - result.ComputedAt : TimeSpan.Zero;
        var headers = context.Response.Headers;
        headers["Cache-Status"] = CacheControl.Status(source, result.ExpiresAt - now);
        headers.Age = SmallNumbers.Text((long)age.TotalSeconds);

        var buffer = JsonBuffer.Rent();
        ComputedBody.Write(buffer, result, source, age, lastError);
        return Answer.Json(context, buffer);
    }

    /// <summary>It says nothing of the cache and of how it is to be answered.</summary>
    private static bool IsPlain(HttpRequest request) =>
        request.Headers.CacheControl.Count == 0 && !request.Headers.ContainsKey(CacheChoices.Header) && !request.Headers.ContainsKey("Prefer");

    private Task SubmitAsync(HttpContext context, Namespace ns, string task, byte[] args)
    {
        if (SubmissionRules.Task(task) is not null) return Problems.WriteAsync(context, doors.Tasks.Unknown(task));
        var submission = new Submission { Namespace = ns, Task = task, Args = args, TraceParent = RequestIdentity.TraceOf(context) };
        return submit.SubmitAsync(context, submission with { Digest = SubmissionDigest.Of(submission) });
    }

    /// <summary>Null for one well-formed JSON value without doubled names.</summary>
    private Refusal? Fault(ReadOnlySpan<byte> args)
    {
        if (!Utf8.IsValid(args)) return new Refusal("invalid-json", "The body is not UTF-8. Send JSON in UTF-8.");
        try
        {
            var reader = new Utf8JsonReader(args, _json);
            reader.Read();
            if (JsonScan.Skip(ref reader, args, "") is { } twice) return JsonFault.Members([twice]);
            reader.Read();
            return null;
        }
        catch (JsonException fault)
        {
            return JsonFault.From(fault);
        }
    }
}

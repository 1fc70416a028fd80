using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ActorPerf.Tasks.Fetching;
using ActorPerf.Tracing;

namespace ActorPerf.Tasks.Shipped;

/// <param name="Body">As text where it is one, else in base64.</param>
/// <param name="BodyEncoding"><c>text</c> or <c>base64</c>.</param>
public sealed record Fetched(int Status, IReadOnlyDictionary<string, string> Headers, string Body, string BodyEncoding);

/// <summary>Fetches over HTTP without holding a thread. Good answers of prefixes that the configuration names are remembered.</summary>
[ComputeTask(Name, Summary = "Fetches a URL that actorperf.fetch allows; answers status, headers and body.", Queue = "io")]
public sealed class FetchTask(IFetch fetch) : IComputeTask<FetchRequest, Fetched>
{
    public const string Name = "fetch";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public async ValueTask<Fetched> RunAsync(FetchRequest args, TaskContext context, CancellationToken ct)
    {
        var response = await fetch.FetchAsync(WithTrace(args, context.TraceParent), ct);
        if (!FetchRules.MayBeKept(response)) context.Cache.DoNotStore();
        var text = TextOf(response.Body.Span);
        return new Fetched(response.Status, response.Headers, text ?? Convert.ToBase64String(response.Body.Span), text is null ? "base64" : "text");
    }

    /// <summary>Untraced here, a call still belongs to its caller's trace.</summary>
    private static FetchRequest WithTrace(FetchRequest args, string? traceParent)
    {
        if (traceParent is null || Spans.IsTraced || args.Headers?.Keys.Contains("traceparent", StringComparer.OrdinalIgnoreCase) == true) return args;
        return args with { Headers = new Dictionary<string, string>(args.Headers ?? new Dictionary<string, string>()) { ["traceparent"] = traceParent } };
    }

    /// <summary>How long the answer to a call is remembered; null where the configuration says nothing of its URL.</summary>
    internal static Memoization? Memoized(ReadOnlyMemory<byte> args, FetchRules rules)
    {
        try
        {
            return JsonSerializer.Deserialize(args.Span, (JsonTypeInfo<FetchRequest>)TaskJson.Options.GetTypeInfo(typeof(FetchRequest))) is { Url: not null } request && rules.Memoized(request) is { } duration ? new Memoization(duration) : null;
        }
        catch (JsonException)
        {
            return null;                                       // unfit arguments are refused further on
        }
    }

    /// <summary>Null where the bytes are no UTF-8, or hold what no text does.</summary>
    private static string? TextOf(ReadOnlySpan<byte> body)
    {
        if (body.Contains((byte)0)) return null;
        try
        {
            return Strict.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

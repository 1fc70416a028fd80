using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Client;

/// <summary>One submission of a bulk.</summary>
/// <param name="Number">Its line in the input, from 1.</param>
/// <param name="Json">Without a line break; holds the job's own id, so that sending it twice makes one job.</param>
internal sealed record BatchLine(long Number, ReadOnlyMemory<byte> Json);

/// <summary>What became of the lines so far.</summary>
internal readonly record struct BatchTotals(long Accepted, long Deduplicated, long Rejected)
{
    public long Answered => Accepted + Deduplicated + Rejected;
}

/// <summary>Submits any number of lines in windows, and sends again what was not answered: when the connection breaks, the node
/// restarts, or has no room for the moment.</summary>
/// <remarks>Windows bound what is kept for sending again, however long the input is.</remarks>
internal sealed class BatchUpload(NodeClient client, TimeProvider time)
{
    private const int WindowLines = 5000;
    private const int WindowBytes = 8 * 1024 * 1024;

    /// <summary>In a row and without one more answer; with the pauses between them about a minute.</summary>
    private const int MostTries = 16;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Without one more line of an answer; a node that takes a window at all answers it within seconds.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(2);

    /// <summary>What became of the lines; complete once <see cref="SendAsync"/> answered <see cref="Answer.Ok"/>.</summary>
    public BatchTotals Totals { get; private set; }

    /// <param name="answered">Told each final answer: the line, and the node's answer to it.</param>
    /// <param name="moved">Told after each answer.</param>
    /// <returns><see cref="Answer.Ok"/> when every line was answered; else why not.</returns>
    public async Task<Answer> SendAsync(IAsyncEnumerable<BatchLine> lines, Action<BatchLine, JsonElement> answered, Action moved, CancellationToken ct)
    {
        var window = new List<BatchLine>();
        var bytes = 0;
        await foreach (var line in lines.WithCancellation(ct))
        {
            window.Add(line);
            bytes += line.Json.Length;
            if (window.Count < WindowLines && bytes < WindowBytes) continue;
            if (await SendWindowAsync(window, answered, moved, ct) is not Answer.Ok and var failure) return failure;
            (window, bytes) = ([], 0);
        }
        return window.Count > 0 ? await SendWindowAsync(window, answered, moved, ct) : new Answer.Ok(200, default, null);
    }

    private async Task<Answer> SendWindowAsync(List<BatchLine> window, Action<BatchLine, JsonElement> answered, Action moved, CancellationToken ct)
    {
        for (var tries = 0; ;)
        {
            var left = new SortedSet<int>(Enumerable.Range(0, window.Count));
            var sent = window;
            var answer = await client.StreamAsync(Request(sent), LongestSilence, async (body, token) =>
            {
                using var reader = new StreamReader(body, Encoding.UTF8);
                while (await reader.ReadLineAsync(token) is { } text)
                {
                    if (Parse(text) is not { } item) continue;
                    if (item.Number("index") is not { } index)
                    {
                        // Either the summary, or why the node cannot go on with this stream.
                        if (item.Member("problem") is { } problem) return new Answer.Refused(Problem.From((int)(item.Number("status") ?? 0), problem));
                    }
                    else if (left.Contains((int)index) && Settle(item))
                    {
                        left.Remove((int)index);
                        answered(sent[(int)index], item);
                        moved();
                    }
                }
                return new Answer.Ok(200, default, null);
            }, ct);
            if (left.Count == 0) return new Answer.Ok(200, default, null);
            if (answer is Answer.Refused { Problem.IsTransient: false } or Answer.TimedOut) return answer;
            tries = left.Count < window.Count ? 0 : tries + 1;
            if (tries == MostTries)
                return answer is Answer.Ok ? new Answer.Unreachable(client.Node, string.Create(CultureInfo.InvariantCulture, $"{left.Count} lines were left unanswered")) : answer;
            window = [.. left.Select(index => sent[index])];
            await Task.Delay(Pause(answer, tries), time, ct);
        }
    }

    /// <summary>Counts a line's answer; false when it should be sent again.</summary>
    private bool Settle(JsonElement item)
    {
        if (item.Member("problem") is not { } problem)
            Totals = item.Number("status") == 200 ? Totals with { Deduplicated = Totals.Deduplicated + 1 } : Totals with { Accepted = Totals.Accepted + 1 };
        else if (Problem.From((int)(item.Number("status") ?? 0), problem).IsTransient) return false;
        else Totals = Totals with { Rejected = Totals.Rejected + 1 };
        return true;
    }

    private static TimeSpan Pause(Answer answer, int tries)
    {
        var grown = TimeSpan.FromMilliseconds(200 * Math.Pow(2, Math.Min(tries, 10)));
        var asked = answer is Answer.Refused { Problem.RetryAfter: { } seconds } ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
        var longest = grown < LongestPause ? grown : LongestPause;
        return asked > longest && asked < 6 * LongestPause ? asked : longest;
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonText.Parse(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException)
        {
            return null;      // cut off in mid-line: not an answer
        }
    }

    private static HttpRequestMessage Request(IReadOnlyList<BatchLine> window)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, Api.Root + "jobs/batch") { Content = new Lines(window) };
        message.Headers.Accept.ParseAdd("application/x-ndjson");
        return message;
    }

    private sealed class Lines : HttpContent
    {
        private readonly IReadOnlyList<BatchLine> _lines;

        public Lines(IReadOnlyList<BatchLine> lines)
        {
            _lines = lines;
            Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var chunk = new ArrayBufferWriter<byte>(65_536);
            foreach (var line in _lines)
            {
                chunk.Write(line.Json.Span);
                chunk.Write("\n"u8);
                if (chunk.WrittenCount < 60_000) continue;
                await stream.WriteAsync(chunk.WrittenMemory, cancellationToken);
                chunk.ResetWrittenCount();
            }
            await stream.WriteAsync(chunk.WrittenMemory, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _lines.Sum(line => line.Json.Length + 1L);
            return true;
        }
    }
}

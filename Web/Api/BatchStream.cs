using ActorPerf.Cluster;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ActorPerf.Web.Api;

/// <summary>A batch as a stream of lines: read, submitted and answered at the same time, in order.</summary>
/// <remarks>
/// Three loops. The first reads lines and hands them over in groups; it waits when <see cref="MaxGroups"/> groups are being stored, and never for the
/// client to read. The second awaits the groups in order and keeps one small answer a line. The third sends answers as fast as the client takes
/// them. So a client may send everything before it reads: what waits for it is 32 bytes a line, at most <see cref="MaxUnread"/> lines, and the words of
/// <see cref="MaxWords"/> refusals. Beyond that the stream breaks off without its summary, and the client sends the rest again.
/// </remarks>
internal sealed class BatchStream(HttpContext context, IJobs jobs, SubmissionReader reader, Namespace ns, long maxBody)
{
    public const int MaxUnread = 1_000_000;
    private const int MaxWords = 10_000;
    private const int MaxGroups = 4;
    private const int MaxGroupItems = 1000;
    private const long MaxGroupBytes = 1024 * 1024;
    private const int FlushAt = 64 * 1024;

    private readonly Channel<Task<BatchAnswer[]>> _groups = Channel.CreateBounded<Task<BatchAnswer[]>>(
        new BoundedChannelOptions(MaxGroups) { SingleReader = true, SingleWriter = true });

    private readonly Channel<BatchAnswer> _answers = Channel.CreateBounded<BatchAnswer>(
        new BoundedChannelOptions(MaxUnread) { SingleReader = true, SingleWriter = true });

    private readonly string? _trace = RequestIdentity.TraceOf(context);
    private List<BatchItem> _group = [];
    private long _groupBytes;
    private bool _skipping;                                  // inside a line that is too long
    private volatile Refusal? _broken;                       // why the stream ends without its summary
    private bool _overflowed;
    private int _words;

    public async Task RunAsync()
    {
        LiftRates();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var collecting = CollectAsync(stopping);
        var sending = SendAsync(context.RequestAborted);
        try
        {
            await ReadAsync(stopping.Token);
        }
        finally
        {
            _groups.Writer.TryComplete();
            await collecting;
            await sending;
        }
    }

    /// <summary>A client that sends first and reads later is slow at neither; the server's least rates would cut it off.</summary>
    private void LiftRates()
    {
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request) request.MinDataRate = null;
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } response) response.MinDataRate = null;
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        var body = context.Request.BodyReader;
        long before = 0;
        while (true)
        {
            ReadResult result;
            try
            {
                result = await body.ReadAsync(ct);
            }
            catch (BadHttpRequestException fault)
            {
                // Too long, or too slow: what was read so far stands and is answered.
                await HandOverAsync(ct);
                _broken ??= fault.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? BodyReading.TooLarge(maxBody, "stream-body")
                    : new Refusal("invalid-request", $"The stream broke off: {fault.Message} Send the unanswered lines again.");
                return;
            }
            var buffer = result.Buffer;
            if (before + buffer.Length > maxBody) _broken ??= BodyReading.TooLarge(maxBody, "stream-body");
            var consumed = await LinesAsync(buffer, result.IsCompleted, ct);
            before += buffer.Slice(0, consumed).Length;
            body.AdvanceTo(consumed, buffer.End);
            await HandOverAsync(ct);                         // nothing more to read at once: what is there is not kept waiting
            if (result.IsCompleted || _broken is not null) return;
        }
    }

    /// <summary>Takes the whole lines of a buffer; returns where the rest begins.</summary>
    private async ValueTask<SequencePosition> LinesAsync(ReadOnlySequence<byte> buffer, bool last, CancellationToken ct)
    {
        while (_broken is null)
        {
            var rest = Take(buffer, last, out var taken);
            if (!taken) return rest;
            buffer = buffer.Slice(rest);
            if (_group.Count >= MaxGroupItems || _groupBytes >= MaxGroupBytes) await HandOverAsync(ct);
        }
        return buffer.End;
    }

    /// <summary>Takes one line; false when there is no whole one.</summary>
    private SequencePosition Take(in ReadOnlySequence<byte> buffer, bool last, out bool taken)
    {
        taken = true;
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            if (!_skipping) Line(buffer.Slice(0, end));
            _skipping = false;
            return buffer.GetPosition(1, end);
        }
        if (last && !buffer.IsEmpty)
        {
            if (!_skipping) Line(buffer);
            return buffer.End;
        }
        taken = false;
        if (buffer.Length <= reader.MaxBody) return buffer.Start;
        if (!_skipping) _group.Add(new BatchItem(null, BodyReading.TooLarge(reader.MaxBody, "args")));
        _skipping = true;
        return buffer.End;
    }

    private void Line(in ReadOnlySequence<byte> sequence)
    {
        if (sequence.Length > reader.MaxBody)
        {
            _group.Add(new BatchItem(null, BodyReading.TooLarge(reader.MaxBody, "args")));
            return;
        }
        var line = BodyReading.Contiguous(sequence).Trim(" \t\r"u8);
        if (line.IsEmpty) return;
        _groupBytes += line.Length;
        _group.Add(reader.TryRead(line, ns, _trace, out var submission, out var refusal) ? new BatchItem(submission, null) : new BatchItem(null, refusal));
    }

    private ValueTask HandOverAsync(CancellationToken ct)
    {
        if (_group.Count == 0) return ValueTask.CompletedTask;
        var group = _group;
        _group = new List<BatchItem>(Math.Min(group.Count, MaxGroupItems));
        _groupBytes = 0;
        return _groups.Writer.WriteAsync(SubmitAsync(group, ct), ct);
    }

    private async Task<BatchAnswer[]> SubmitAsync(List<BatchItem> group, CancellationToken ct)
    {
        var good = new List<Submission>(group.Count);
        foreach (var item in group)
            if (item.Submission is { } submission) good.Add(submission);
        IReadOnlyList<SubmitOutcome> outcomes = [];
        Refusal? away = null;
        try
        {
            if (good.Count > 0) outcomes = await jobs.SubmitManyAsync(good, atomic: false, ct);
        }
        catch (StoreUnavailableException fault)
        {
            away = new Refusal(fault is StoreFullException ? "storage-full" : "storage-unavailable",
                "The store did not take this line. Send it again with the same id.");
        }
        var answers = new BatchAnswer[group.Count];
        var next = 0;
        for (var i = 0; i < answers.Length; i++)
            answers[i] = group[i].Refusal is { } refusal ? new BatchAnswer(refusal) : away is not null ? new BatchAnswer(away) : BatchAnswer.Of(outcomes[next++]);
        return answers;
    }

    private async Task CollectAsync(CancellationTokenSource stopping)
    {
        try
        {
            await foreach (var group in _groups.Reader.ReadAllAsync(stopping.Token))
                foreach (var answer in await group) Keep(answer);
            _answers.Writer.TryComplete();
        }
        catch (Exception fault)
        {
            _answers.Writer.TryComplete(fault);              // the sender ends with it, behind what was answered
            await stopping.CancelAsync();
            _groups.Writer.TryComplete();
            while (_groups.Reader.TryRead(out var group))
                await ((Task)group).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // the first fault is the one that is told
        }
    }

    private void Keep(BatchAnswer answer)
    {
        if (answer.Refusal is { } refusal && Interlocked.Increment(ref _words) > MaxWords)
            answer = new BatchAnswer(new Refusal(refusal.Code, Shortened));
        if (_overflowed || _answers.Writer.TryWrite(answer)) return;
        _overflowed = true;                                  // nothing behind a gap: the client counts lines
        _broken = new Refusal("payload-too-large", $"{MaxUnread} answers wait to be read. Read the answers while sending, and send the unanswered lines again.");
    }

    private const string Shortened = "The line was refused; the words were dropped because many refusals wait to be read. Send the line alone to see them.";

    private async Task SendAsync(CancellationToken ct)
    {
        var writer = new BatchWriter(context.Response);
        var part = new BatchAnswer[512];
        while (await _answers.Reader.WaitToReadAsync(ct))
        {
            while (Fill(part) is > 0 and var count)
            {
                for (var from = 0; from < count;)
                {
                    from = writer.Write(part.AsSpan(0, count), from, FlushAt);
                    if (writer.Unsent >= FlushAt) await writer.FlushAsync(ct);
                }
            }
            await writer.FlushAsync(ct);
        }
        if (_broken is { } broken) writer.Break(broken);
        else writer.End();
        await writer.FlushAsync(ct);
    }

    private int Fill(BatchAnswer[] part)
    {
        var count = 0;
        while (count < part.Length && _answers.Reader.TryRead(out part[count]))
        {
            if (part[count].Refusal is not null) Interlocked.Decrement(ref _words);
            count++;
        }
        return count;
    }
}

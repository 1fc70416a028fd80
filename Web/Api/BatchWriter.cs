using System.Buffers;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Writes the lines that answer a batch, counts them, and ends with the summary.</summary>
internal sealed class BatchWriter
{
    private readonly HttpResponse _response;
    private long _index;
    private long _accepted;
    private long _rejected;
    private long _deduplicated;

    public BatchWriter(HttpResponse response)
    {
        _response = response;
        response.ContentType = BodyRule.Lines;
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>Bytes written since the last flush.</summary>
    public int Unsent { get; private set; }

    public async ValueTask FlushAsync(CancellationToken ct)
    {
        Unsent = 0;
        await _response.BodyWriter.FlushAsync(ct);
    }

    /// <summary>Writes answers from <paramref name="from"/> on until <paramref name="enough"/> bytes; returns where to go on.</summary>
    public int Write(ReadOnlySpan<BatchAnswer> answers, int from, int enough)
    {
        var buffer = JsonBuffer.Rent();
        while (from < answers.Length && buffer.Written.Length < enough) Line(buffer, answers[from++]);
        Send(buffer);
        return from;
    }

    /// <summary>The summary: without it the client sends the unanswered items again.</summary>
    public void End()
    {
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteNumber(N.Accepted, _accepted);
        json.WriteNumber(N.Rejected, _rejected);
        json.WriteNumber(N.Deduplicated, _deduplicated);
        json.WriteBoolean(N.Complete, true);
        json.WriteEndObject();
        buffer.EndWith((byte)'\n');
        Send(buffer);
    }

    /// <summary>The stream cannot go on: one last line that says why, and no summary.</summary>
    public void Break(Refusal refusal)
    {
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteNumber(N.Status, Problems.Status(refusal));
        json.WritePropertyName(N.Problem);
        Problems.WriteProblem(json, refusal, requestId: null);
        json.WriteBoolean(N.Complete, false);
        json.WriteEndObject();
        buffer.EndWith((byte)'\n');
        Send(buffer);
    }

    private void Line(JsonBuffer buffer, in BatchAnswer answer)
    {
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteNumber(N.Index, _index++);
        if (answer.Refusal is { } refusal)
        {
            _rejected++;
            json.WriteNumber(N.Status, Problems.Status(refusal));
            json.WritePropertyName(N.Problem);
            Problems.WriteProblem(json, refusal, requestId: null);
        }
        else
        {
            if (answer.Deduplicated) _deduplicated++;
            else _accepted++;
            json.WriteNumber(N.Status, answer.Deduplicated ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
            json.WriteString(N.Id, answer.Id.Value);
        }
        json.WriteEndObject();
        buffer.EndWith((byte)'\n');
    }

    private void Send(JsonBuffer buffer)
    {
        Unsent += buffer.Written.Length;
        _response.BodyWriter.Write(buffer.Written);
        buffer.Return();
    }
}

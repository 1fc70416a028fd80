using System.Text.Json;
using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>The body of a computed answer.</summary>
/// <remarks>Put together by hand, for it is most of what a hit costs here: between the result, as it is kept, and the times every byte is known beforehand.</remarks>
internal static class ComputedBody
{
    private const int TimeLength = 24, MostOfTheRest = 256;

    public static void Write(JsonBuffer buffer, ComputedResult result, CacheSource source, TimeSpan age, TaskError? lastError)
    {
        var into = buffer.GetSpan(result.Json.Length + MostOfTheRest);
        var at = Put(into, 0, "{\"result\":"u8);
        at = Put(into, at, result.Json.Span);
        at = Put(into, at, source switch
        {
            CacheSource.Hit => ",\"cached\":true,\"stale\":false,\"computedAt\":\""u8,
            CacheSource.Stale => ",\"cached\":true,\"stale\":true,\"computedAt\":\""u8,
            _ => ",\"cached\":false,\"stale\":false,\"computedAt\":\""u8,
        });
        WireTime.Format(result.ComputedAt, into.Slice(at, TimeLength));
        at = Put(into, at + TimeLength, "\",\"age\":"u8);
        at += WireTime.FormatSeconds(age, TimeSpan.TicksPerMillisecond, into[at..]);
        if (result.ExpiresAt is { } expires)
        {
            at = Put(into, at, ",\"expiresAt\":\""u8);
            WireTime.Format(expires, into.Slice(at, TimeLength));
            at = Put(into, at + TimeLength, "\",\"duration\":"u8);
        }
        else
        {
            at = Put(into, at, ",\"expiresAt\":null,\"duration\":"u8);
        }
        at += WireTime.FormatSeconds(result.Duration, TimeSpan.TicksPerMicrosecond, into[at..]);
        if (lastError is not null) at = Put(into, at, ",\"lastError\":"u8);
        buffer.Advance(at);
        if (lastError is not null) Write(buffer.Json, lastError);
        buffer.GetSpan(1)[0] = (byte)'}';
        buffer.Advance(1);
    }

    private static void Write(Utf8JsonWriter json, TaskError error)
    {
        json.WriteStartObject();
        json.WriteString(N.Type, error.Type);
        json.WriteString(N.Message, error.Message);
        json.WriteEndObject();
        json.Flush();
    }

    private static int Put(Span<byte> into, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(into[at..]);
        return at + bytes.Length;
    }
}

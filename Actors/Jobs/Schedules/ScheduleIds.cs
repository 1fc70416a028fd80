using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>The id of a tick's job: whoever fires the tick, however often, makes the same id, and the unique id of jobs keeps it at one job.</summary>
/// <remarks>A UUID version 7 whose time is the tick and whose other 74 bits are of SHA-256 over namespace, schedule and tick (docs/formats/database.md).</remarks>
internal static class ScheduleIds
{
    public static JobId Of(Namespace ns, string schedule, DateTimeOffset tick)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(ns, schedule, tick, hash);
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, tick.ToUnixTimeMilliseconds() << 16);
        hash[..10].CopyTo(id[6..]);
        id[6] = (byte)(0x70 | id[6] & 0x0f);
        id[8] = (byte)(0x80 | id[8] & 0x3f);
        return new JobId(new Guid(id, bigEndian: true));
    }

    /// <summary>From 0 to <paramref name="most"/>, the same at every repeat.</summary>
    public static TimeSpan Jitter(Namespace ns, string schedule, DateTimeOffset tick, TimeSpan most)
    {
        if (most == TimeSpan.Zero) return TimeSpan.Zero;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(ns, schedule, tick, hash);
        return TimeSpan.FromTicks((long)((UInt128)BinaryPrimitives.ReadUInt64BigEndian(hash[16..]) * (UInt128)most.Ticks >> 64));
    }

    /// <summary>By the id alone: a schedule that was changed between two tries at one tick still has one job of it.</summary>
    public static Guid Digest(JobId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    private static void Hash(Namespace ns, string schedule, DateTimeOffset tick, Span<byte> hash) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{ns.Name}/{schedule}/{tick.ToUnixTimeMilliseconds()}"), hash);
}

using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A job's result as it is kept.</summary>
/// <param name="Row">Says whether there can be one.</param>
/// <param name="Bytes">UTF-8 JSON under <paramref name="Coding"/>; null where there is none.</param>
/// <param name="Media">Null for JSON itself.</param>
public sealed record StoredResult(JobRow Row, ReadOnlyMemory<byte>? Bytes, ResultCoding Coding, ResultMedia? Media);

/// <summary>How a result's bytes are packed. The numbers are stored; never renumber.</summary>
public enum ResultCoding
{
    None = 0,

    /// <summary>Brotli (RFC 7932), as HTTP's <c>br</c>.</summary>
    Brotli = 1,
}

/// <summary>Reads results apart from their jobs, so that a large one need not be unpacked to be sent.</summary>
public interface IJobResults
{
    /// <summary>Null where there is no such job.</summary>
    ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct);
}

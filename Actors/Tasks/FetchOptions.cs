using System.ComponentModel.DataAnnotations;
using ActorPerf.Configuration;

namespace ActorPerf.Tasks;

/// <summary>Settings under <c>actorperf.fetch</c>: where tasks may fetch from, and how much.</summary>
public sealed class FetchOptions
{
    /// <summary>Prefixes of URLs that may be fetched, such as <c>https://api.example.com/v1/</c>. Scheme, host and port must be the same; the path begins with the prefix's,
    /// whole parts of it. Redirects are held against them too. Addresses of internal networks are refused whatever they are called. Default: none, so nothing is fetched.</summary>
    public IList<string> Allow { get; set; } = [];

    /// <summary>Prefixes whose host may also have an internal address: loopback, private, link-local. They are allowed by standing here. Default: none.</summary>
    public IList<string> AllowInternal { get; set; } = [];

    /// <summary>Redirects that are followed. Default 5; 0 to 20.</summary>
    [Range(0, 20)]
    public int MaxRedirects { get; set; } = 5;

    /// <summary>Bytes of an answer, unpacked. Default 2 MiB; 1 KiB to 64 MiB.</summary>
    [ByteSize, Range(1024L, 64L * 1024 * 1024)]
    public long MaxBytes { get; set; } = 2L * 1024 * 1024;

    /// <summary>The longest that a fetch may take, redirects included. Default 30 s; 10 ms to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Fetches under way at once to one host and port; others wait. Default 16; 1 to 1,000.</summary>
    [Range(1, 1_000)]
    public int Concurrency { get; set; } = 16;

    /// <summary>Which answers of the task <c>fetch</c> are remembered, and how long. Of several prefixes that fit the longest counts. Only GET and HEAD without a body,
    /// and only statuses 200, 203, 204 and 206 without <c>Cache-Control: no-store</c> or <c>private</c>. Default: none.</summary>
    public IList<FetchMemoization> Memoize { get; set; } = [];
}

/// <summary>How long answers below a prefix are remembered.</summary>
public sealed class FetchMemoization
{
    /// <summary>As in <see cref="FetchOptions.Allow"/>.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Default 5 min; 1 ms to 3650 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "3650.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(5);
}

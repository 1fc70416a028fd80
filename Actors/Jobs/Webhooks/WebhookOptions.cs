using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>Settings under <c>actorperf.webhooks</c>: where events may be sent, and how many at once.</summary>
public sealed class WebhookOptions
{
    /// <summary>Prefixes of URLs that may also be <c>http</c>, on any port, and at an internal address: loopback, private, link-local. Such as <c>http://127.0.0.1:9000/hooks/</c>.
    /// Everything else must be <c>https</c> on port 443 or 8443 at a public address. Default: none.</summary>
    public IList<string> Allow { get; set; } = [];

    /// <summary>Requests under way at once. Default 16; 1 to 256.</summary>
    [Range(1, 256)]
    public int Concurrency { get; set; } = 16;

    /// <summary>Of them, to one host and port. Default 4; 1 to 256.</summary>
    [Range(1, 256)]
    public int PerHost { get; set; } = 4;

    /// <summary>The longest that a receiver may take to answer. Default 15 s; 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);
}

using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>One event on its way to one receiver: a row, written in the transaction of the event itself.</summary>
public sealed record Delivery
{
    /// <summary>The store's own number, in order of events; 0 before the store gave one.</summary>
    public long Seq { get; init; }

    /// <summary>The header <c>webhook-id</c>: the same at every attempt.</summary>
    public required Guid Id { get; init; }

    public required Namespace Namespace { get; init; }

    /// <summary>Which webhook.</summary>
    public required string Webhook { get; init; }

    public required string Url { get; init; }

    /// <summary>The job's number in the store; 0 for a test.</summary>
    public long JobSeq { get; init; }

    /// <summary>Null for a test.</summary>
    public JobId? Job { get; init; }

    public string? Task { get; init; }
    public string? Queue { get; init; }

    /// <summary>The state that began; null for a test.</summary>
    public JobState? Event { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset At { get; init; }

    public DeliveryState State { get; init; }

    /// <summary>Requests that were answered, or failed.</summary>
    public int Attempts { get; init; }

    /// <summary>Not before this time.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The HTTP status of the latest answer; null for none.</summary>
    public int? Status { get; init; }

    /// <summary>The first KiB of the latest answer, as text.</summary>
    public string? Response { get; init; }

    /// <summary>Why the latest attempt failed without an answer, or will not be repeated.</summary>
    public string? Error { get; init; }

    /// <summary>Null while it is pending.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The body's member <c>type</c>.</summary>
    public string Type => Event is { } state ? $"job.{state.Word}" : "webhook.test";

    /// <summary>Host and port of <see cref="Url"/>.</summary>
    public string Host => Uri.TryCreate(Url, UriKind.Absolute, out var uri) ? Tasks.Fetching.UrlPrefix.AuthorityOf(uri) : "";

    public override string ToString() => $"{Type} {Id} to {Namespace.Name}/{Webhook}";
}

/// <summary>What became of a delivery. The numbers are stored; never renumber.</summary>
public enum DeliveryState
{
    Pending = 0,
    Delivered = 1,
    Failed = 2,
}

/// <summary>What came of one request.</summary>
/// <param name="Status">Null when there was no answer.</param>
/// <param name="Text">The answer's first KiB.</param>
/// <param name="RetryAfter">What the answer asked for.</param>
/// <param name="Error">Why there was no answer.</param>
/// <param name="IsRefused">The request was not made, and another try would not help.</param>
internal sealed record DeliveryAnswer(int? Status, string? Text = null, TimeSpan? RetryAfter = null, string? Error = null, bool IsRefused = false);

/// <summary>What the store is to write of an attempt: only where the row is pending and stands at the attempts of <paramref name="Before"/>, so that it can be repeated.</summary>
/// <param name="Before">As it was read.</param>
/// <param name="After">As it is to be.</param>
/// <param name="IsGone">The receiver wants no more: all that is pending for its webhook fails with it.</param>
public sealed record DeliveryOutcome(Delivery Before, Delivery After, bool IsGone);

/// <summary>A page of deliveries, newest first.</summary>
/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record DeliveryPage(IReadOnlyList<Delivery> Items, long? Next);

/// <summary>What is to be sent now.</summary>
/// <param name="Items">The first that is pending of each job and webhook, and due; the longest due first.</param>
/// <param name="NextDue">When more may be; null for never, until more is written.</param>
public sealed record DueDeliveries(IReadOnlyList<Delivery> Items, DateTimeOffset? NextDue);

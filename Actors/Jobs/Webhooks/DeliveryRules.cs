namespace ActorPerf.Jobs.Webhooks;

/// <summary>What an answer means for a delivery. Pure.</summary>
internal static class DeliveryRules
{
    public const int MaxAttempts = 15;

    /// <summary>Characters of a kept answer or error.</summary>
    public const int MaxText = 1_024;

    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>The longest pause that a receiver may ask for, and how long after its event a delivery is given up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(24);

    /// <summary>How long deliveries are kept after their end.</summary>
    public static readonly TimeSpan KeepDelivered = TimeSpan.FromDays(7);

    /// <inheritdoc cref="KeepDelivered"/>
    public static readonly TimeSpan KeepFailed = TimeSpan.FromDays(30);

    private const int GoneStatus = 410;

    /// <param name="chance">0 to 1: where in its range the next pause lies.</param>
    public static DeliveryOutcome Decide(Delivery delivery, DeliveryAnswer answer, DateTimeOffset now, double chance)
    {
        var attempted = delivery with { Attempts = delivery.Attempts + 1, Status = answer.Status, Response = Cut(answer.Text), Error = Cut(answer.Error) };
        if (answer.Status is >= 200 and < 300) return new(delivery, attempted with { State = DeliveryState.Delivered, EndedAt = now }, false);
        var failed = attempted with { State = DeliveryState.Failed, EndedAt = now };
        if (answer.IsRefused) return new(delivery, failed, false);
        if (answer.Status == GoneStatus) return new(delivery, failed with { Error = "The receiver answered 410: it wants no more." }, true);
        if (attempted.Attempts >= MaxAttempts) return new(delivery, failed with { Error = $"{answer.Error ?? "Not accepted."} Given up after {MaxAttempts} attempts." }, false);
        return new(delivery, attempted with { DueAt = now + Pause(attempted.Attempts, answer.RetryAfter, chance) }, false);
    }

    /// <summary>5 s · 2^(n−1) up to an hour, uniform between half and all of it; more where the receiver asked for more.</summary>
    public static TimeSpan Pause(int attempts, TimeSpan? asked, double chance)
    {
        var full = Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 20)));
        var own = TimeSpan.FromSeconds(full * (0.5 + chance / 2));
        if (asked is not { } wished || wished <= own) return own;
        return wished < Patience ? wished : Patience;
    }

    /// <summary>To be sent once more, from the beginning.</summary>
    public static Delivery Again(Delivery delivery, string url, DateTimeOffset now) =>
        delivery with { State = DeliveryState.Pending, Attempts = 0, DueAt = now, EndedAt = null, Error = null, Url = url };

    /// <summary>What a move tells a webhook.</summary>
    public static Delivery Of(JobRow row, string webhook, string url, Guid id, DateTimeOffset now) => new()
    {
        Id = id, Namespace = row.Namespace, Webhook = webhook, Url = url, JobSeq = row.Seq, Job = row.Id, Task = row.Task, Queue = row.Queue, Event = row.State, At = now, DueAt = now,
    };

    public static Delivery Test(WebhookRow row, Guid id, DateTimeOffset now) =>
        new() { Id = id, Namespace = row.Namespace, Webhook = row.Name, Url = row.Url, At = now, DueAt = now };

    private static string? Cut(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;
}

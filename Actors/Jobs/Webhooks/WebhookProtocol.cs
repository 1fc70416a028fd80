namespace ActorPerf.Jobs.Webhooks;

/// <summary>What the sender of webhooks hears.</summary>
internal abstract record WebhookCommand
{
    private WebhookCommand()
    {
    }

    /// <summary>Something may be due.</summary>
    public sealed record Look : WebhookCommand
    {
        public static Look Instance { get; } = new();
    }

    public sealed record Found(DueDeliveries Due) : WebhookCommand;

    public sealed record LookFailed(Exception Cause) : WebhookCommand;

    /// <summary>An attempt has ended.</summary>
    public sealed record Sent(Delivery Delivery, DeliveryAnswer Answer) : WebhookCommand;

    /// <summary>No attempt was made.</summary>
    public sealed record NotSent(Delivery Delivery, Exception Cause) : WebhookCommand;

    /// <summary>What came of an attempt is durable.</summary>
    public sealed record Written(DeliveryOutcome Outcome) : WebhookCommand;

    /// <summary>It may be durable or not.</summary>
    public sealed record NotWritten(DeliveryOutcome Outcome, Exception Cause) : WebhookCommand;

    public sealed record Write(DeliveryOutcome Outcome) : WebhookCommand;

    /// <summary>A delivery whose attempt was not made may be looked at again.</summary>
    public sealed record Release(Delivery Delivery) : WebhookCommand;
}

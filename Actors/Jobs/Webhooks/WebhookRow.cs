using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>A webhook as the store keeps it.</summary>
public sealed record WebhookRow
{
    /// <summary>The webhook that every namespace has by itself: what <c>callback</c> of a job names is told under it, signed with its secret.</summary>
    public const string Callback = "callback";

    /// <summary>Webhooks of one namespace, without <see cref="Callback"/>.</summary>
    public const int MaxOfNamespace = 100;

    public required Namespace Namespace { get; init; }
    public required string Name { get; init; }

    /// <summary>Empty for <see cref="Callback"/>, whose deliveries have an address each.</summary>
    public string Url { get; init; } = "";

    /// <summary>Which jobs, as <see cref="WebhookFilter"/> reads it; empty: all.</summary>
    public string Query { get; init; } = "";

    /// <summary>States whose beginning is told; in order of a job's life.</summary>
    public IReadOnlyList<JobState> Events { get; init; } = WebhookEvents.Default;

    /// <summary>Deliveries are written and wait.</summary>
    public bool Paused { get; init; }

    /// <summary>The receiver answered 410: nothing more is written for it until it is put again.</summary>
    public bool Gone { get; init; }

    /// <summary>Newest first; the first has no end.</summary>
    public required IReadOnlyList<WebhookSecret> Secrets { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 and up by one at every change.</summary>
    public required long Version { get; init; }
}

/// <summary>What <c>PUT /webhooks/{name}</c> says.</summary>
public sealed record WebhookDefinition
{
    /// <summary>Null only for <see cref="WebhookRow.Callback"/>.</summary>
    public string? Url { get; init; }

    public string Query { get; init; } = "";
    public IReadOnlyList<JobState> Events { get; init; } = WebhookEvents.Default;
    public bool Paused { get; init; }

    /// <summary>The receiver's own secret; null: the one that is there, or a new one. A present one takes the old one's place at once.</summary>
    public string? Secret { get; init; }

    public override string ToString() => $"{Url} ({Query})";
}

/// <summary>Which states can be told. Others begin so often, and end so soon, that the event stream is the place for them.</summary>
public static class WebhookEvents
{
    public static IReadOnlyList<JobState> Default { get; } = [JobState.Succeeded, JobState.Failed, JobState.Cancelled, JobState.Expired];

    public static IReadOnlyList<JobState> All { get; } = [JobState.Retrying, JobState.Cancelling, .. Default];

    /// <summary>The words of the API.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. All.Select(state => state.Word)];
}

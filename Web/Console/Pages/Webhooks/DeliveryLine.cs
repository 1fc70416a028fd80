using System.Globalization;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A delivery as a row of a webhook's page shows it.</summary>
public sealed record DeliveryLine(Delivery Delivery)
{
    public string Id => Delivery.Id.ToString("D");

    /// <summary>The end of its job's id; "" without one.</summary>
    public string ShortJob => Delivery.Job is { } job ? $"…{job.ToString()[^8..]}" : "";

    /// <summary>What came back, or why nothing did.</summary>
    public string Answer => $"{Delivery.Status?.ToString(CultureInfo.InvariantCulture)} {Delivery.Error ?? Delivery.Response}".Trim();

    /// <summary>All of the answer that is kept.</summary>
    public string? Whole => Delivery.Response ?? Delivery.Error;

    /// <summary>Its end, or its next attempt.</summary>
    public DateTimeOffset EndedOrDue => Delivery.EndedAt ?? Delivery.DueAt;

    public static string Word(DeliveryState state) => state.ToString().ToLowerInvariant();

    /// <summary>The colour and icon that tell it.</summary>
    public static string Tone(DeliveryState state) => state switch { DeliveryState.Delivered => "succeeded", DeliveryState.Failed => "failed", _ => "queued" };

    public LiveRow Live(Links links)
    {
        var cells = new LiveValues
        {
            ["state"] = Word(Delivery.State), ["state@data-state"] = Tone(Delivery.State), ["type"] = Delivery.Type, ["task"] = Delivery.Task ?? "", ["job"] = ShortJob,
            ["attempts"] = Delivery.Attempts.ToString(CultureInfo.InvariantCulture), ["answer"] = Answer, ["id@value"] = Id,
        };
        if (Delivery.Job is { } job) cells["link@href"] = links.Job(job);
        if (Whole is { } whole) cells["answer@title"] = whole;
        cells.AddMoment("at", Delivery.At);
        cells.AddMoment("ended", EndedOrDue);
        return new LiveRow(Id, cells);
    }
}

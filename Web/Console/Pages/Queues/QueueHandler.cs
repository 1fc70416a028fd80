using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One queue: what goes through it, and what holds it back.</summary>
internal static class QueueHandler
{
    public static async Task<IResult> ShowAsync(ConsoleRequest request) => !TryName(request, out var name)
        ? request.NotFound(Unknown)
        : ConsolePage.Of<QueuePage>(request.View, await ReadAsync(request, name) with { Saved = request.Query("saved") is not null });

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (request.Query("name") is not { } name || QueueNames.Check(name) is not null) return null;
        var (queues, jobs, ns) = (request.Queues, request.Jobs, request.View.Namespace);
        return ($"queue:{name}", () => new LiveQuestion(async ct => (await ReadAsync(queues, jobs, ns, name, ct)).Live()));
    }

    public static Task<IResult> PauseAsync(ConsoleRequest request) => SwitchAsync(request, paused: true);

    public static Task<IResult> ResumeAsync(ConsoleRequest request) => SwitchAsync(request, paused: false);

    /// <summary>Stores what the form says otherwise than what holds.</summary>
    public static async Task<IResult> LimitAsync(ConsoleRequest request)
    {
        if (!TryName(request, out var name)) return request.NotFound(Unknown);
        var model = await ReadAsync(request, name);
        var fields = QueueFields.Read(request.Field);
        var (change, faults) = fields.Change(model.Line.Queue.Limits);
        if (faults.Count > 0) return Shown(request, model with { Fields = fields, Faults = faults });
        var outcome = await request.Queues.SetAsync(request.View.Namespace, name, change, request.Aborted);
        if (outcome is QueueOutcome.Refused { Refusal: var refusal }) return Shown(request, model with { Fields = fields, Faults = Faults(refusal) });
        await request.RecordAsync("setQueue", name);
        return request.Redirect(request.Links.To($"queues/{Uri.EscapeDataString(name)}", "saved", "yes"));
    }

    public static async Task<IResult> ResetAsync(ConsoleRequest request)
    {
        if (!TryName(request, out var name)) return request.NotFound(Unknown);
        if (await request.Queues.ResetAsync(request.View.Namespace, name, request.Aborted) is QueueOutcome.Refused refused) return request.Refused(refused.Refusal);
        await request.RecordAsync("resetQueue", name);
        return request.Redirect(request.Links.To($"queues/{Uri.EscapeDataString(name)}", "saved", "yes"));
    }

    private const string Unknown = "That is no name of a queue.";

    private static async Task<IResult> SwitchAsync(ConsoleRequest request, bool paused)
    {
        if (!TryName(request, out var name)) return request.NotFound(Unknown);
        var change = new QueueChange { Paused = new Setting<bool>(paused) };
        if (await request.Queues.SetAsync(request.View.Namespace, name, change, request.Aborted) is QueueOutcome.Refused refused) return request.Refused(refused.Refusal);
        await request.RecordAsync("setQueue", name);
        return request.Redirect(request.Field("from") == "queue" ? request.Links.Queue(name) : request.Links.To("queues", paused ? "paused" : "resumed", name));
    }

    private static IResult Shown(ConsoleRequest request, QueueModel model) => ConsolePage.Of<QueuePage>(request.View, model, StatusCodes.Status400BadRequest);

    private static Dictionary<string, string> Faults(Refusal refusal) =>
        refusal.Faults is { Count: > 0 } faults ? faults.GroupBy(fault => QueueFields.FieldOf(fault.Pointer)).ToDictionary(group => group.Key, group => group.First().Message, StringComparer.Ordinal) : new() { [""] = refusal.Detail };

    private static Task<QueueModel> ReadAsync(ConsoleRequest request, string name) => ReadAsync(request.Queues, request.Jobs, request.View.Namespace, name, request.Aborted);

    private static async Task<QueueModel> ReadAsync(IQueues queues, IJobs jobs, Namespace ns, string name, CancellationToken ct)
    {
        var queue = await queues.GetAsync(ns, name, ct);
        return new QueueModel(QueueLine.From(queue, jobs.Statistics(ns))) { Fields = QueueFields.Of(queue.Limits) };
    }

    private static bool TryName(ConsoleRequest request, out string name)
    {
        name = request.Http.Request.RouteValues["name"] as string ?? "";
        return QueueNames.Check(name) is null;
    }
}

/// <summary>The texts of the limits form; empty means no limit.</summary>
public sealed record QueueFields(string Concurrency, string Rate, string Per, string KeyConcurrency, string KeyRate, string KeyPer)
{
    public static QueueFields Of(QueueLimits limits) => new(
        Text(limits.Concurrency), Text(limits.Rate.Limit), PerText(limits.Rate), Text(limits.KeyConcurrency), Text(limits.KeyRate.Limit), PerText(limits.KeyRate));

    public static QueueFields Read(Func<string, string?> field) => new(
        field("concurrency") ?? "", field("rate") ?? "", field("per") ?? "", field("keyConcurrency") ?? "", field("keyRate") ?? "", field("keyPer") ?? "");

    /// <summary>Name of the field that a pointer of a refusal means.</summary>
    public static string FieldOf(string pointer) => pointer switch
    {
        "/rate/limit" or "/rate" => "rate",
        "/rate/per" => "per",
        "/keyRate/limit" or "/keyRate" => "keyRate",
        "/keyRate/per" => "keyPer",
        _ => pointer.TrimStart('/'),
    };

    /// <summary>What would make the limits as the fields say; members that are so already stay untouched.</summary>
    public (QueueChange Change, Dictionary<string, string> Faults) Change(QueueLimits now)
    {
        var faults = new Dictionary<string, string>(StringComparer.Ordinal);
        var change = new QueueChange
        {
            Concurrency = Other(Count("concurrency", Concurrency, faults), now.Concurrency),
            Rate = Other(RateOf("rate", Rate, "per", Per, faults), now.Rate),
            KeyConcurrency = Other(Count("keyConcurrency", KeyConcurrency, faults), now.KeyConcurrency),
            KeyRate = Other(RateOf("keyRate", KeyRate, "keyPer", KeyPer, faults), now.KeyRate),
        };
        return (change, faults);
    }

    private static Setting<T>? Other<T>(T wanted, T now)
        where T : struct, IEquatable<T> => wanted.Equals(now) ? null : new Setting<T>(wanted);

    private static int Count(string name, string text, Dictionary<string, string> faults)
    {
        if (text.Length == 0) return 0;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return count;
        faults[name] = $"Write a whole number from 1 to {Words.Count(QueueLimits.MaxConcurrency)}, or nothing for no limit.";
        return 0;
    }

    private static Rate RateOf(string name, string text, string perName, string per, Dictionary<string, string> faults)
    {
        if (text.Length == 0) return default;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
            faults[name] = $"Write a whole number from 1 to {Words.Count(Jobs.Rate.MaxLimit)}, or nothing for no limit.";
        var length = TimeSpan.FromSeconds(1);
        if (per.Length > 0 && !Durations.TryParse(per, out length)) faults[perName] = "Write a duration such as 500ms, 1s or 1m.";
        return limit == 0 ? default : new Rate(limit, length);
    }

    private static string Text(int limit) => limit > 0 ? limit.ToString(CultureInfo.InvariantCulture) : "";

    private static string PerText(Rate rate) => rate.IsNone ? "" : rate.Per.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s";
}

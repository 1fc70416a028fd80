using ActorPerf.Jobs;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A job as a row of the table shows it.</summary>
public sealed record JobLine(Job Job, DateTimeOffset Now, string Link)
{
    public JobRow Row => Job.Row;

    public string Id => Row.Id.ToString();

    /// <summary>The end of the id: the beginning is the time, which neighbours share.</summary>
    public string ShortId => "…" + Id[^8..];

    public string Attempt => Row.Attempt == 0 ? "–" : Row.Attempt <= 1 && Row.Excused == 0 ? "1" : $"{Row.Attempt} of {Row.MaxAttempts + Row.Excused}";

    /// <summary>From when it could run until it (last) did, or until now.</summary>
    public string Waited => Times.Waited(Row, Now) is { } waited ? Words.Duration(waited) : "–";

    public string Ran => Times.Ran(Row, Now) is { } ran ? Words.Duration(ran) : "–";

    /// <summary>When the row last became what it is: its end, else its start, else its submission.</summary>
    public DateTimeOffset Since => Row.FinishedAt ?? (Row.State.IsActive ? Row.StartedAt : null) ?? Row.CreatedAt;

    public string Node => Row.Node ?? "–";

    /// <summary>Why it waits or why it failed, in short; "" when there is nothing to say.</summary>
    public string Note => Row.State switch
    {
        JobState.Failed or JobState.Retrying => Row.Error?.Message ?? "",
        JobState.Queued => Job.Reason ?? "",
        JobState.Running when Job.Progress is { } progress => $"{Words.Percent(progress.Percent / 100)}{(progress.Message is { } message ? $" · {message}" : "")}",
        JobState.Succeeded when Row.Cached => "from memory",
        _ => "",
    };

    public LiveRow Live() => new(Id, new LiveValues
    {
        ["pick@value"] = Id,
        ["pick@title"] = $"Choose {Row.Task} {ShortId}",
        ["state"] = Row.State.Word,
        ["state@data-state"] = Row.State.Word,
        ["task"] = Row.Task,
        ["task@href"] = Link,
        ["note"] = Note,
        ["note@title"] = Note,
        ["id"] = ShortId,
        ["id@title"] = Id,
        ["queue"] = Row.Queue,
        ["attempt"] = Attempt,
        ["waited"] = Waited,
        ["ran"] = Ran,
        ["since@datetime"] = Words.Exact(Since),
        ["since@title"] = Words.Exact(Since),
        ["node"] = Node,
    });
}

/// <summary>How long a job waited and ran, from its row. Pure.</summary>
public static class Times
{
    /// <summary>Null while it is not its turn yet.</summary>
    public static TimeSpan? Waited(JobRow row, DateTimeOffset now)
    {
        if (row.State is JobState.Scheduled or JobState.Retrying or JobState.Held) return null;
        var until = row.State == JobState.Queued ? now : row.StartedAt ?? row.FinishedAt ?? now;
        return until > row.RunAt ? until - row.RunAt : TimeSpan.Zero; // clocks differ a little; nothing waits less than not at all
    }

    /// <summary>Of the latest run; null before the first.</summary>
    public static TimeSpan? Ran(JobRow row, DateTimeOffset now)
    {
        if (row.StartedAt is not { } started) return null;
        if (row.State.IsActive) return now > started ? now - started : TimeSpan.Zero;
        return row.State.IsFinal && row.FinishedAt is { } finished && finished >= started ? finished - started : null;
    }
}

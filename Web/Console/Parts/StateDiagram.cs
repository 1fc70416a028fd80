using ActorPerf.Jobs;

namespace ActorPerf.Web.Console.Parts;

/// <summary>Where the states of a job stand in the diagram, and how the ways between them run. Pure.</summary>
public static class StateDiagram
{
    public const int Width = 900;
    public const int Height = 272;
    public const int BoxWidth = 112;
    public const int BoxHeight = 34;
    private const int Half = BoxWidth / 2;
    private const int Rise = BoxHeight / 2;

    /// <summary>The middle of a state's box.</summary>
    public static (int X, int Y) Place(JobState state) => state switch
    {
        JobState.Held => (70, 66),
        JobState.Scheduled => (70, 160),
        JobState.Queued => (262, 113),
        JobState.Retrying => (378, 48),
        JobState.Running => (494, 113),
        JobState.Cancelling => (660, 178),
        JobState.Succeeded => (826, 42),
        JobState.Failed => (826, 98),
        JobState.Cancelled => (826, 178),
        _ => (826, 240),
    };

    /// <summary>The line of a move, as path data that begins and ends at the boxes' edges.</summary>
    public static string Way(JobMove move)
    {
        var (a, b) = (Place(move.From), Place(move.To));
        return move switch
        {
            (JobState.Held, JobState.Scheduled) => $"M{a.X} {a.Y + Rise}L{b.X} {b.Y - Rise}",
            (JobState.Running, JobState.Held) => $"M{a.X + 20} {a.Y - Rise}C{a.X + 20} -14 {b.X} -14 {b.X} {b.Y - Rise}",
            (JobState.Running, JobState.Scheduled) => $"M{a.X - 20} {a.Y + Rise}C{a.X - 20} 216 {b.X} 216 {b.X} {b.Y + Rise}",
            (JobState.Running, JobState.Queued) => $"M{a.X - 36} {a.Y + Rise}C{a.X - 50} 168 {b.X + 50} 168 {b.X + 36} {b.Y + Rise}",
            (JobState.Running, JobState.Retrying) => $"M{a.X - 10} {a.Y - Rise}C{a.X - 10} {b.Y} {a.X - 20} {b.Y} {b.X + Half} {b.Y}",
            (JobState.Retrying, JobState.Queued) => $"M{a.X - Half} {a.Y}C{b.X + 20} {a.Y} {b.X + 10} {a.Y} {b.X + 10} {b.Y - Rise}",
            (JobState.Queued, JobState.Scheduled) => $"M{a.X - Half} {a.Y + 10}C{a.X - 100} {a.Y + 10} {b.X + 90} {b.Y + 8} {b.X + Half} {b.Y + 8}",
            (JobState.Held, JobState.Failed) => $"M{a.X + 30} {a.Y - Rise}C{a.X + 120} 0 {b.X - 150} -20 {b.X - Half} {b.Y - 8}",
            (JobState.Retrying, JobState.Cancelled or JobState.Expired) => $"M{a.X + 14} {a.Y + Rise}C{a.X + 14} {b.Y + 4} {b.X - 190} {b.Y + 4} {b.X - Half} {b.Y + 4}",
            (_, JobState.Cancelled or JobState.Expired) when move.From is JobState.Held or JobState.Scheduled or JobState.Queued =>
                $"M{a.X - 24} {a.Y + Rise}C{a.X - 24} {b.Y + 22} {a.X + 60} {b.Y + 8} {b.X - Half} {b.Y + 8}",
            _ => $"M{a.X + Half} {a.Y}C{(a.X + b.X) / 2} {a.Y} {(a.X + b.X) / 2} {b.Y} {b.X - Half} {b.Y}",
        };
    }
}

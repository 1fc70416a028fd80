namespace ActorPerf.Tracing;

/// <summary>The grid that everything kept over time stands on: the last 15 minutes in slots of five seconds.</summary>
public static class TimeSlots
{
    /// <summary>Slots that are kept.</summary>
    public const int Count = 180;

    public const int Seconds = 5;

    /// <summary>Number of the slot that a moment falls into; consecutive slots have consecutive numbers.</summary>
    public static long Of(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / Seconds;

    /// <summary>How far the slot of a moment has come, in seconds: 1 to 5.</summary>
    public static int Elapsed(DateTimeOffset moment) => 1 + (int)(moment.ToUnixTimeSeconds() % Seconds);
}

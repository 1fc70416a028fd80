using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Logs;

/// <summary>Levels in words, the less serious first.</summary>
internal static class LogLevelWords
{
    private static readonly string[] Words = ["trace", "debug", "information", "warning", "error", "critical", "none"];

    public static string Known { get; } = string.Join(", ", Words);

    public static string Word(this LogLevel level) => Words[(int)level];

    public static bool TryParse(string word, out LogLevel level)
    {
        level = (LogLevel)Array.IndexOf(Words, word);
        return level >= 0;
    }
}

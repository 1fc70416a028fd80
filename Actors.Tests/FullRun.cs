using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ActorPerf.Tests;

/// <summary>Which tests run: the default run needs nothing installed and ends within minutes; the full one
/// (<c>ACTORPERF_TEST_FULL=1</c>, as <c>.ci/run</c> sets it) adds what is long or needs other programs.</summary>
public static class FullRun
{
    public const string Variable = "ACTORPERF_TEST_FULL";

    /// <summary>Why a test of the full run is skipped; null in a full run.</summary>
    public static string? SkipReason { get; } = Reason(Environment.GetEnvironmentVariable(Variable));

    /// <summary>A test's size, such as its seeds: the whole in a full run, less in the default one.</summary>
    public static int Of(int full, int plain) => SkipReason is null ? full : plain;

    /// <summary>Null where the variable's value asks for the full run.</summary>
    public static string? Reason(string? value) => value is "1" or "true" ? null : $"set {Variable}=1 (or run .ci/run)";
}

/// <summary>A fact of the full run: long, or in need of programs that <c>.ci/run</c> installs.</summary>
[AttributeUsage(AttributeTargets.Method)]
[SuppressMessage("Design", "CA1019:Define accessors for attribute arguments", Justification = "The base attribute has them.")]
[SuppressMessage("Performance", "CA1813:Avoid unsealed attributes", Justification = "Facts that need one program more derive from it.")]
public class FullFactAttribute : FactAttribute
{
    public FullFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        if (FullRun.SkipReason is { } reason) Skip = reason;
    }
}

/// <summary>A theory of the full run.</summary>
[AttributeUsage(AttributeTargets.Method)]
[SuppressMessage("Design", "CA1019:Define accessors for attribute arguments", Justification = "The base attribute has them.")]
[SuppressMessage("Performance", "CA1813:Avoid unsealed attributes", Justification = "Theories that need one program more derive from it.")]
public class FullTheoryAttribute : TheoryAttribute
{
    public FullTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        if (FullRun.SkipReason is { } reason) Skip = reason;
    }
}

/// <summary>A fact of the full run that drives a browser.</summary>
[AttributeUsage(AttributeTargets.Method)]
[SuppressMessage("Design", "CA1019:Define accessors for attribute arguments", Justification = "The base attribute has them.")]
public sealed class ChromiumFactAttribute : FullFactAttribute
{
    public ChromiumFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        Skip ??= Programs.Find("chromium", "chromium-browser", "google-chrome") is null
            ? "no Chromium on PATH: apt-get install -y chromium (or run .ci/run)"
            : null;
    }
}

/// <summary>A fact of the full run that starts a PostgreSQL server of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
[SuppressMessage("Design", "CA1019:Define accessors for attribute arguments", Justification = "The base attribute has them.")]
public sealed class PostgresFactAttribute : FullFactAttribute
{
    public PostgresFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        Skip ??= Programs.PostgresMissing;
    }
}

/// <summary>A theory of the full run over a PostgreSQL server of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
[SuppressMessage("Design", "CA1019:Define accessors for attribute arguments", Justification = "The base attribute has them.")]
public sealed class PostgresTheoryAttribute : FullTheoryAttribute
{
    public PostgresTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        Skip ??= Programs.PostgresMissing;
    }
}

/// <summary>Where installed programs are.</summary>
public static class Programs
{
    /// <summary>Folder with <c>initdb</c> and <c>postgres</c>, the newest version first; null where there is none.</summary>
    /// <remarks>Debian keeps them off PATH, one folder per version.</remarks>
    public static string? PostgresFolder { get; } = Path.GetDirectoryName(Find("initdb")) ?? NewestDebianPostgres();

    /// <summary>Why tests over PostgreSQL are skipped; null where a server is installed.</summary>
    public static string? PostgresMissing => PostgresFolder is null ? "no PostgreSQL found: apt-get install -y postgresql (or run .ci/run)" : null;

    /// <summary>Full path of the first of these programs on PATH; null where there is none.</summary>
    public static string? Find(params ReadOnlySpan<string> names)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in names)
            if (Array.Find(folders, folder => File.Exists(Path.Combine(folder, name))) is { } folder)
                return Path.Combine(folder, name);
        return null;
    }

    private static string? NewestDebianPostgres()
    {
        const string root = "/usr/lib/postgresql";
        return Directory.Exists(root)
            ? Directory.GetDirectories(root)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
                .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            : null;
    }
}

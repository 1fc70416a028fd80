namespace ActorPerf.Configuration;

/// <summary>Where a setting was written: a place in a file, or a named source without lines.</summary>
/// <param name="Source">The file as it was named, or words such as <c>environment variable ACTORPERF__HTTP__URL</c>.</param>
/// <param name="Line">Counted from 1; 0 where the source has no lines.</param>
/// <param name="Column">Counted from 1 in UTF-16 characters, a tab is one; 0 where the source has no lines.</param>
public readonly record struct Origin(string Source, int Line, int Column)
{
    /// <summary>A source that has no lines, such as the command line.</summary>
    public static Origin Of(string source) => new(source, 0, 0);

    /// <returns><c>FILE:LINE:COLUMN</c>, or the source alone where it has no lines.</returns>
    public override string ToString() => Line == 0 ? Source : $"{Source}:{Line}:{Column}";
}

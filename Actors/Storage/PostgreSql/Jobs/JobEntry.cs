using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>A job inside a transaction: as it is stored, and as it is by what was decided so far. Its row is locked, or is not there for anybody else.</summary>
internal sealed class JobEntry
{
    /// <param name="was">As it is stored; null for a new job.</param>
    /// <param name="row">As it is now.</param>
    public JobEntry(JobRow? was, JobRow row, ReadOnlyMemory<byte> args) => (Was, Row, Args) = (was, row, args);

    public JobRow? Was { get; }

    public JobRow Row { get; set; }

    public ReadOnlyMemory<byte> Args { get; set; }

    /// <summary>Known where <see cref="HasResult"/> says so.</summary>
    public ReadOnlyMemory<byte>? Result { get; set; }

    /// <summary><see cref="Result"/> was read, or can only be what this transaction writes.</summary>
    public bool HasResult { get; set; }

    public ReadOnlyMemory<byte>? Checkpoint { get; set; }

    /// <summary>What the submission brought beside the row; null for a job that is stored.</summary>
    public NewJob? New { get; set; }

    public bool Blocked { get; set; }

    public bool WasBlocked { get; init; }

    /// <summary>The row differs from what is stored.</summary>
    public bool Changed => Was is not null && (!ReferenceEquals(Was, Row) || Blocked != WasBlocked);

    /// <summary>Arguments to write in place of those that are stored.</summary>
    public bool ArgsChanged { get; set; }

    /// <summary>With <see cref="ArgsChanged"/>: the list of its searchable arguments, to be kept; null where it stays as it is.</summary>
    public string? Terms { get; set; }

    /// <summary>Written with <see cref="Result"/>.</summary>
    public ResultMedia? Media { get; set; }

    public bool ResultChanged { get; set; }

    /// <summary><see cref="Result"/> as it is kept where that is smaller; null until somebody asked, and where it is not.</summary>
    public byte[]? Packed { get; set; }

    public bool CheckpointChanged { get; set; }

    public Job Job => new(Row, Args, Result, null);
}

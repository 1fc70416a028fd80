using System.Diagnostics;
using System.Globalization;

namespace ActorPerf.Cluster;

/// <summary>Named places in a job's life at which a process can be made to die as by <c>kill -9</c>, to prove what a restart finds. Off unless <see cref="Variable"/> names one; then a look at a
/// field that never changes, which costs nothing in compiled code.</summary>
/// <remarks><c>ACTORPERF_CRASH_AT=finish-committed</c> kills at the first time the place is reached, <c>finish-committed:3</c> at the third. For tests; docs/invariants.md lists what each leaves behind.</remarks>
public static class CrashPoints
{
    public const string Variable = "ACTORPERF_CRASH_AT";

    /// <summary>Jobs are in the open transaction.</summary>
    public const string SubmitBeforeCommit = "submit-before-commit";

    /// <summary>Jobs are durable, and nobody has been told.</summary>
    public const string SubmitCommitted = "submit-committed";

    /// <summary>The submitter's answer is on its way.</summary>
    public const string SubmitAnswered = "submit-answered";

    /// <summary>A run stands in the row, and its code has not begun.</summary>
    public const string ClaimCommitted = "claim-committed";

    /// <summary>The code has ended, and the store does not know it.</summary>
    public const string RunEnded = "run-ended";

    /// <summary>A result is in the open transaction.</summary>
    public const string FinishBeforeCommit = "finish-before-commit";

    /// <summary>A result is durable, and nobody has been told.</summary>
    public const string FinishCommitted = "finish-committed";

    /// <summary>A running job stands as asked to stop, and its code has not been told.</summary>
    public const string CancelCommitted = "cancel-committed";

    /// <summary>Lost runs are found, and not yet moved.</summary>
    public const string ReapSelected = "reap-selected";

    /// <summary>A tick's job is durable, and the schedule's place in time is not.</summary>
    public const string ScheduleSubmitted = "schedule-submitted";

    /// <summary>A running job's checkpoint is in the open transaction.</summary>
    public const string CheckpointBeforeCommit = "checkpoint-before-commit";

    /// <summary>A job was deleted in the open transaction.</summary>
    public const string PruneBeforeCommit = "prune-before-commit";

    /// <summary>A schema's step is in the open transaction.</summary>
    public const string MigrationBeforeCommit = "migration-before-commit";

    public static IReadOnlyList<string> All { get; } =
    [
        SubmitBeforeCommit, SubmitCommitted, SubmitAnswered, ClaimCommitted, RunEnded, FinishBeforeCommit, FinishCommitted, CancelCommitted, ReapSelected,
        ScheduleSubmitted, CheckpointBeforeCommit, PruneBeforeCommit, MigrationBeforeCommit,
    ];

    // Behind the list, which it looks into.
    private static readonly ArmedPoint? Armed = ArmedPoint.Read(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Execution is here. Does not return when the process was to die here.</summary>
    public static void Reach(string point) => Armed?.Reach(point);

    /// <summary>The one place at which this process is to die.</summary>
    internal sealed class ArmedPoint(string point, int times)
    {
        private int _left = times;

        public string Point => point;

        public int Left => _left;

        /// <summary>Null for none.</summary>
        /// <exception cref="ArgumentException">There is no such place, or the count is no number from 1.</exception>
        public static ArmedPoint? Read(string? setting)
        {
            if (string.IsNullOrEmpty(setting)) return null;
            var (name, count) = setting.Split(':') is [var first, var second] ? (first, second) : (setting, "1");
            if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var times) || times < 1 || !All.Contains(name))
                throw new ArgumentException($"{Variable}={setting} names no place to crash at. Write one of {string.Join(", ", All)}, with ':N' behind it for the Nth time.");
            return new ArmedPoint(name, times);
        }

        public void Reach(string reached)
        {
            if (reached == point && Interlocked.Decrement(ref _left) == 0) Process.GetCurrentProcess().Kill();
        }
    }
}

using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>The refusals of jobs, each said in one place.</summary>
public static class JobRefusals
{
    public static Refusal BatchRefused { get; } = new("batch-refused",
        "Not stored: another job of this atomic batch was refused. Mend that one and send the batch again.");

    public static Refusal IdConflict(JobId id) => new("id-conflict",
        $"Job {id} exists already and was submitted with another body. Use a new id, or send the same body again to get that job.");

    public static Refusal Needed(JobId id) => new("state-conflict",
        $"Job {id} cannot be deleted: a job that has not finished depends on it. Delete it when that one has ended, or cancel that one first.");

    internal const string UniqueConflictCode = "unique-conflict";

    /// <param name="other">What the sender calls the job of the same batch that has the key too.</param>
    public static Refusal UniqueInBatch(string key, string other) => new(UniqueConflictCode,
        $"Unique key '{key}' is that of {other} of this batch too, and one job at a time holds it. Nothing was stored: leave one of the two out, or give them different keys.");

    public static Refusal UniqueConflict(string key, JobRow holder) => new(UniqueConflictCode,
        $"Unique key '{key}' is held by job {holder.Id}, which is {holder.State.Word}. Wait until it has {(holder.UniqueUntil == UniqueUntil.Started ? "started" : "finished")}, cancel it, or submit with another key.");

    public static Refusal OtherVersion(JobRow row) => new("precondition-failed",
        $"Job {row.Id} stands at version {row.Version}, which the condition does not name. Read it again, and repeat with the ETag it has then.");

    public static Refusal IdempotencyMismatch(string key) => new("idempotency-mismatch",
        $"Idempotency-Key '{key}' was used with another body in the last 24 hours. Use a new key for a new job.");

    internal const string QueueFullCode = "queue-full";

    /// <param name="room">When there is likely to be room.</param>
    public static Refusal QueueFull(string queue, long waiting, long limit, TimeSpan room) => new(QueueFullCode,
        $"Queue '{queue}' is full ({waiting} jobs wait). Retry after {room.TotalSeconds:0} s, or raise actorperf.queues.{queue}.max-waiting (now {limit}).")
    { RetryAfter = room };

    public static Refusal Busy { get; } = new("busy", "More submissions wait for the store than it can take. Retry after 1 s.")
    { RetryAfter = TimeSpan.FromSeconds(1) };

    public static Refusal Draining { get; } = new("draining", "This node is stopping and takes no new work. Ask another node, or retry after 5 s.")
    { RetryAfter = TimeSpan.FromSeconds(5) };
}

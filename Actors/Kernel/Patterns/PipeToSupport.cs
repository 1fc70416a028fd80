namespace ActorPerf.Kernel;

/// <summary>Tasks whose outcome becomes a message: the way an actor waits without stopping.</summary>
public static class PipeToSupport
{
    /// <summary>Tells <paramref name="recipient"/> the result, or <see cref="Status.Failure"/> when the task failed, was cancelled, or has no message for a result: null.</summary>
    /// <param name="taskToPipe">Any task.</param>
    /// <param name="recipient">Usually <c>Self</c>.</param>
    /// <param name="sender">Sender of the message; null for nobody.</param>
    /// <param name="success">Turns the result into the message.</param>
    /// <param name="failure">Turns the exception into the message.</param>
    /// <returns>Ends when the message was sent; it never fails for the task's sake.</returns>
    public static async Task PipeTo<T>(
        this Task<T> taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<T, object>? success = null, Func<Exception, object>? failure = null)
    {
        try
        {
            var result = await (recipient.FindSystem()?.Own(taskToPipe) ?? taskToPipe).ConfigureAwait(false);
            recipient.Tell((success is null ? result : success(result))!, sender);
        }
        catch (Exception e)
        {
            recipient.Tell(failure is null ? new Status.Failure(e) : failure(e), sender);
        }
    }

    public static Task PipeTo<T>(
        this ValueTask<T> taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<T, object>? success = null, Func<Exception, object>? failure = null) =>
        taskToPipe.AsTask().PipeTo(recipient, sender, success, failure);

    /// <summary>As above for a task without a result: without <paramref name="success"/> only a failure is told.</summary>
    public static async Task PipeTo(
        this Task taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<object>? success = null, Func<Exception, object>? failure = null)
    {
        try
        {
            await (recipient.FindSystem()?.Own(taskToPipe) ?? taskToPipe).ConfigureAwait(false);
            if (success is not null) recipient.Tell(success(), sender);
        }
        catch (Exception e)
        {
            recipient.Tell(failure is null ? new Status.Failure(e) : failure(e), sender);
        }
    }

    public static Task PipeTo(
        this ValueTask taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<object>? success = null, Func<Exception, object>? failure = null) =>
        taskToPipe.AsTask().PipeTo(recipient, sender, success, failure);
}

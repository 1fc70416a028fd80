namespace ActorPerf.Tasks.Commands;

/// <summary>One call as one process: arguments in, result out, and nothing of it left behind.</summary>
internal sealed class OneShotCall(CommandDefinition definition, CommandHost host)
{
    /// <summary>A grandchild that holds a pipe open after the process ended delays the answer by so much and no more.</summary>
    public static readonly TimeSpan PipePatience = TimeSpan.FromSeconds(1);

    /// <summary>Once whoever held a pipe was ended, the pipe ends too; so long a machine with no time for it may need to hand over what was written before.
    /// Only a process out of reach (another user's, without our mark) makes a call wait for all of it.</summary>
    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(10);

    private const int Shown = 200;

    public async Task<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        var mark = RunMark.New(host.Node);
        var errors = new ErrorLines();
        var output = new BoundedOutput(host.MaxResultBytes);
        using var pipes = new CancellationTokenSource(); // gives the reading up; not the caller's, for what came counts
        await using var child = ChildStart.Start(definition.Spec(CommandEnvironment.ForCall(definition, context, mark), mark));
        var reading = Task.WhenAll(
            Pipes.ReadApartAsync(() => output.ReadAsync(child.Output, pipes.Token)),
            Pipes.ReadApartAsync(() => new LineReader(child.Errors, ErrorLines.MaxLine).ReadAsync((line, cut) => errors.Add(line, cut, context), pipes.Token)));
        var writing = WriteAsync(child, args, pipes.Token);
        try
        {
            await Task.WhenAny(child.Exited, output.Overflow).WaitAsync(ct);
            if (!child.Exited.IsCompleted) throw new TaskFailedException(await FloodAsync(child, output));
            await DrainAsync(child, reading);
            var exit = await child.Exited;
            if (exit is { Signal: 0, Code: ExitRules.Retry } && errors.Snooze is { } snooze) throw new SnoozeException(snooze);
            if (!exit.IsSuccess) throw new TaskFailedException(ExitRules.Failure(exit, definition.Command[0], errors));
            if (output.Overflow.IsCompleted) throw new TaskFailedException(TooLarge(output));
            return OutputRules.Result(output.Written, definition.ResultMedia, definition.Command[0]);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await EndAsync(child);
            throw;
        }
        finally
        {
            await pipes.CancelAsync();
            await reading;
            await writing;
            host.Leftovers.Ended(mark.Run);
        }
    }

    private static async Task WriteAsync(IChild child, ReadOnlyMemory<byte> args, CancellationToken ct)
    {
        await Pipes.TryWriteAsync(child.Input, args, ct);
        await child.Input.DisposeAsync();
    }

    /// <summary>Waits for the ends of the pipes. Whoever still holds them then is ended.</summary>
    private async Task DrainAsync(IChild child, Task reading)
    {
        if (await EndsAsync(reading, PipePatience)) return;
        await child.KillTreeAsync();
        await EndsAsync(reading, LastWordsPatience);
    }

    private async Task EndAsync(IChild child)
    {
        child.Terminate();
        await EndsAsync(child.Exited, definition.KillAfter);
        await child.KillTreeAsync();
    }

    private async Task<TaskError> FloodAsync(IChild child, BoundedOutput output)
    {
        await child.KillTreeAsync();
        return TooLarge(output);
    }

    private TaskError TooLarge(BoundedOutput output)
    {
        var beginning = System.Text.Encoding.UTF8.GetString(output.Written.Span[..Math.Min(Shown, output.Written.Length)]).ReplaceLineEndings(" ");
        return new TaskError("output-too-large",
            $"Command '{definition.Command[0]}' wrote more than {host.MaxResultBytes} bytes to standard output and was ended. Write less, store the result elsewhere and write where, or raise actorperf.compute.max-result-bytes. It began with: {beginning}… (cut)",
            Retryable: false);
    }

    private async Task<bool> EndsAsync(Task task, TimeSpan within)
    {
        using var waiting = new CancellationTokenSource();
        await Task.WhenAny(task, Task.Delay(within, host.Time, waiting.Token));
        await waiting.CancelAsync();
        return task.IsCompleted;
    }
}

namespace ActorPerf.Tasks.Commands;

/// <summary>Reading and writing pipes whose other end may go at any time.</summary>
internal static class Pipes
{
    /// <summary>Starts the reading of a pipe away from the caller: a process that floods its pipe always has more to read, so that the loop
    /// would never come back to whoever could end the process.</summary>
    public static Task ReadApartAsync(Func<Task> read) => Task.Run(read);

    /// <returns>0 at the end, also when the pipe broke, was closed here, or the reading was given up.</returns>
    public static async ValueTask<int> ReadAsync(Stream pipe, Memory<byte> buffer, CancellationToken ct)
    {
        try
        {
            return await pipe.ReadAsync(buffer, ct);
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or OperationCanceledException)
        {
            return 0;
        }
    }

    /// <returns>False when nobody reads any more; that is the reader's right.</returns>
    public static async ValueTask<bool> TryWriteAsync(Stream pipe, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            await pipe.WriteAsync(bytes, ct);
            await pipe.FlushAsync(ct);
            return true;
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }
}

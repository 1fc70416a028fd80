using System.Buffers;

namespace ActorPerf.Tasks.Commands;

/// <summary>What a process writes to its standard output, up to a bound. Beyond it nothing is read: whoever waits for <see cref="Overflow"/> ends the process.</summary>
internal sealed class BoundedOutput(int most)
{
    private const int FirstBuffer = 4 * 1024;
    private const int Piece = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new(FirstBuffer);
    private readonly TaskCompletionSource _overflow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when there is more than the bound.</summary>
    public Task Overflow => _overflow.Task;

    /// <summary>To be read when <see cref="ReadAsync"/> has ended.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public async Task ReadAsync(Stream pipe, CancellationToken ct)
    {
        while (true)
        {
            // Never more than one byte over the bound, so that a flood costs what a result may cost.
            var room = Math.Min(most - _bytes.WrittenCount + 1, Piece);
            var free = _bytes.GetMemory(Math.Min(room, FirstBuffer));
            var read = await Pipes.ReadAsync(pipe, free[..Math.Min(free.Length, room)], ct);
            if (read == 0) return;
            _bytes.Advance(read);
            if (_bytes.WrittenCount <= most) continue;
            _overflow.TrySetResult();
            return;
        }
    }
}

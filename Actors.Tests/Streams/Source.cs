using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ActorPerf.Tests.Streams;

/// <summary>A source that tells how far it was read, and whether it was disposed.</summary>
internal sealed class Source
{
    private readonly Channel<int> _pushed = Channel.CreateUnbounded<int>();

    public int Read { get; private set; }

    public bool Disposed { get; private set; }

    /// <summary>Numbers from 0, each at once.</summary>
    public async IAsyncEnumerable<int> Numbers(int count, Exception? failure = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                ct.ThrowIfCancellationRequested();
                Read++;
                yield return i;
            }
            if (failure is not null) throw failure;
            await Task.CompletedTask;
        }
        finally
        {
            Disposed = true;
        }
    }

    /// <summary>What <see cref="Push"/> gives it.</summary>
    public async IAsyncEnumerable<int> Pushed([EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            await foreach (var item in _pushed.Reader.ReadAllAsync(ct))
            {
                Read++;
                yield return item;
            }
        }
        finally
        {
            Disposed = true;
        }
    }

    public void Push(params ReadOnlySpan<int> items)
    {
        foreach (var item in items) _pushed.Writer.TryWrite(item);
    }

    public void End() => _pushed.Writer.Complete();

    public static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> stream)
    {
        var list = new List<T>();
        await foreach (var item in stream) list.Add(item);
        return list;
    }
}

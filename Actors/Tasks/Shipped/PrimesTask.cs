using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Numerics;

namespace ActorPerf.Tasks.Shipped;

/// <param name="Limit">Primes below this number are counted.</param>
public sealed record PrimesArgs([property: Range(typeof(long), "0", "10000000")] long Limit);

/// <summary>Counts primes: work that holds a processor.</summary>
[ComputeTask("primes", Summary = "How many primes are below a limit of at most 10,000,000; holds a processor.", Queue = "cpu")]
public sealed class PrimesTask : IComputeTask<PrimesArgs, int>
{
    public ValueTask<int> RunAsync(PrimesArgs args, TaskContext context, CancellationToken ct) => new(CountBelow((int)args.Limit, ct));

    /// <summary>The sieve of Eratosthenes over odd numbers, one bit each: bit i stands for 2i + 1.</summary>
    private static int CountBelow(int limit, CancellationToken ct)
    {
        if (limit <= 2) return 0;
        var odds = limit / 2;                                  // 1, 3, 5, … below the limit
        var length = (odds + 63) / 64;
        var composite = ArrayPool<ulong>.Shared.Rent(length);
        try
        {
            Array.Clear(composite, 0, length);
            for (var i = 1; 2L * i * (i + 1) < odds; i++)      // 2i(i+1) is the bit of (2i+1)²
            {
                if ((composite[i >> 6] >> i & 1) != 0) continue;
                ct.ThrowIfCancellationRequested();             // after every prime: at most a few million bits apart
                for (var j = 2 * i * (i + 1); j < odds; j += 2 * i + 1) composite[j >> 6] |= 1UL << j;
            }
            var found = 0;
            for (var word = 0; word < length; word++) found += BitOperations.PopCount(composite[word]);
            return odds - found;                               // 1 is no prime and never crossed out; 2 is one and has no bit
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(composite);
        }
    }
}

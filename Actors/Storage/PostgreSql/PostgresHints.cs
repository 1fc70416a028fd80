using System.Globalization;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Tells the other nodes that rows have become durable, and hears it from them: by <c>NOTIFY</c> on a connection of its own, outside the transactions that it tells of.</summary>
/// <remarks>
/// A notification inside a transaction makes all that notify commit one after the other; so it comes behind them, several commits in one. It is a hint: one that
/// is lost costs the time to the next poll and nothing else. The listening connection begins anew when it breaks, and then tells its node to look, for what
/// was said in between is gone.
/// </remarks>
/// <param name="reserved">Connections outside the pool.</param>
/// <param name="origin">This node's mark; its own hints are not for it.</param>
internal sealed class PostgresHints(NpgsqlDataSource reserved, long origin, TimeProvider time, ILogger log) : IDisposable
{
    private const string Channel = "actorperf_feed";

    /// <summary>Hints come at most so often.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>This node's mark.</summary>
    public long Origin => origin;

    private readonly string _origin = origin.ToString(CultureInfo.InvariantCulture);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _told = new(0, 1);
    private Task? _running;
    private int _waiting;       // 1 while a hint waits to be sent
    private int _listened;      // 1 once it has listened: from then on something may have been missed
    private int _stopped;

    /// <summary>Another node may have written. Must not wait.</summary>
    public Action? Changed { get; set; }

    public void Start() => _running = Task.WhenAll(RepeatAsync(SendAsync), RepeatAsync(ListenAsync));

    /// <summary>This node's rows have become durable. Never waits, never fails.</summary>
    public void Tell()
    {
        if (Interlocked.Exchange(ref _waiting, 1) != 0) return;
        try
        {
            _told.Release();
        }
        catch (ObjectDisposedException)
        {
            // The node stops; others find its last rows by themselves.
        }
    }

    /// <summary>The connections end by themselves, soon.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0) return;
        _stop.Cancel();
        if (_running is null) EndOf(Task.CompletedTask);
        else _ = _running.ContinueWith(EndOf, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void EndOf(Task running)
    {
        _stop.Dispose();
        _told.Dispose();
    }

    private async Task SendAsync(NpgsqlConnection connection, Action works, CancellationToken ct)
    {
        works();
        while (true)
        {
            await _told.WaitAsync(ct);
            Interlocked.Exchange(ref _waiting, 0);
            await using var notify = new NpgsqlCommand("SELECT pg_notify($1, $2)", connection).Bind(Text(Channel), Text(_origin));
            await notify.ExecuteNonQueryAsync(ct);
            await Task.Delay(Between, time, ct);
        }
    }

    private async Task ListenAsync(NpgsqlConnection connection, Action works, CancellationToken ct)
    {
        connection.Notification += (_, heard) =>
        {
            if (heard.Payload != _origin) Changed?.Invoke();
        };
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection)) await listen.ExecuteNonQueryAsync(ct);
        works();
        if (Interlocked.Exchange(ref _listened, 1) != 0) Changed?.Invoke();
        while (true) await connection.WaitAsync(ct);
    }

    /// <summary>Does it on a new connection whenever the one before broke.</summary>
    private async Task RepeatAsync(Func<NpgsqlConnection, Action, CancellationToken, Task> work)
    {
        var ct = _stop.Token;
        var pause = FirstPause;
        try
        {
            while (true)
            {
                try
                {
                    await using var connection = await reserved.OpenConnectionAsync(ct);
                    await work(connection, () => pause = FirstPause, ct);
                }
                catch (Exception exception) when (PostgresFaults.IsOfTheConnection(exception) && !ct.IsCancellationRequested)
                {
                    log.HintsBroken(exception.Message, (long)pause.TotalMilliseconds);
                }
                await Task.Delay(pause, time, ct);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // The node stops.
        }
    }
}

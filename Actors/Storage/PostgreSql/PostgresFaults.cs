using System.Net.Sockets;
using ActorPerf.Cluster;
using ActorPerf.Data;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>What an error of the server or the connection means for those who asked.</summary>
internal static class PostgresFaults
{
    /// <summary>Asks the server, and throws what an error means for whoever asked.</summary>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (Translate(exception) is var translated && !ReferenceEquals(translated, exception))
        {
            throw translated;
        }
    }

    /// <summary>It will do on another connection, later.</summary>
    public static bool IsOfTheConnection(Exception exception) => exception is NpgsqlException or SocketException or TimeoutException or IOException or ObjectDisposedException;

    /// <summary>Two transactions met; the same once more will do.</summary>
    public static bool IsCollision(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure,
    };

    /// <summary>The server said no, so the transaction did not take place. Otherwise nobody knows.</summary>
    public static bool IsRefusal(Exception exception) =>
        exception is PostgresException { SqlState: var code } && !code.StartsWith("08", StringComparison.Ordinal) && !code.StartsWith("57P", StringComparison.Ordinal);

    /// <summary>The exception to throw in place of this one; the same where it is a fault of ours or of the set-up.</summary>
    public static Exception Translate(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } full => new StoreFullException("The disk of the database server is full. Nothing changed; free space and try again.", full),
        PostgresException { SqlState: var code } server when Transient(code) => new StoreUnavailableException($"The database server cannot answer now ({server.MessageText}). Nothing changed; try again.", server),
        PostgresException { SqlState: var code } server when OfTheData(code) => new EntityFaultException($"The store refuses it: {server.MessageText}. Nothing changed.", server),
        PostgresException => exception,
        NpgsqlException or SocketException or TimeoutException or IOException =>
            new StoreUnavailableException($"The database server does not answer ({exception.Message}). Nothing changed; try again.", exception),
        _ => exception,
    };

    /// <summary>Connection lost, rolled back, out of a resource, shutting down or starting, or given up after waiting for a lock.</summary>
    private static bool Transient(string code) =>
        code.StartsWith("08", StringComparison.Ordinal) || code.StartsWith("40", StringComparison.Ordinal) || code.StartsWith("53", StringComparison.Ordinal)
        || code.StartsWith("57", StringComparison.Ordinal) || code.StartsWith("58", StringComparison.Ordinal) || code == PostgresErrorCodes.LockNotAvailable;

    /// <summary>A value that does not fit: class 22, a text too long for an index (54), a check (23).</summary>
    private static bool OfTheData(string code) =>
        code.StartsWith("22", StringComparison.Ordinal) || code.StartsWith("54", StringComparison.Ordinal) || code == PostgresErrorCodes.CheckViolation;
}

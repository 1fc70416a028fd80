using System.Runtime.CompilerServices;
namespace ActorPerf.Data;

/// <summary>Code that runs in a scope of its own.</summary>
public static class DataScopes
{
    /// <summary>Runs code in a scope and leaves it afterwards. A failure of the code comes first; what leaving throws besides is logged.</summary>
    /// <exception cref="UnawaitedWritesException">The code went well, and writes that it did not await have failed.</exception>
    public static Task<T> InScopeAsync<T>(this IData data, Func<DataScope, Task<T>> body, ScopeSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(body);
        return RunAsync(data, body, settings);
    }

    /// <inheritdoc cref="InScopeAsync{T}(IData, Func{DataScope, Task{T}}, ScopeSettings)"/>
    public static Task InScopeAsync(this IData data, Func<DataScope, Task> body, ScopeSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return data.InScopeAsync(async scope =>
        {
            await body(scope);
            return true;
        }, settings);
    }

    /// <summary>Runs code whose reads and writes take place all at once, or not at all; see <see cref="IData.TransactAsync{T}"/>.</summary>
    /// <returns>Whether it took place; false after <see cref="DataTransaction.Rollback"/>. Inside another transaction: whether that one still may.</returns>
    public static Task<bool> TransactAsync(this IData data, Func<DataTransaction, Task> body, TransactionOptions? options = null, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(body);
        return data.TransactAsync(
            async transaction =>
            {
                await body(transaction);
                return !transaction.IsRolledBack;
            },
            options, ct, file, line, member);
    }

    /// <summary>Until disposed of, what is read and written belongs to no transaction: <c>using (data.SuppressTransaction()) …</c></summary>
    /// <remarks>To be called where it is used, and not in an asynchronous method that returns it. Outside a transaction it changes nothing.</remarks>
    public static IDisposable SuppressTransaction(this IData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return DataScope.Suppress();
    }

    // The scope that it begins is ambient until it ends, and never its caller's: so it has to begin in here.
    private static async Task<T> RunAsync<T>(IData data, Func<DataScope, Task<T>> body, ScopeSettings? settings)
    {
        var scope = data.BeginScope(settings);
        T result;
        try
        {
            result = await body(scope);
        }
        catch (Exception)
        {
            await scope.LeaveAfterFailureAsync();
            throw;
        }
        await scope.DisposeAsync();
        return result;
    }
}

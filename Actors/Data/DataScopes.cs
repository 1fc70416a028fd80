namespace ActorPerf.Data;

/// <summary>Code that runs in a scope of its own.</summary>
public static class DataScopes
{
    /// <summary>Runs code in a scope and leaves it afterwards. A failure of the code comes first; what leaving throws besides is logged.</summary>
    /// <exception cref="UnawaitedWritesException">The code went well, and writes that it did not await have failed.</exception>
    public static async Task<T> InScopeAsync<T>(this IData data, Func<DataScope, Task<T>> body, ScopeSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(body);
        var scope = data.BeginScope(settings);
        T result;
        try
        {
            result = await body(scope);
        }
        catch (Exception)
        {
            await LeaveAfterFailureAsync(scope);
            throw;
        }
        await scope.DisposeAsync();
        return result;
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

    private static async Task LeaveAfterFailureAsync(DataScope scope)
    {
        try
        {
            await scope.DisposeAsync();
        }
        catch (Exception second)
        {
            scope.LogBeside(second);
        }
    }
}

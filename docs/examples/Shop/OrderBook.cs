namespace Shop;

/// <summary>Stands for the application's own slow database.</summary>
public sealed class OrderBook(TimeProvider time)
{
    public async Task<int> CountAsync(int year, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(200), time, ct);
        return year * 3;
    }
}

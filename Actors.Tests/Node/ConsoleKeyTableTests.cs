using System.Xml.Linq;
using ActorPerf.Node.Serving;
using ActorPerf.Setup;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Tests.Storage.PostgreSql;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Node;

/// <summary>Sessions of the console on nodes that share their data.</summary>
public sealed class ConsoleKeyTableTests
{
    [Fact]
    public void Who_is_signed_in_on_one_node_of_a_process_is_so_on_the_others()
    {
        using var first = new MemoryStorage(TimeProvider.System, new Random(1), shared: true);
        using var second = first.Another();
        SignedInOnBoth(Keys(StorageProvider.Memory, first), Keys(StorageProvider.Memory, second));
    }

    [Fact]
    public void Nodes_over_one_file_share_its_folder()
    {
        using var folder = new TestFolder();
        var storage = new StorageOptions { ConnectionString = $"Data Source={folder.Path("node.db")}" };
        SignedInOnBoth(Keys(storage), Keys(storage));
    }

    [PostgresFact]
    public async Task Who_is_signed_in_on_one_node_is_so_on_every_one_that_shares_the_database()
    {
        var database = await PostgresServer.NewMigratedAsync();
        using var first = await PostgresStores.OpenAsync(database);
        using var second = await PostgresStores.OpenAsync(database);
        // At once, as when a whole cluster starts on a new database.
        var nodes = Enumerable.Range(0, 6).Select(i => Keys(StorageProvider.Postgresql, i % 2 == 0 ? first : second)).ToArray();
        var tokens = await Task.WhenAll(nodes.Select(node => Task.Run(() => node.CreateProtector("session").Protect("ops"))));
        foreach (var token in tokens)
            foreach (var node in nodes) Assert.Equal("ops", node.CreateProtector("session").Unprotect(token));
        Assert.Single(first.SessionKeys!.Read());
        SignedInOnBoth(Keys(StorageProvider.Postgresql, second), nodes[0]);
    }

    [Fact]
    public void A_key_is_kept_only_where_its_maker_has_seen_all_there_are_and_a_revocation_always()
    {
        using var storage = new MemoryStorage(TimeProvider.System, new Random(1));
        var (slow, fast) = (new ConsoleKeyTable(() => storage.SessionKeys!), new ConsoleKeyTable(() => storage.SessionKeys!));
        Assert.Empty(slow.GetAllElements());
        Assert.Empty(fast.GetAllElements());
        fast.StoreElement(Key("fast"), "key-fast");
        slow.StoreElement(Key("slow"), "key-slow");
        Assert.Equal(["fast"], Names(slow));
        slow.StoreElement(Key("next"), "key-next");
        fast.StoreElement(new XElement("revocation", new XAttribute("id", "all")), "revocation");
        Assert.Equal(["fast", "next", "all"], Names(fast));
    }

    /// <summary>The next key is made by whoever comes first to the end of the last; the other nodes know it before it is used.</summary>
    [Fact]
    public void A_rotated_key_is_taken_by_all()
    {
        using var storage = new MemoryStorage(TimeProvider.System, new Random(1));
        using var first = Services(StorageProvider.Memory, storage);
        using var second = Services(StorageProvider.Memory, storage);
        var manager = first.GetRequiredService<IKeyManager>();
        manager.GetAllKeys();
        manager.CreateNewKey(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(1));
        manager.GetAllKeys();
        var next = manager.CreateNewKey(DateTimeOffset.UtcNow.AddDays(1), DateTimeOffset.UtcNow.AddDays(90));
        Assert.Contains(next.KeyId, second.GetRequiredService<IKeyManager>().GetAllKeys().Select(key => key.KeyId));
        SignedInOnBoth(first.GetRequiredService<IDataProtectionProvider>(), second.GetRequiredService<IDataProtectionProvider>());
    }

    private static void SignedInOnBoth(IDataProtectionProvider one, IDataProtectionProvider other)
    {
        foreach (var (signer, reader) in new[] { (one, other), (other, one) })
            Assert.Equal("ops", reader.CreateProtector("session").Unprotect(signer.CreateProtector("session").Protect("ops")));
    }

    private static IDataProtectionProvider Keys(StorageProvider provider, INodeStorage storage) => Services(provider, storage).GetRequiredService<IDataProtectionProvider>();

    private static IDataProtectionProvider Keys(StorageOptions storage)
    {
        var services = new ServiceCollection();
        services.AddConsoleKeys(storage);
        return services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>();
    }

    private static ServiceProvider Services(StorageProvider provider, INodeStorage storage)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ISessionKeys>(storage.SessionKeys!);
        services.AddConsoleKeys(new StorageOptions { Provider = provider });
        return services.BuildServiceProvider();
    }

    private static XElement Key(string id) => new("key", new XAttribute("id", id));

    private static IEnumerable<string?> Names(ConsoleKeyTable table) => table.GetAllElements().Select(element => element.Attribute("id")?.Value);
}

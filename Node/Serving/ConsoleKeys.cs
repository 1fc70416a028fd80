using System.Xml.Linq;
using ActorPerf.Setup;
using ActorPerf.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace ActorPerf.Node.Serving;

/// <summary>Keeps the keys that sign the console's cookies with the data (docs/formats/console-keys.md): beside a database file, inside a database on a server.
/// Whoever is signed in stays so over a restart and on every node that shares the database, and two nodes with data of their own never take each other's cookies.</summary>
/// <remarks>For the ready-made node alone. An application that mounts the console keeps its own data protection.</remarks>
internal static class ConsoleKeys
{
    /// <summary>Part of every key's purpose, so that the program may move without ending sessions.</summary>
    private const string ApplicationName = "actorperf";

    public static void AddConsoleKeys(this IServiceCollection services, StorageOptions storage)
    {
        services.AddDataProtection().SetApplicationName(ApplicationName);
        if (StorageFile.PathOf(storage) is { } database)
            services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new ConsoleKeyFolder(database + ".console"));
        else
            services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(
                keys => keys.XmlRepository = new ConsoleKeyTable(provider.GetRequiredService<ISessionKeys>)));
    }
}

/// <summary>The keys of all nodes that share a database.</summary>
/// <param name="store">Asked when keys are, for it is there when the node has started.</param>
internal sealed class ConsoleKeyTable(Func<ISessionKeys> store) : IXmlRepository
{
    private int _known;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var keys = store().Read();
        Volatile.Write(ref _known, keys.Count);
        return [.. keys.Select(XElement.Parse)];
    }

    /// <summary>A key that another node was faster to make is not kept: the ring reads all keys again when it has made one, and takes the other's.
    /// Otherwise nodes that start at the same time would each sign with a key that the others learn of a day later.</summary>
    public void StoreElement(XElement element, string friendlyName) =>
        store().TryAdd(element.ToString(SaveOptions.DisableFormatting), element.Name.LocalName == "key" ? Volatile.Read(ref _known) : null);
}

/// <summary>A folder with one file a key, for this user alone. It is made with the first key.</summary>
internal sealed class ConsoleKeyFolder(string path) : IXmlRepository
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public IReadOnlyCollection<XElement> GetAllElements() => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, "*.xml").Order(StringComparer.Ordinal).Select(Read)]
        : [];

    public void StoreElement(XElement element, string friendlyName)
    {
        MakeFolder();
        var file = Path.Combine(path, $"{Guid.CreateVersion7():D}.xml");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        // Written whole or not at all: half a key would keep the node from reading any.
        var draft = file + ".new";
        using (var stream = new FileStream(draft, options))
        {
            element.Save(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(draft, file);
    }

    private static XElement Read(string file)
    {
        using var stream = File.OpenRead(file);
        return XElement.Load(stream);
    }

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        const UnixFileMode folder = OwnerOnly | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path, folder);
        File.SetUnixFileMode(path, folder);                  // one that was there already may be open to more
    }
}

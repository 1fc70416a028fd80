using System.Xml.Linq;
using ActorPerf.Node.Serving;

namespace ActorPerf.Tests.Node;

public sealed class ConsoleKeyFolderTests
{
    [Fact]
    public void Keys_are_read_back_by_the_next_life_of_the_node()
    {
        using var folder = new TestFolder();
        var path = folder.Path("node.db.console");
        Assert.Empty(new ConsoleKeyFolder(path).GetAllElements());
        Assert.False(Directory.Exists(path), "reading made the folder");
        foreach (var id in new[] { "a", "b" }) new ConsoleKeyFolder(path).StoreElement(new XElement("key", new XAttribute("id", id)), $"key-{id}");
        Assert.Equal(["a", "b"], new ConsoleKeyFolder(path).GetAllElements().Select(key => key.Attribute("id")?.Value).Order());
    }

    [Fact]
    public void Nobody_else_may_read_them()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: the permissions are theirs");
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TestFolder();
        var path = folder.Path("node.db.console");
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        new ConsoleKeyFolder(path).StoreElement(new XElement("key"), "key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(path))));
    }
}

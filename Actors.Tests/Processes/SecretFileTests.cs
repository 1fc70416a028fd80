using System.Runtime.Versioning;

namespace ActorPerf.Tests.Processes;

/// <summary>A configuration file with secrets that every user of the machine may read.</summary>
public sealed class SecretFileTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [UnsupportedOSPlatform("windows")]
    public async Task A_node_warns_of_it_and_prints_none_of_them(bool forEverybody)
    {
        await using var node = NodeProcess.New("actorperf.tracing.otlp.headers = \"key=hush-hush\"");
        var file = Path.Combine(node.Folder, "akka.hocon");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | (forEverybody ? UnixFileMode.OtherRead : 0));
        await node.StartAsync();
        // What is logged comes when the log's own thread has written it.
        if (forEverybody) await node.Program.SaidAsync("akka.hocon:1:34: actorperf.tracing.otlp.headers is a secret in a file that every user may read; run chmod o-r akka.hocon, or");
        else Assert.DoesNotContain("secret", node.Program.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", node.Program.Error, StringComparison.Ordinal);
    }
}

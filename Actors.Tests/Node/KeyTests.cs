using System.Security.Cryptography;
using System.Text;
using ActorPerf.Node;

namespace ActorPerf.Tests.Node;

public sealed class KeyTests
{
    [Fact]
    public async Task A_new_key_is_printed_alone_and_its_hash_is_what_the_configuration_keeps()
    {
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("key", "new", "dash", "--scopes", "read,operate", "--namespaces", "shop"));
        var key = Assert.Single(run.Lines);
        Assert.StartsWith("ap_", key, StringComparison.Ordinal);
        Assert.Equal(46, key.Length);                      // three letters and 256 bits in base64url
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        Assert.Contains($$"""dash { hash = "sha256:{{hash}}", scopes = [read, operate], namespaces = [shop] }""", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"dash sha256:{hash} scopes=read,operate namespaces=shop", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keys_file_takes_keys_in_and_gives_them_up_again()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("keys"), "# who may ask");
        foreach (var name in new[] { "dash", "batch" })
            Assert.Equal(ExitCodes.Done, await new CliRun { Folder = folder.Root }.InvokeAsync("key", "new", name, "--keys-file", "keys"));
        Assert.Equal(ExitCodes.Usage, await new CliRun { Folder = folder.Root }.InvokeAsync("key", "new", "dash", "--keys-file", "keys"));

        var list = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.Done, await list.InvokeAsync("-o", "json", "key", "list", "--keys-file", "keys"));
        Assert.Equal(["dash", "batch"], list.Json.GetProperty("items").EnumerateArray().Select(key => key.GetProperty("name").GetString()));
        Assert.EndsWith("keys:2", list.Json.GetProperty("items")[0].GetProperty("where").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("…", list.Json.GetProperty("items")[0].GetProperty("hash").GetString(), StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Done, await new CliRun { Folder = folder.Root }.InvokeAsync("key", "revoke", "dash", "--keys-file", "keys"));
        Assert.Equal(ExitCodes.NotFound, await new CliRun { Folder = folder.Root }.InvokeAsync("key", "revoke", "dash", "--keys-file", "keys"));
        var left = await File.ReadAllTextAsync(folder.Path("keys"));
        Assert.StartsWith("# who may ask\nbatch sha256:", left, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_of_the_configuration_are_listed_with_their_place_and_revoked_by_hand()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("akka.hocon"), $$"""
            actorperf.http.auth.keys {
              dash { hash = "sha256:{{new string('a', 64)}}", scopes = [read, submit] }
            }
            """);
        var list = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.Done, await list.InvokeAsync("key", "list"));
        Assert.StartsWith("dash  read, submit", list.Lines[1], StringComparison.Ordinal);
        Assert.Contains("akka.hocon:2", list.Lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(new string('a', 64), list.Out.ToString(), StringComparison.Ordinal);

        var revoke = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.Refused, await revoke.InvokeAsync("key", "revoke", "dash"));
        Assert.Contains("akka.hocon:2", revoke.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keys_file_that_the_configuration_names_is_followed()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("node.hocon"), "actorperf.http.auth.keys-file = keys");
        await new CliRun { Folder = folder.Root }.InvokeAsync("key", "new", "dash", "--keys-file", "keys");
        var list = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.Done, await list.InvokeAsync("key", "list", "--config", "node.hocon"));
        Assert.StartsWith("dash", list.Lines[1], StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Done, await new CliRun { Folder = folder.Root }.InvokeAsync("key", "revoke", "dash", "--config", "node.hocon"));
        Assert.Equal("", await File.ReadAllTextAsync(folder.Path("keys")));
    }

    [Fact]
    public async Task A_faulty_configuration_is_named_with_its_place()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("akka.hocon"), "actorperf {\n  http {");
        var run = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.Configuration, await run.InvokeAsync("key", "list"));
        Assert.Contains("akka.hocon:", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Configuration, await new CliRun { Folder = folder.Root }.InvokeAsync("key", "list", "--config", "missing.hocon"));
    }
}

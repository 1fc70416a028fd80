using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Web;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Web;

/// <summary>A console session lives as long as the very key it was opened with.</summary>
public sealed class KeySignInTests
{
    [Fact]
    public void A_session_ends_with_its_key_though_another_takes_the_name()
    {
        var (leaked, next) = (ApiKey.New(), ApiKey.New());
        var monitor = new ManualMonitor(Keys(leaked));
        using var ring = new KeyRing(monitor, TimeProvider.System, NullLogger<KeyRing>.Instance);
        var signIn = new KeySignIn(ring);
        var session = signIn.Check(leaked);
        Assert.NotNull(session);
        Assert.True(signIn.StillHolds(session));
        monitor.Set(Keys(next));
        Assert.False(signIn.StillHolds(session));
        Assert.True(signIn.StillHolds(signIn.Check(next)!));
    }

    [Fact]
    public void A_session_ends_when_its_key_may_do_something_else()
    {
        var key = ApiKey.New();
        var monitor = new ManualMonitor(Keys(key));
        using var ring = new KeyRing(monitor, TimeProvider.System, NullLogger<KeyRing>.Instance);
        var signIn = new KeySignIn(ring);
        var session = signIn.Check(key)!;
        monitor.Set(Keys(key, "read"));
        Assert.False(signIn.StillHolds(session));
    }

    [Fact]
    public void A_key_whose_namespaces_are_none_sees_none()
    {
        var key = ApiKey.New();
        var options = Keys(key);
        options.Auth.Keys["ops"].Namespaces = ["No Namespace"];
        using var ring = new KeyRing(new ManualMonitor(options), TimeProvider.System, NullLogger<KeyRing>.Instance);
        var signIn = new KeySignIn(ring);
        var session = signIn.Check(key)!;
        Assert.True(signIn.StillHolds(session));
        Assert.False(ConsoleRights.Of(session).Sees(Namespace.Default));
    }

    private static HttpOptions Keys(string key, string scope = "operate")
    {
        var options = new HttpOptions();
        options.Auth.Keys["ops"] = new KeyOptions { Hash = ApiKey.Hash(key), Scopes = [scope] };
        return options;
    }
}

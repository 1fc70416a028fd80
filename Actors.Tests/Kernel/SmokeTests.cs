namespace ActorPerf.Tests.Kernel;

public sealed class SmokeTests
{
    private sealed class Echo : ReceiveActor
    {
        public Echo()
        {
            Receive<string>(text => Sender.Tell(text + "!"));
            ReceiveAsync<int>(async n =>
            {
                await Task.Delay(5);
                Sender.Tell(n + 1);
            });
        }
    }

    [Fact]
    public async Task Ask_is_answered()
    {
        var system = ActorSystem.Create("smoke");
        var echo = system.ActorOf(Props.Create(() => new Echo()), "echo");
        Assert.Equal("a!", await echo.Ask<string>("a", TimeSpan.FromSeconds(5)));
        Assert.Equal(3, await echo.Ask<int>(2, TimeSpan.FromSeconds(5)));
        var pool = system.ActorOf(Props.Create(() => new Echo()).WithRouter(new RoundRobinPool(3)), "pool");
        Assert.Equal("b!", await pool.Ask<string>("b", TimeSpan.FromSeconds(5)));
        Assert.Equal(3, (await pool.Ask<Routees>(GetRoutees.Instance, TimeSpan.FromSeconds(5))).Members.Count());
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(5));
    }
}

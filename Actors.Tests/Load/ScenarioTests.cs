using System.Net;
using System.Text.Json;
using ActorPerf.Configuration;
using ActorPerf.Load;
using ActorPerf.Setup;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Load;

/// <summary>Scenarios of settings and of classes: what is read, what is sent, what is refused.</summary>
public sealed class ScenarioTests : IDisposable
{
    private readonly Recorder _recorder = new();
    private readonly HttpMessageInvoker _http;

    public ScenarioTests() => _http = new HttpMessageInvoker(_recorder);

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Templates_are_filled_in_for_where_they_stand()
    {
        var options = new ScenarioOptions { Variables = { ["who"] = "Ann \"A\" & Co/2", ["raw"] = "[1,{{$random(5,5)}}]" } };
        options.Users["user"] = User(new LoadRequestOptions
        {
            Path = "/people/{{who}}?u={{$user}}", Headers = { ["X-Who"] = "{{who}}" }, Body = """{"who": "{{who}}", "list": {{{raw}}}}""", Method = "PUT",
        });
        await RunAsync(options);
        var sent = Assert.Single(_recorder.Sent);
        Assert.Equal("PUT http://127.0.0.1:9/base/people/Ann%20%22A%22%20%26%20Co%2F2?u=3", sent.Line);
        Assert.Equal("Ann \"A\" & Co/2", sent.Header);
        using var body = JsonDocument.Parse(sent.Body);
        Assert.Equal("Ann \"A\" & Co/2", body.RootElement.GetProperty("who").GetString());
        Assert.Equal("[1,5]", body.RootElement.GetProperty("list").GetRawText());
    }

    [Fact]
    public async Task What_an_answer_holds_is_used_by_the_next_request()
    {
        _recorder.Answers.Enqueue((200, """{"job": {"id": "j-1", "parts": [{"n": 7}]}}"""));
        var options = new ScenarioOptions();
        options.Users["user"] = User(
            new LoadRequestOptions { Path = "/a", Extract = { ["id"] = "job.id", ["n"] = "job.parts.0.n" } },
            new LoadRequestOptions { Path = "/b/{{id}}/{{n}}" });
        await RunAsync(options);
        Assert.Equal(["GET http://127.0.0.1:9/base/a", "GET http://127.0.0.1:9/base/b/j-1/7"], _recorder.Sent.Select(static sent => sent.Line));
    }

    [Fact]
    public async Task A_user_keeps_the_cookies_that_it_was_given_and_no_others()
    {
        _recorder.Cookies.Enqueue("session=of-one; Path=/base; HttpOnly");
        _recorder.Cookies.Enqueue("=no name");
        var options = new ScenarioOptions();
        options.Users["user"] = User(new LoadRequestOptions { Path = "/a" }, new LoadRequestOptions { Path = "/b" }, new LoadRequestOptions { Path = "/c" });
        await RunAsync(options);
        await RunAsync(options);
        Assert.Equal([null, "session=of-one", "session=of-one", null, null, null], _recorder.Sent.Select(static sent => sent.Cookie));
    }

    [Theory]
    [InlineData(200, """{"state": "ok"}""", null)]
    [InlineData(503, """{"state": "ok"}""", "status 503")]
    [InlineData(200, """{"state": "bad"}""", "state is not 'ok'")]
    [InlineData(200, "<html>state</html>", "is no JSON")]
    [InlineData(200, "{}", "does not hold 'state'")]
    public async Task An_answer_that_is_not_right_is_a_failure_and_ends_the_iteration(int status, string body, string? error)
    {
        _recorder.Answers.Enqueue((status, body));
        var options = new ScenarioOptions();
        options.Users["user"] = User(
            new LoadRequestOptions { Name = "first", Path = "/a", Status = [200], Contains = "state", Json = { ["state"] = "ok" } }, new LoadRequestOptions { Path = "/b" });
        var book = await RunAsync(options);
        Assert.Equal(error is null ? 2 : 1, _recorder.Sent.Count);
        Assert.Equal(error, book.Era.Failures.Keys.Select(static key => key.Error).SingleOrDefault());
        Assert.Equal((1, error is null ? 1 : 0), (book.Era.Checks, book.Era.ChecksHeld));
    }

    [Fact]
    public async Task Finished_jobs_are_counted_from_their_acceptance_to_their_end()
    {
        static string Job(string state, string finished) =>
            $$"""{"task": "square", "state": "{{state}}", "createdAt": "2026-01-01T10:00:00.000Z", "finishedAt": {{finished}}}""";
        _recorder.Answers.Enqueue((200, $$"""{"done": [{{Job("succeeded", "\"2026-01-01T10:00:00.250Z\"")}}, {{Job("failed", "\"2026-01-01T10:00:02.000Z\"")}}], "pending": []}"""));
        _recorder.Answers.Enqueue((200, Job("running", "null")));
        var options = new ScenarioOptions();
        options.Users["user"] = User(new LoadRequestOptions { Path = "/wait", Job = true }, new LoadRequestOptions { Path = "/job", Job = true });
        var book = await RunAsync(options);
        var jobs = book.Era.Jobs["square"];
        Assert.Equal((2, 1), (jobs.Counted, jobs.Failures));
        Assert.Equal(2_000, jobs.Service.Max.TotalMilliseconds);
        Assert.Equal(250, jobs.Service.Min.TotalMilliseconds);
    }

    [Fact]
    public void Rows_of_a_file_are_read_as_CSV_has_them()
    {
        var rows = LoadRows.Parse("id,name\r\n1,\"Ann, \"\"A\"\"\"\n\n2,Bob", LoadDataOrder.Sequential);
        Assert.Equal(2, rows.Count);
        using var session = Session(new ScenarioOptions { Users = { ["user"] = User(new LoadRequestOptions { Path = "/" }) } });
        Assert.Equal(["Ann, \"A\"", "Bob", "Ann, \"A\""], Enumerable.Range(0, 3).Select(_ => rows.Value(rows.Take(session), "name")));
        Assert.Contains("row 1 has 1 values", Assert.Throws<FormatException>(static () => LoadRows.Parse("a,b\n1", LoadDataOrder.User)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(static () => LoadRows.Parse("a,b\n1,\"2", LoadDataOrder.User));
    }

    [Fact]
    public void Scenarios_are_read_from_HOCON()
    {
        var options = Read("""
            shop {
              summary = "People at the shop"
              variables { page = 1 }
              users.reader {
                weight = 3, wait = "between(1s, 5s)"
                on-start = [ { path = "/login", body = "{}" } ]
                tasks.look { weight = 2, tags = [read], requests = [ { name = "/p/{id}", path = "/p/{{page}}", status = [200, 304], max-time = 200ms } ] }
                tasks.buy.requests = [ { path = "/buy", body = "{\"n\": {{$random(1,9)}}}", json { "order.state" = "new" }, extract { id = "order.id" }, think = 1s }, { path = "/orders/{{id}}" } ]
              }
            }
            """, out var faults);
        Assert.Empty(faults);
        var scenario = ScenarioCompiler.Compile("shop", options.Scenarios["shop"]);
        var user = Assert.Single(scenario.Users);
        Assert.Equal(("reader", 3, "between(1s, 5s)"), (user.Name, user.Weight, user.Wait.ToString()));
        Assert.NotNull(user.OnStart);
        Assert.Equal(["buy 1 ", "look 2 read"], user.Tasks.Select(static task => $"{task.Name} {task.Weight} {string.Join(' ', task.Tags)}").Order());
    }

    [Theory]
    [InlineData("shop.users.u { wait = soon, tasks.t.requests = [ { path = \"/\" } ] }", "actorperf.load.scenarios.shop.users.u.wait is 'soon'; write between(1s, 5s)")]
    [InlineData("shop.users.u.tasks.t.requests = [ { path = \"x\" } ]", "must begin with a slash")]
    [InlineData("shop.users.u.tasks.t.requests = [ { path = \"/{{pgae}}\" } ], shop.variables.page = 1", "Did you mean 'page'?")]
    [InlineData("shop.users.u.tasks.t.requests = [ { path = \"/{{$rnd(1,2)}}\" } ]", "is no function")]
    [InlineData("shop.users.u.tasks.t.requests = [ { path = \"/\", method = FETCH } ]", "has the method 'FETCH'")]
    [InlineData("shop.users.u { weight = 1 }", "give the user something to do")]
    [InlineData("shop { summary = x }", "give the scenario a kind of user")]
    public void Faulty_scenarios_say_where_and_what(string text, string problem)
    {
        Read(text, out var faults);
        Assert.Contains(problem, Assert.Single(faults).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_class_is_a_kind_of_user_and_its_objects_are_users()
    {
        var scenario = Assert.Single(LoadDiscovery.Scenarios([typeof(Visitor)]));
        Assert.Equal(("visits", "People who visit."), (scenario.Name, scenario.Summary));
        var user = Assert.Single(scenario.Users);
        Assert.Equal(("Visitor", 2, "pacing(1s)"), (user.Name, user.Weight, user.Wait.ToString()));
        Assert.Equal(["Look", "write"], user.Tasks.Select(static task => task.Name));
        Assert.Equal(["write"], user.Tasks[1].Tags);
        var context = new LoadRunContext(Plan("visits"), scenario, 1, _http, TimeProvider.System, new LoadOptions(), new Dictionary<string, LoadRows>());
        using var session = new LoadSession(context, user, 3);
        session.Make();
        await user.OnStart!(session, CancellationToken.None);
        await user.Tasks[0].Body(session, CancellationToken.None);
        await user.Tasks[1].Body(session, CancellationToken.None);
        Assert.Equal(["GET http://127.0.0.1:9/base/look/1", "POST http://127.0.0.1:9/base/write"], _recorder.Sent.Select(static sent => sent.Line));
    }

    [Theory]
    [InlineData(typeof(Idle), "does nothing")]
    [InlineData(typeof(Odd), "must be Task or ValueTask OddAsync(LoadSession session, CancellationToken ct)")]
    [InlineData(typeof(Shut), "public constructor without parameters")]
    [InlineData(typeof(ScenarioTests), "is no user of load tests")]
    public void Classes_that_break_a_rule_say_which(Type type, string rule) =>
        Assert.Contains(rule, Assert.Throws<TaskSetupException>(() => LoadDiscovery.Scenarios([type])).Message, StringComparison.Ordinal);

    [Fact]
    public void What_ships_says_what_it_does() =>
        Assert.All(ShippedScenarios.All, static scenario => Assert.True(scenario.Summary.Length > 20 && scenario.Source == LoadSource.Shipped && scenario.Variables.ContainsKey("task")));

    [LoadUser("visits", Summary = "People who visit.", Weight = 2, Wait = "pacing(1s)")]
    public sealed class Visitor
    {
        private int _greeted;

        [LoadStart]
        public Task GreetAsync(LoadSession session, CancellationToken ct)
        {
            _greeted++;
            return Task.CompletedTask;
        }

        [LoadTask(Weight = 3)]
        public async Task LookAsync(LoadSession session, CancellationToken ct) => await session.GetAsync($"/look/{_greeted}", ct: ct);

        [LoadTask(Name = "write", Tags = ["write"])]
        public async ValueTask WriteAsync(LoadSession session, CancellationToken ct) => await session.PostAsync("/write", "{}", ct: ct);
    }

    [LoadUser("idle")]
    public sealed class Idle;

    [LoadUser("odd")]
    public sealed class Odd
    {
        [LoadTask]
        public Task OddAsync(string name) => Task.FromResult(name.Length + GetHashCode());
    }

    [LoadUser("shut")]
    public sealed class Shut
    {
        private Shut()
        {
        }

        [LoadTask]
        public Task RunAsync(LoadSession session, CancellationToken ct) => Task.FromResult(GetHashCode());
    }

    private static LoadUserOptions User(params LoadRequestOptions[] requests)
    {
        var user = new LoadUserOptions();
        user.Tasks["task"] = new LoadTaskOptions { Requests = requests };
        return user;
    }

    private static LoadPlan Plan(string scenario) => new() { Scenario = scenario, Host = new Uri("http://127.0.0.1:9/base/") };

    private LoadSession Session(ScenarioOptions options)
    {
        Assert.Empty(ScenarioCompiler.Faults("test", options));
        var scenario = ScenarioCompiler.Compile("test", options);
        var context = new LoadRunContext(Plan("test"), scenario, 1, _http, TimeProvider.System, new LoadOptions(), new Dictionary<string, LoadRows>());
        return new LoadSession(context, context.Users[0], 3);
    }

    [Fact]
    public void A_variables_value_may_name_what_any_request_learns_and_nothing_else()
    {
        var options = new ScenarioOptions { Variables = { ["term"] = "{{serch}}", ["search"] = "{{token}}-{{$uuid}}" } };
        options.Users["user"] = new LoadUserOptions { Tasks = { ["look"] = new LoadTaskOptions { Requests = [new LoadRequestOptions { Path = "/{{term}}", Extract = { ["token"] = "/token" } }] } } };
        var fault = Assert.Single(ScenarioCompiler.Faults("test", options));
        Assert.Equal("variables.term", fault.Setting);
        Assert.Contains("'search'", fault.Problem, StringComparison.Ordinal);
    }

    private async Task<LoadBook> RunAsync(ScenarioOptions options)
    {
        using var session = Session(options);
        session.Begin(0);
        await session.Kind.Tasks[0].Body(session, CancellationToken.None);
        return session.Run.Book;
    }

    private static LoadOptions Read(string scenarios, out List<ConfigurationFault> faults)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(file, $"actorperf.load.scenarios {{ {scenarios} }}");
        try
        {
            faults = [];
            return ActorPerfSettings.Read(new ConfigurationBuilder().AddHoconFile(file, optional: false).Build(), faults).Load;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public List<(string Line, string? Header, string? Cookie, string Body)> Sent { get; } = [];

        public Queue<(int Status, string Body)> Answers { get; } = [];

        public Queue<string> Cookies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent.Add(($"{request.Method} {request.RequestUri!.AbsoluteUri}", Header(request, "X-Who"), Header(request, "Cookie"),
                request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken)));
            var (status, body) = Answers.TryDequeue(out var answer) ? answer : (200, "{}");
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
            if (Cookies.TryDequeue(out var cookie)) response.Headers.TryAddWithoutValidation("Set-Cookie", cookie);
            return response;
        }

        private static string? Header(HttpRequestMessage request, string name) => request.Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using ActorPerf.Caching;
using ActorPerf.Jobs;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Forms;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>The tour: what its steps say, and what their buttons do.</summary>
internal static class TourHandler
{
    private const string Tag = "tour";
    private const int Jobs = 100;
    private static readonly byte[] SlowCall = """{"n":12,"delay":"3s"}"""u8.ToArray();
    private static readonly byte[] LongWork = """{"steps":30,"delay":"500ms"}"""u8.ToArray();
    private static readonly byte[] OneOfMany = """{"limit":20000}"""u8.ToArray();

    public static Task<IResult> ShowAsync(ConsoleRequest request) => Task.FromResult(ConsolePage.Of<TourPage>(request.View, Model(request)));

    public static TourModel Model(ConsoleRequest request)
    {
        var view = request.View;
        var may = view.Rights.May(Right.Submit);
        TourStep[] all =
        [
            new("memoise", "Memoise a slow call",
                "square takes three seconds here. The first call waits for it; whoever asks again within five minutes has the answer at once, and a hundred who ask at the same time compute it once.",
                may ? "Call square" : null, CallLines.ForCompute(view, "square", SlowCall), Timing(request)?.Sentence),
            new("hundred", "Run a hundred at once",
                "A hundred jobs that count primes, submitted in one go. Each is on disk before the answer comes; the pool of their queue takes as many as it has processors, and none is lost if the node dies.",
                may ? "Submit 100 jobs" : null, CallLines.ForBatch(view, "primes", OneOfMany, 100), null),
            new("watch", "Start a task and watch it",
                "A task that says how far it is. Its page shows the bar move; close it, come back, or cancel it on the way.",
                may ? "Start and watch" : null, CallLines.ForJob(view, "progress", LongWork, new JobFields()), null),
        ];
        string[] tasks = ["square", "primes", "progress"];
        return new TourModel([.. all.Where((_, i) => request.Catalog.TryGet(tasks[i], out var _))]);
    }

    public static Task<IResult> DoAsync(ConsoleRequest request) => request.Http.Request.RouteValues["step"] switch
    {
        "memoise" => MemoiseAsync(request),
        "hundred" => HundredAsync(request),
        "watch" => WatchAsync(request),
        _ => Task.FromResult(request.NotFound("The tour has no such step.")),
    };

    private static async Task<IResult> MemoiseAsync(ConsoleRequest request)
    {
        var began = Stopwatch.GetTimestamp();
        var call = new ComputeRequest(request.View.Namespace, "square", SlowCall, default, TimeSpan.FromSeconds(30));
        switch (await request.Compute.ComputeAsync(call, request.Aborted))
        {
            case ComputeOutcome.Found found:
                var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
                var page = request.Query("from") == "tour" ? "tour" : "";
                return request.Redirect(request.Links.To(page, [new("took", took), new("source", found.Source.ToString())]));
            case ComputeOutcome.Failed failed:
                return request.Failure(StatusCodes.Status500InternalServerError, "The task failed", $"{failed.Error.Type}: {failed.Error.Message}");
            case ComputeOutcome.Refused refused:
                return request.Refused(refused.Refusal);
            default:
                throw new UnreachableException();
        }
    }

    private static async Task<IResult> HundredAsync(ConsoleRequest request)
    {
        var submissions = Enumerable.Range(1, Jobs)
            .Select(i => SubmissionOf(request, "primes", Encoding.UTF8.GetBytes($$"""{"limit":{{(i * 1000).ToString(CultureInfo.InvariantCulture)}}}""")))
            .ToList();
        var outcomes = await request.Jobs.SubmitManyAsync(submissions, atomic: true, request.Aborted);
        return outcomes.OfType<SubmitOutcome.Refused>().FirstOrDefault() is { } refused
            ? request.Refused(refused.Refusal)
            : request.Redirect(request.Links.To("jobs", "tag", Tag));
    }

    private static async Task<IResult> WatchAsync(ConsoleRequest request) =>
        await request.Jobs.SubmitAsync(SubmissionOf(request, "progress", LongWork), request.Aborted) switch
        {
            SubmitOutcome.Refused refused => request.Refused(refused.Refusal),
            var outcome => request.Redirect(request.Links.Job(Submitted.Of(outcome).Row.Id)),
        };

    private static Submission SubmissionOf(ConsoleRequest request, string task, byte[] args) =>
        Submitted.Digested(new Submission { Namespace = request.View.Namespace, Task = task, Args = args, Tags = [Tag] });

    private static TourTiming? Timing(ConsoleRequest request) =>
        double.TryParse(request.Query("took"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < 1e6
        && Enum.TryParse<CacheSource>(request.Query("source"), out var source) && Enum.IsDefined(source)
            ? new TourTiming(milliseconds, source)
            : null;
}

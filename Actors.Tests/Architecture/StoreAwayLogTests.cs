using System.Reflection;
using ActorPerf.Cluster;
using ActorPerf.Web;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Architecture;

/// <summary>A database that starts again is told in lines, not in stacks, by every log line that can hear of it.</summary>
public sealed class StoreAwayLogTests
{
    /// <summary>What these tell is a bug, or the end of the node, whatever was thrown. The kernel knows no stores.</summary>
    private static readonly string[] AlwaysWithStack =
    [
        "CacheLog.CallbackFailed", "CacheLog.ShardFailed", "DataLog.PipelineFailed", "FigureLog.ReportNotKept", "JobLog.TrackerFailed", "JobLog.WriteGivenUp",
        "KernelLog.ActorFailed", "KernelLog.CellFailed", "KernelLog.HookFailed", "KernelLog.ScheduledActionFailed", "KernelLog.ShutdownEnded", "KernelLog.ShutdownTaskFailed",
        "LoadLog.RunFailed", "SetupLog.StoreFailed", "WebLog.RequestFailed",
    ];

    private static readonly MethodInfo[] Lines =
    [
        .. from assembly in new[] { typeof(LoggedFault).Assembly, typeof(WebSetup).Assembly }
           from type in assembly.GetTypes()
           where type.Name.EndsWith("Log", StringComparison.Ordinal) && type is { IsAbstract: true, IsSealed: true }
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
           where method.GetParameters() is [{ ParameterType: var first }, ..] parameters && first == typeof(ILogger) && Array.Exists(parameters, one => one.ParameterType == typeof(Exception))
           select method,
    ];

    [Fact]
    public void A_store_that_is_away_is_told_in_a_line()
    {
        var away = new StoreUnavailableException("It is away.\nTry again.", new IOException("Broken pipe"));
        Assert.Equal(AlwaysWithStack, Lines.Where(line => Told(line, away).Stack is not null).Select(NameOf).Order(StringComparer.Ordinal));
        Assert.All(Lines.Where(line => !AlwaysWithStack.Contains(NameOf(line))), line =>
        {
            var text = Told(line, away).Text;
            Assert.EndsWith("StoreUnavailableException: It is away. Try again. <- IOException: Broken pipe", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', text);
        });
    }

    [Fact]
    public void Anything_else_is_told_with_its_stack()
    {
        var bug = new InvalidOperationException("A bug.");
        Assert.NotEmpty(Lines);
        Assert.All(Lines, line => Assert.Same(bug, Told(line, bug).Stack));
    }

    [Fact]
    public void A_fault_of_ours_is_not_hidden_inside_a_store_that_is_away()
    {
        var (away, full, bug) = (new StoreUnavailableException(), new StoreFullException(), new InvalidOperationException("A bug."));
        Exception[] expected = [away, full, new StoreUnavailableException("x", away), new StoreUnavailableException("x", new TimeoutException()), new AggregateException(away, full)];
        Exception[] unexpected = [bug, new IOException(), new StoreUnavailableException("x", bug), new AggregateException(away, bug), new AggregateException()];
        Assert.All(expected, fault => Assert.Null(LoggedFault.Stack(fault)));
        Assert.All(unexpected, fault => Assert.Same(fault, LoggedFault.Stack(fault)));
        Assert.Equal("StoreUnavailableException: Away (x).", LoggedFault.Words(new StoreUnavailableException("Away (x).", new IOException("x"))));
    }

    private static string NameOf(MethodInfo line) => $"{line.DeclaringType!.Name}.{line.Name}";

    private static (string Text, Exception? Stack) Told(MethodInfo line, Exception fault)
    {
        var log = new Remembering();
        line.Invoke(null, [.. line.GetParameters().Select(parameter =>
            parameter.ParameterType == typeof(ILogger) ? log
            : parameter.ParameterType == typeof(Exception) ? fault
            : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : "x")]);
        return Assert.Single(log.Told);
    }

    private sealed class Remembering : ILogger
    {
        public List<(string Text, Exception? Stack)> Told { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Told.Add((formatter(state, exception), exception));
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage;

namespace ActorPerf.Tests.Cluster;

/// <summary>A node's way to a storage that others share. Once cut, nothing it sends arrives any more, and nothing comes back.</summary>
internal sealed class CutStorage : INodeStorage
{
    private readonly INodeStorage _inner;
    private readonly ScriptedMemberStore _members;

    public CutStorage(INodeStorage inner)
    {
        _inner = inner;
        _members = new ScriptedMemberStore(inner.Members);
        Jobs = Gate<IJobStore>.Around(inner.Jobs, this);
        Schedules = Gate<IScheduleStore>.Around(inner.Schedules, this);
    }

    public bool IsCut { get; private set; }

    /// <summary>Calls of these methods, by name, do not arrive any more.</summary>
    public HashSet<string> Lost { get; } = [];

    public string Description => _inner.Description;

    public IJobStore Jobs { get; }

    public IScheduleStore Schedules { get; }

    public IMemberStore Members => _members;

    public IWorkflowStore Workflows => _inner.Workflows;

    public IOperatorStore Operators => _inner.Operators;

    public ISessionKeys? SessionKeys => _inner.SessionKeys;

    public IWebhookStore Webhooks => _inner.Webhooks;

    public IEntityStore Entities => _inner.Entities;

    public IFeedStore Feed => _inner.Feed;

    public ICacheStore Cache => _inner.Cache;

    public INodeStorage Another() => new CutStorage(_inner.Another());

    public void Cut() => (IsCut, _members.Hangs) = (true, true);

    public void Heal() => (IsCut, _members.Hangs) = (false, false);

    public Task<VerifyReport> VerifyAsync(CancellationToken ct) => _inner.VerifyAsync(ct);

    public Task<long> BackupAsync(string file, CancellationToken ct) => _inner.BackupAsync(file, ct);

    public void Dispose() => _inner.Dispose();

    /// <summary>Passes calls on, or swallows them: a write is taken and never reported, what is awaited never comes.</summary>
    [SuppressMessage("Performance", "CA1852:Seal internal types", Justification = "DispatchProxy derives from it at run time.")]
    internal class Gate<T> : DispatchProxy
        where T : class
    {
        private T _inner = null!;
        private CutStorage _storage = null!;

        public static T Around(T inner, CutStorage storage)
        {
            var proxy = Create<T, Gate<T>>();
            ((Gate<T>)(object)proxy)._inner = inner;
            ((Gate<T>)(object)proxy)._storage = storage;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? method, object?[]? arguments)
        {
            if (!_storage.IsCut && !_storage.Lost.Contains(method!.Name)) return method.Invoke(_inner, arguments);
            if (method!.ReturnType == typeof(bool)) return true;
            if (method.ReturnType == typeof(ValueTask)) return new ValueTask(new TaskCompletionSource().Task);
            return method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(ValueTask<>)
                ? typeof(Never<>).MakeGenericType(typeof(T), method.ReturnType.GenericTypeArguments[0]).GetMethod("Comes")!.Invoke(null, null)
                : method.Invoke(_inner, arguments);
        }

        private static class Never<TResult>
        {
            public static ValueTask<TResult> Comes() => new(new TaskCompletionSource<TResult>().Task);
        }
    }
}

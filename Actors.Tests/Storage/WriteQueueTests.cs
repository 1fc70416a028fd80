using System.Threading.Channels;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Storage;

namespace ActorPerf.Tests.Storage;

public sealed class WriteQueueTests : IDisposable
{
    private readonly ScriptedConnection _connection = new();
    private readonly RecordingHandler _handler = new();
    private readonly List<Exception> _fatal = [];
    private readonly WriteQueue _queue;

    public WriteQueueTests() => _queue = new WriteQueue("test-writer", _connection, _fatal.Add);

    [Fact]
    public async Task What_arrives_before_the_first_commit_shares_it_and_urgent_writes_go_first()
    {
        Post("submit");
        Post("finish", urgent: true);
        _queue.Start();
        await _handler.ToldAsync(2);
        Assert.Equal(["finish", "submit"], _handler.Applied);
        Assert.Equal(["finish", "submit"], _handler.Committed);
        Assert.Equal((1, 2), (_queue.Meter.Transactions, _queue.Meter.Writes));
    }

    [Fact]
    public async Task A_write_that_throws_fails_alone()
    {
        Post("first");
        Post("culprit");
        Post("last");
        _queue.Start();
        await _handler.ToldAsync(3);
        Assert.Equal(["first", "last"], _handler.Committed);
        Assert.Equal("culprit", Assert.Single(_handler.Failed).Write);
        Assert.Empty(_fatal);
        Assert.Equal(2, _connection.Rollbacks);       // of the batch, and of the culprit on its own
    }

    [Fact]
    public async Task A_failed_sync_is_fatal_nothing_more_is_acknowledged()
    {
        _connection.AtCommit = new IOException("fsync failed");
        Post("one");
        Post("two", urgent: true);
        _queue.Start();
        await _handler.ToldAsync(2);

        Assert.Empty(_handler.Committed);
        Assert.Equal(["two", "one"], _handler.Failed.Select(failed => failed.Write));
        Assert.All(_handler.Failed, failed => Assert.IsType<StoreUnavailableException>(failed.Cause));
        Assert.Equal(1, _connection.Rollbacks);

        // A sync that works again proves nothing about the pages of the one that failed.
        _connection.AtCommit = null;
        Assert.False(_queue.TryPost("three", _handler, urgent: false, bytes: 1));
        Assert.False(_queue.TryPost("four", _handler, urgent: true, bytes: 1));
        _queue.Dispose();
        Assert.Same("fsync failed", Assert.Single(_fatal).Message);
        Assert.Equal(0, _queue.Meter.Transactions);
    }

    [Fact]
    public async Task Writes_that_waited_behind_the_failed_sync_fail_too()
    {
        _connection.AtCommit = new IOException("fsync failed");
        _connection.BeforeCommit = () => Post("waited");
        Post("first");
        _queue.Start();
        await _handler.ToldAsync(2);
        Assert.Equal(["first", "waited"], _handler.Failed.Select(failed => failed.Write));
        Assert.Empty(_handler.Committed);
        Assert.Equal(["first"], _handler.Applied);
        Assert.Single(_fatal);
    }

    [Fact]
    public async Task A_failed_checkpoint_is_fatal_though_its_commit_stands()
    {
        _connection.AtTend = new IOException("write failed");
        Post("one");
        _queue.Start();
        await _handler.ToldAsync(1);
        _queue.Dispose();
        Assert.Equal(["one"], _handler.Committed);
        Assert.Single(_fatal);
        Assert.False(_queue.TryPost("two", _handler, urgent: true, bytes: 1));
    }

    [Fact]
    public async Task On_a_full_disk_what_fits_goes_before_what_does_not_fit_yet()
    {
        _handler.Full = true;
        Post("submit");
        Post("large", urgent: true);
        Post("small", urgent: true);
        _queue.Start();
        await _handler.ToldAsync(2);
        Assert.Equal(["small"], _handler.Committed);
        Assert.IsType<StoreFullException>(Assert.Single(_handler.Failed).Cause);
        Post("renewal", urgent: true);
        await _handler.ToldAsync(1);
        Assert.Equal(["small", "renewal"], _handler.Committed);
        _handler.Full = false;
        await _handler.ToldAsync(1);
        Assert.Equal(["small", "renewal", "large"], _handler.Committed);
        Assert.Empty(_fatal);
    }

    [Fact]
    public void Stopping_commits_what_waits()
    {
        Post("one");
        _queue.Start();
        Post("two");
        _queue.Dispose();
        Assert.Equal(["one", "two"], _handler.Committed);
        Assert.False(_queue.TryPost("three", _handler, urgent: true, bytes: 1));
    }

    public void Dispose() => _queue.Dispose();

    private void Post(string write, bool urgent = false) => Assert.True(_queue.TryPost(write, _handler, urgent, bytes: 1));

    /// <summary>A connection whose commits go as the test says; an <see cref="IOException"/> is what a failed disk is to SQLite.</summary>
    private sealed class ScriptedConnection : IWriteConnection
    {
        public Exception? AtCommit { get; set; }

        public Exception? AtTend { get; set; }

        public Action? BeforeCommit { get; set; }

        public int Rollbacks { get; private set; }

        public void Begin()
        {
        }

        public void Commit()
        {
            BeforeCommit?.Invoke();
            if (AtCommit is { } fault) throw fault;
        }

        public void Rollback() => Rollbacks++;

        public void Tend()
        {
            if (AtTend is { } fault) throw fault;
        }

        public WriteFault Classify(Exception exception) => exception switch
        {
            EndOfStreamException => WriteFault.Full,
            IOException => WriteFault.Fatal,
            _ => WriteFault.Item,
        };
    }

    private sealed class RecordingHandler : IWriteHandler
    {
        private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
        private readonly List<string> _applied = [];

        private volatile bool _full;

        public IReadOnlyList<string> Applied => _applied;

        /// <summary>There is no room for what is large, nor for a submit.</summary>
        public bool Full
        {
            get => _full;
            set => _full = value;
        }

        public List<string> Committed { get; } = [];

        public List<(string Write, Exception Cause)> Failed { get; } = [];

        public async Task ToldAsync(int writes)
        {
            for (var i = 0; i < writes; i++)
                await _told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        }

        public void Apply(object write)
        {
            if (Full && write is ("large" or "submit")) throw new EndOfStreamException("no space");
            if (write is "culprit") throw new InvalidOperationException("this one cannot be written");
            _applied.Add((string)write);
        }

        public void Flush()
        {
        }

        public void Forget()
        {
        }

        void IWriteHandler.Committed(IReadOnlyList<object> writes)
        {
            Committed.AddRange(writes.Cast<string>());
            foreach (var write in writes) _told.Writer.TryWrite((string)write);
        }

        void IWriteHandler.Failed(object write, Exception cause)
        {
            Failed.Add(((string)write, cause));
            _told.Writer.TryWrite((string)write);
        }
    }
}

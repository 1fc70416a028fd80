using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>Tracker and dispatcher over a store that is slow, fails, and leaves open whether it has written; then the faults end, and everything has to come to its end.</summary>
[Trait("Kind", "Simulation")]
public sealed class JobSimulationTests
{
    [Fact]
    public void INV_55_when_the_faults_end_every_job_ends_or_says_why_it_waits() => Under(1, 8);

    [FullFact]
    public void INV_55_so_it_is_under_hundreds_of_seeds() => Under(1_000, 150);

    private static void Under(int first, int count) => ActorSimulation.ForEachSeed(first, count, simulation => new Scenario(simulation).Go(), JobWorld.Config);

    private sealed class Scenario(ActorSimulation simulation)
    {
        private readonly JobWorld _world = new(simulation, new QueueOptions { KeyConcurrency = 1 });
        private readonly Random _random = new(simulation.Seed);
        private readonly List<JobId> _ids = [];
        private readonly List<Task> _asked = [];

        public void Go()
        {
            for (var step = 0; step < 120; step++)
            {
                Step();
                _world.Pump();
                AssertOneRunEach();
            }
            Heal();
        }

        private void Step()
        {
            switch (_random.Next(10))
            {
                case 0 or 1: Submit(); break;
                case 2 or 3: End(); break;
                case 4: if (_ids.Count > 0) _asked.Add(_world.Jobs.CancelAsync(Namespace.Default, _ids[_random.Next(_ids.Count)], CancellationToken.None).AsTask()); break;
                case 5: simulation.RunFor(TimeSpan.FromMilliseconds(_random.Next(1, 1500))); break;       // nothing is committed meanwhile
                case 6: if (_random.Next(4) == 0) _world.Crash(); break;
                default: _world.Store.Commit(fails: _ => _random.Next(6) == 0, unknown: _ => _random.Next(6) == 0); break;
            }
        }

        private void Submit()
        {
            var id = _ids.Count > 0 && _random.Next(5) == 0 ? _ids[_random.Next(_ids.Count)] : NewId();
            if (!_ids.Contains(id)) _ids.Add(id);
            _asked.Add(_world.Submit(id: id, limitKey: Key(id)));
        }

        private void End()
        {
            if (_world.Runs.Count == 0) return;
            var run = _world.Runs[_random.Next(_world.Runs.Count)];
            _world.Runs.Remove(run);
            if (_random.Next(3) == 0) run.End.TrySetException(new InvalidOperationException("as the test wants"));
            else run.End.TrySetResult("1");
        }

        /// <summary>One run of a job at a time: a lost one is not of this life, or never began.</summary>
        private void AssertOneRunEach()
        {
            var running = _world.Runs.Where(run => !run.End.Task.IsCompleted).Select(run => run.Job).ToList();
            Assert.Equal(running.Distinct().Count(), running.Count);
        }

        private void Heal()
        {
            _world.Settle();
            // Whoever got no answer asks again, with the same id.
            var again = _ids.ConvertAll(id => _world.Submit(id: id, limitKey: Key(id)));
            for (var second = 0; second < 240; second++)
            {
                _world.Pass(TimeSpan.FromSeconds(1));
                while (_world.Runs.Count > 0) _world.End(_world.Runs[0]);
            }
            Assert.All(again, submit => Assert.True(JobWorld.Of(submit) is SubmitOutcome.Accepted or SubmitOutcome.Deduplicated));
            foreach (var id in _ids)
            {
                var job = _world.Read(id);
                Assert.True(job.Row.State.IsFinal || job.Reason is not null, $"{job.Row}");
                Assert.Single(_world.States(id), state => state.IsFinal);
                Assert.InRange(job.Row.Attempt - job.Row.Excused, 0, job.Row.MaxAttempts);
            }
            Assert.All(_asked, asked => Assert.True(SpinWait.SpinUntil(() => asked.IsCompleted, TimeSpan.FromSeconds(60)), "never answered"));
            Assert.All(_asked.Where(asked => asked.IsFaulted), asked => Assert.IsType<StoreUnavailableException>(asked.Exception!.InnerException));
            Assert.All(_world.Began.Values, count => Assert.Equal(1, count));
            _world.AssertPermitsAreBack();
        }

        private JobId NewId()
        {
            Span<byte> bytes = stackalloc byte[16];
            _random.NextBytes(bytes);
            return new JobId(new Guid(bytes));
        }

        private static string? Key(JobId id) => id.Value.ToByteArray()[0] % 3 == 0 ? "eu" : null;
    }
}

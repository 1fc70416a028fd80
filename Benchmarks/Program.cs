using ActorPerf.Benchmarks.Harness;

return args is [ChildServer.Word, var folder, .. var more] ? await ChildServer.RunAsync(folder, more.Contains(ChildServer.Bare)) : await Benchmark.RunAsync(args);

using ActorPerf.Benchmarks.Harness;

return args is [ChildServer.Word, var folder, var more, .. var words] ? await ChildServer.RunAsync(folder, more, words.Contains(ChildServer.Bare)) : await Benchmark.RunAsync(args);

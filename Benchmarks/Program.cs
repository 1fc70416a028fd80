using ActorPerf.Benchmarks.Harness;

return args is [ChildServer.Word, var folder] ? await ChildServer.RunAsync(folder) : await Benchmark.RunAsync(args);

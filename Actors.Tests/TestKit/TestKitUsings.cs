// The TestKit's types for every test, chosen as ActorUsings.cs chooses the actors'.
#if AKKA_PACKAGES
global using EventFilterFactory = Akka.TestKit.EventFilterFactory;
global using IEventFilterApplier = Akka.TestKit.IEventFilterApplier;
global using ITestKitAssertions = Akka.TestKit.ITestKitAssertions;
global using TestKitBase = Akka.TestKit.TestKitBase;
global using TestProbe = Akka.TestKit.TestProbe;
global using TestScheduler = Akka.TestKit.TestScheduler;
#else
global using EventFilterFactory = ActorPerf.TestKit.EventFilterFactory;
global using IEventFilterApplier = ActorPerf.TestKit.IEventFilterApplier;
global using ITestKitAssertions = ActorPerf.TestKit.ITestKitAssertions;
global using TestKitBase = ActorPerf.TestKit.TestKitBase;
global using TestProbe = ActorPerf.TestKit.TestProbe;
global using TestScheduler = ActorPerf.TestKit.TestScheduler;
#endif
global using ActorPerf.Tests.TestKit;

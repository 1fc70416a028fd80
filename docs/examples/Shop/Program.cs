using ActorPerf.Setup;
using ActorPerf.Web;
using Shop;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<OrderBook>();
builder.Services.AddActorPerf(builder.Configuration).AddTasks(typeof(ReportTask).Assembly);
builder.Services.AddActorPerfWeb(new HttpOptions());

var app = builder.Build();
app.MapGet("/", () => "the shop");
app.MapActorPerf("/perf");          // API under /perf/api/v1, console at /perf
app.Run();

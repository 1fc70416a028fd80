using ActorPerf.Setup;
using ActorPerf.Web;
using Shop;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<OrderBook>();
builder.Services.AddActorPerf(builder.Configuration).AddTasks(typeof(ReportTask).Assembly);
builder.Services.AddActorPerfWeb(new HttpOptions());

var app = builder.Build();
app.UseActorPerfData();             // a request is answered once what it wrote is written
app.MapGet("/", () => "the shop");
app.MapPut("/orders/{id}", Orders.PlaceAsync);
app.MapPut("/shipments/{id}", Shipments.ShipAsync);
app.MapActorPerf("/perf");          // API under /perf/api/v1, console at /perf
app.Run();

/** A collector in a process of its own; told on stdin to say what it costs. */
import { createInterface } from "node:readline";
import { ColumnStore } from "fairlead/topology";
import { listenCollector } from "fairlead/topology/node";

const served = await listenCollector({ port: 0, newStore: () => new ColumnStore() });
process.stdout.write(`${JSON.stringify({ type: "listening", url: served.url })}\n`);

createInterface({ input: process.stdin }).on("line", () => {
  const { user, system } = process.cpuUsage();
  const facts = {
    type: "facts",
    atMs: performance.now(),
    cpuMs: (user + system) / 1_000,
    rssPeakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
    ...figures(served.collector.metrics.write()),
  };
  process.stdout.write(`${JSON.stringify(facts)}\n`);
});
process.stdin.on("end", () => process.exit(0));

/** Its own metrics that have no labels, by their short names. */
function figures(text: string): Record<string, number> {
  const lines = text.matchAll(/^fairlead_collector_(\w+) ([\d.e+]+)$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value]) => [name, Number(value)]));
}

/** A master in a process of its own, on an embedded store: `node … '{"port":0,"data":DIR}'`. */
import { createInterface } from "node:readline";
import { EmbeddedStore } from "fairlead/coordination/node";
import { serveMaster } from "fairlead/master/node";

const { port, data }: { port: number; data: string } = JSON.parse(process.argv[2] ?? "{}");
const store = await EmbeddedStore.open({ path: data });
const served = await serveMaster({ port, store, core: { agentReregisterTimeoutMs: 60_000 } });
await served.master.leads();
process.stdout.write(`${JSON.stringify({ type: "leading", url: served.url })}\n`);

let longestStallMs = 0;
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  longestStallMs = Math.max(longestStallMs, now - last - 20);
  last = now;
}, 20);

createInterface({ input: process.stdin }).on("line", () => {
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const facts = { type: "facts", rss, cpuMs: (user + system) / 1_000, longestStallMs };
  longestStallMs = 0;
  process.stdout.write(`${JSON.stringify(facts)}\n`);
});
process.stdin.on("end", () => process.exit(0));

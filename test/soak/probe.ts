/** The probe of a soak; its output goes to a full disk, and its clock is set by messages. */
import { startProbe } from "fairlead/probe/node";
import { startLogs } from "../../examples/shared/logs.ts";

const { now } = Date;
let offsetMs = 0;
Date.now = () => now() + offsetMs;

await startLogs({ logLevel: "debug", logFormat: "text" });
const [collectors = "", docker = ""] = process.argv.slice(2);
startProbe({ collectors: collectors.split(","), docker, hostId: "soak", plugins: false });
process.on("message", (ms) => {
  offsetMs = Number(ms);
});
process.on("disconnect", () => process.exit());
process.send?.("started");

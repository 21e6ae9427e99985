/** An agent as a process of its own: `child.ts MASTER WORKDIR`. */
import { createAgent } from "../../../src/agent/node/mod.ts";

const [master = "", workDir = ""] = process.argv.slice(2);
const agent = await createAgent({
  masters: master,
  workDir,
  port: 0,
  hostname: "child",
  resources: "cpus:100;mem:100000;disk:100000;ports:[31000-31999]",
  switchUser: false,
  linkBackoffMs: 5,
  linkBackoffMsMax: 50,
});
process.stdout.write(`${agent.url}\n`);
process.on("SIGTERM", () => void agent.shutdown().then(() => process.exit(0)));

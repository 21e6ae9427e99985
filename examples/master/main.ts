/** A master as a process of its own: `npm run -s example:master -- --help`. */
import { Disposer } from "fairlead/base";
import { memoryDriver, openStore } from "fairlead/coordination";
import { embeddedDriver, zooKeeperDriver } from "fairlead/coordination/node";
import { authenticator } from "fairlead/http";
import { type Advertise, type ServedMaster, serveMaster } from "fairlead/master/node";
import { consoleHandler } from "fairlead/ui/node";
import { orNotFound } from "../shared/console.ts";
import { readCredentials, readJson, readText, requirePair } from "../shared/files.ts";
import { startLogs } from "../shared/logs.ts";
import { type Running, run } from "../shared/run.ts";
import { type MasterFlags, masterCommand } from "./flags.ts";

const flags = masterCommand().parse().opts<MasterFlags>();
await startLogs(flags);
process.exitCode = await run(() => start(flags));

async function start(flags: MasterFlags): Promise<Running> {
  const opened = new Disposer();
  try {
    const served = await serve(flags, opened);
    console.log(`master    ${served.url}\nconsole   ${served.url}/console/`);
    return { [Symbol.asyncDispose]: () => opened.dispose() };
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

async function serve(flags: MasterFlags, opened: Disposer): Promise<ServedMaster> {
  const { credentials, acls, tlsCert, tlsKey, region, zone } = flags;
  requirePair("--tls-cert", tlsCert, "--tls-key", tlsKey);
  requirePair("--region", region, "--zone", zone);
  const pairs =
    credentials === undefined ? undefined : await readCredentials("--credentials", credentials);
  const rules = acls === undefined ? undefined : await readJson("--acls", acls);
  const files = orNotFound(await consoleHandler());
  const store = opened.use(
    await openStore(flags.store, {
      drivers: [embeddedDriver(), memoryDriver(), zooKeeperDriver()],
    }),
  );
  const served = opened.use(
    await serveMaster({
      store,
      files,
      hostname: flags.ip,
      port: flags.port,
      cluster: flags.cluster,
      electionPath: flags.electionPath,
      registryPath: flags.registryPath,
      flags: shownFlags(flags),
      advertise: advertiseOf(flags),
      limits: { requestsPerSecond: flags.requestsPerSecond },
      core: {
        offerTimeoutMs: flags.offerTimeout,
        allocationIntervalMs: flags.allocationInterval,
        agentPingMs: flags.agentPing,
        agentPingsMax: flags.agentPingsMax,
        agentReregisterTimeoutMs: flags.agentReregisterTimeout,
        agentRemovalsPerMinute: flags.agentRemovalsPerMinute,
        failoverTimeoutMs: flags.failoverTimeout,
        requireAgentDomain: flags.requireAgentDomain,
      },
      ...(region === undefined || zone === undefined
        ? {}
        : { domain: { fault_domain: { region: { name: region }, zone: { name: zone } } } }),
      ...(pairs === undefined ? {} : { authenticator: authenticator({ basic: pairs }) }),
      ...(rules === undefined ? {} : { acls: rules }),
      ...(tlsCert === undefined || tlsKey === undefined
        ? {}
        : {
            tls: {
              cert: await readText("--tls-cert", tlsCert),
              key: await readText("--tls-key", tlsKey),
            },
          }),
    }),
  );
  if (flags.weights.length > 0) void setWeights(served, flags.weights, pairs?.[0]);
  return served;
}

/** As an operator would, once this master leads; in the registry they outlive it. */
async function setWeights(
  { master, url }: ServedMaster,
  weight_infos: MasterFlags["weights"],
  operator: { readonly principal: string; readonly secret: string } | undefined,
): Promise<void> {
  await master.leads();
  const headers = new Headers({ "content-type": "application/json" });
  if (operator !== undefined) {
    const pair = `${operator.principal}:${operator.secret}`;
    headers.set("authorization", `Basic ${Buffer.from(pair).toString("base64")}`);
  }
  const body = JSON.stringify({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos } });
  const request = new Request(`${url}/api/v1`, { method: "POST", headers, body });
  const response = await master.handler(request);
  if (response.ok) return;
  console.error(`Cannot set --weights: ${response.status} ${await response.text()}`);
}

/** What `/flags` and the console show: never what files hold. */
function shownFlags(flags: MasterFlags): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(flags)) {
    // An address of a store may hold credentials.
    if (name === "store") shown.store = flags.store.replace(/\/\/[^/@]*@/, "//");
    else shown[snake(name)] = typeof value === "object" ? JSON.stringify(value) : String(value);
  }
  return shown;
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function advertiseOf({ hostname, advertiseIp, advertisePort }: MasterFlags): Advertise {
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(advertiseIp === undefined ? {} : { ip: advertiseIp }),
    ...(advertisePort === undefined ? {} : { port: advertisePort }),
  };
}

/** A collector and the topology view: `npm run -s example:monitor -- --help`. */

import { Disposer } from "fairlead/base";
import { authenticator } from "fairlead/http";
import { startProbe } from "fairlead/probe/node";
import { readCredentials, readText, requirePair } from "../shared/files.ts";
import { startLogs } from "../shared/logs.ts";
import { type Running, run } from "../shared/run.ts";
import { type MonitorFlags, monitorCommand } from "./flags.ts";
import { type MonitorOptions, startMonitor } from "./monitor.ts";
import { simulate } from "./simulate.ts";

type Credentials = Awaited<ReturnType<typeof readCredentials>>;

const flags = monitorCommand().parse().opts<MonitorFlags>();
await startLogs(flags);
process.exitCode = await run(() => start(flags));

async function start(given: MonitorFlags): Promise<Running> {
  const opened = new Disposer();
  try {
    const { credentials } = given;
    const pairs =
      credentials === undefined ? [] : await readCredentials("--credentials", credentials);
    const served = opened.use(await startMonitor(await optionsOf(given, pairs)));
    if (given.probe) opened.use(startProbe({ collectors: [withCredentials(served.url, pairs)] }));
    if (given.simulate === true) {
      const stop = new AbortController();
      opened.defer(() => stop.abort());
      void simulate(served.collector, given, stop.signal);
    }
    console.log(`monitor   ${served.url}/monitor/\napi       ${served.url}/api`);
    return opened;
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

async function optionsOf(given: MonitorFlags, pairs: Credentials): Promise<MonitorOptions> {
  const { history: folder, tlsCert, tlsKey } = given;
  requirePair("--tls-cert", tlsCert, "--tls-key", tlsKey);
  return {
    hostname: given.ip,
    port: given.port,
    windowMs: given.window,
    rules: {
      isReadOnly: given.readOnly,
      hideCommandLines: given.hideCommandLines,
      hideEnvironment: given.hideEnvironment,
      origins: listOf(given.origins),
    },
    nats: listOf(given.nats),
    hasColumns: given.columns ?? given.simulate === true,
    ...(folder === undefined
      ? {}
      : {
          history: {
            folder,
            retentionMs: given.historyRetention,
            bytesMax: given.historyMegabytesMax * 1_048_576,
          },
        }),
    ...(pairs.length === 0 ? {} : { authenticator: authenticator({ basic: pairs }) }),
    ...(tlsCert === undefined || tlsKey === undefined
      ? {}
      : {
          tls: {
            cert: await readText("--tls-cert", tlsCert),
            key: await readText("--tls-key", tlsKey),
          },
        }),
  };
}

function listOf(given: string): readonly string[] {
  return given.split(",").filter((part) => part !== "");
}

function withCredentials(address: string, [first]: Credentials): string {
  if (first === undefined) return address;
  const url = new URL(address);
  url.username = encodeURIComponent(first.principal);
  url.password = encodeURIComponent(first.secret);
  return url.href;
}

/** A collector and the topology view: `npm run -s example:monitor -- --help`. */

import { getLogger } from "@logtape/logtape";
import { Disposer } from "fairlead/base";
import { authenticator } from "fairlead/http";
import { startProbe } from "fairlead/probe/node";
import { type ListeningCollector, listenCollector, openHistory } from "fairlead/topology/node";
import { monitorHandler } from "fairlead/ui/node";
import { readCredentials, readText, requirePair } from "../shared/files.ts";
import { startLogs } from "../shared/logs.ts";
import { type Running, run } from "../shared/run.ts";
import { type MonitorFlags, monitorCommand } from "./flags.ts";
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
    const served = opened.use(await listen(given, pairs, opened));
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

async function listen(
  given: MonitorFlags,
  pairs: Credentials,
  opened: Disposer,
): Promise<ListeningCollector> {
  const { history, tlsCert, tlsKey } = given;
  requirePair("--tls-cert", tlsCert, "--tls-key", tlsKey);
  const kept =
    history === undefined
      ? undefined
      : opened.use(
          await openHistory({
            folder: history,
            retentionMs: given.historyRetention,
            bytesMax: given.historyMegabytesMax * 1_048_576,
          }),
        );
  return await listenCollector({
    hostname: given.ip,
    port: given.port,
    windowMs: given.window,
    files: await monitorHandler(),
    logger: getLogger(["fairlead", "collector"]),
    rules: {
      isReadOnly: given.readOnly,
      hideCommandLines: given.hideCommandLines,
      hideEnvironment: given.hideEnvironment,
      origins: given.origins.split(",").filter((origin) => origin !== ""),
    },
    ...(kept === undefined ? {} : { history: kept }),
    ...(pairs.length === 0 ? {} : { authenticator: authenticator({ basic: pairs }) }),
    ...(tlsCert === undefined || tlsKey === undefined
      ? {}
      : {
          tls: {
            cert: await readText("--tls-cert", tlsCert),
            key: await readText("--tls-key", tlsKey),
          },
        }),
  });
}

function withCredentials(address: string, [first]: Credentials): string {
  if (first === undefined) return address;
  const url = new URL(address);
  url.username = encodeURIComponent(first.principal);
  url.password = encodeURIComponent(first.secret);
  return url.href;
}

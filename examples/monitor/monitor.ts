/** A collector with its page, history and credentials: what `example:monitor` and the platform run. */
import { getLogger } from "@logtape/logtape";
import { Disposer } from "fairlead/base";
import type { Authenticator } from "fairlead/http";
import { type ApiRules, type Collector, PlainStore } from "fairlead/topology";
import { listenCollector, openHistory } from "fairlead/topology/node";
import { monitorHandler } from "fairlead/ui/node";
import { orNotFound } from "../shared/console.ts";

/** How a monitor is put together. */
export interface MonitorOptions {
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  /** How long a report counts. @default 15_000 */
  readonly windowMs?: number | undefined;
  /** Where reports are kept, so that time can be travelled; by default nowhere. */
  readonly historyDir?: string | undefined;
  /** @default 3_600_000 */
  readonly retentionMs?: number | undefined;
  readonly authenticator?: Authenticator | undefined;
  readonly rules?: Partial<ApiRules> | undefined;
}

/** A monitor that runs. */
export interface Monitor extends AsyncDisposable {
  readonly url: string;
  readonly collector: Collector;
}

/** Listen, and serve the page beside the API. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const opened = new Disposer();
  try {
    const { hostname, port, windowMs = 15_000, authenticator, rules } = options;
    const history = await historyOf(options, opened);
    const listening = opened.use(
      await listenCollector({
        ...{ hostname, port, windowMs },
        newStore: () => new PlainStore({ windowMs }),
        files: orNotFound(await monitorHandler()),
        logger: getLogger(["fairlead", "monitor"]),
        ...(history === undefined ? {} : { history }),
        ...(authenticator === undefined ? {} : { authenticator }),
        ...(rules === undefined ? {} : { rules }),
      }),
    );
    const { url, collector } = listening;
    return { url, collector, [Symbol.asyncDispose]: () => opened.dispose() };
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

async function historyOf({ historyDir, retentionMs }: MonitorOptions, opened: Disposer) {
  if (historyDir === undefined) return undefined;
  const log = getLogger(["fairlead", "monitor"]);
  return opened.use(
    await openHistory({
      folder: historyDir,
      onError: (error) => log.error("Cannot keep a report: {error}", { error: String(error) }),
      ...(retentionMs === undefined ? {} : { retentionMs }),
    }),
  );
}

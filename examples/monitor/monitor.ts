/** A collector with its page and history: what `example:monitor` and the platform run. */
import { getLogger } from "@logtape/logtape";
import { Disposer } from "fairlead/base";
import type { Collector } from "fairlead/topology";
import { type ListenOptions, listenCollector, openHistory } from "fairlead/topology/node";
import { monitorHandler } from "fairlead/ui/node";

/** How a monitor is put together: a collector, and where its reports are kept. */
export interface MonitorOptions extends Omit<ListenOptions, "files" | "history" | "logger"> {
  /** For time travel; by default nothing is kept. */
  readonly history?:
    | {
        readonly folder: string;
        readonly retentionMs?: number;
        readonly bytesMax?: number;
      }
    | undefined;
}

/** A monitor that runs. */
export interface Monitor extends AsyncDisposable {
  readonly url: string;
  readonly collector: Collector;
}

/** Listen, and serve the page beside the API. */
export async function startMonitor({ history, ...options }: MonitorOptions): Promise<Monitor> {
  const opened = new Disposer();
  const logger = getLogger(["fairlead", "collector"]);
  const onError = (error: unknown) =>
    logger.error("Cannot keep a report: {error}", { error: String(error) });
  try {
    const kept =
      history === undefined ? undefined : opened.use(await openHistory({ ...history, onError }));
    const { url, collector } = opened.use(
      await listenCollector({
        ...options,
        logger,
        files: await monitorHandler(),
        ...(kept === undefined ? {} : { history: kept }),
      }),
    );
    return { url, collector, [Symbol.asyncDispose]: () => opened.dispose() };
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

/** A collector with its page and history: what `example:monitor` and the platform run. */
import { getLogger } from "@logtape/logtape";
import { Disposer } from "fairlead/base";
import { type Collector, ColumnStore } from "fairlead/topology";
import {
  type ListenOptions,
  listenCollector,
  openHistory,
  openNatsRelay,
} from "fairlead/topology/node";
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
  /** Keep reports as columns: for many hosts. @default false */
  readonly hasColumns?: boolean;
  /** Servers by which collectors tell each other; by default, and with none, this one is alone. */
  readonly nats?: readonly string[];
}

/** A monitor that runs. */
export interface Monitor extends AsyncDisposable {
  readonly url: string;
  readonly collector: Collector;
}

/** Listen, and serve the page beside the API. */
export async function startMonitor({
  history,
  nats,
  hasColumns = false,
  ...options
}: MonitorOptions): Promise<Monitor> {
  const opened = new Disposer();
  const logger = getLogger(["fairlead", "collector"]);
  const tell = (what: string) => (error: unknown) =>
    logger.error("Cannot {what} a report: {error}", { what, error: String(error) });
  try {
    const kept =
      history === undefined
        ? undefined
        : opened.use(await openHistory({ ...history, onError: tell("keep") }));
    const relay =
      nats === undefined || nats.length === 0
        ? undefined
        : opened.use(await openNatsRelay({ servers: nats, onError: tell("pass on or take") }));
    const { url, collector } = opened.use(
      await listenCollector({
        ...options,
        logger,
        files: await monitorHandler(),
        ...(hasColumns ? { newStore: () => new ColumnStore(windowOf(options)) } : {}),
        ...(kept === undefined ? {} : { history: kept }),
        ...(relay === undefined ? {} : { relay }),
      }),
    );
    relay?.follow((upload) => collector.add(upload));
    return { url, collector, [Symbol.asyncDispose]: () => opened.dispose() };
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

function windowOf({ windowMs }: Pick<MonitorOptions, "windowMs">) {
  return windowMs === undefined ? {} : { windowMs };
}

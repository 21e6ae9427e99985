/** The two ensembles of a configuration. */
import { FairleadError } from "fairlead/base";
import { type ConnectedSide, connectSide } from "fairlead/migration/node";
import { authOf, type MigrateConfig } from "./config.ts";

const CONNECT_MS = 30_000;

/** @throws {FairleadError} `invalid_config`, `connect_failed`; what `connectSide` throws. */
export async function connect(
  config: MigrateConfig,
  side: "source" | "target",
): Promise<ConnectedSide> {
  const { connectString, strategy } = config[side];
  const { mappings, requestBytesMax } = config;
  const credentials = [{ scheme: "digest", auth: authOf(config[side], `${side}.auth`) }];
  const roots = mappings.map(({ from, to }) => (side === "source" ? from : (to ?? from)));
  const signal = AbortSignal.timeout(CONNECT_MS);
  const options = { connectString, credentials, strategy, watch: { roots }, requestBytesMax };
  try {
    return await connectSide({ ...options, signal });
  } catch (cause) {
    if (cause !== signal.reason) throw cause;
    const message = `Cannot connect to ${connectString}: nobody answered in ${CONNECT_MS} ms`;
    throw new FairleadError("connect_failed", message, { cause });
  }
}

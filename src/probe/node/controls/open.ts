/** From the first connection of controls to the end of the last. */
import { getLogger } from "@logtape/logtape";
import { FairleadError, systemClock, systemRandom } from "../../../base/mod.ts";
import type { ControlAudit, ControlRegistry } from "../../controls/registry.ts";
import type { PublisherIdentity } from "../publisher/http_collector.ts";
import { followControls } from "./link.ts";
import { newPipeId, openPipe } from "./pipe.ts";

/** Be there for calls from all collectors; gives what ends it. */
export function openControls(
  collectors: readonly string[],
  identity: PublisherIdentity,
  registry: ControlRegistry,
): () => Promise<unknown> {
  const ending = new AbortController();
  const log = getLogger(["fairlead", "probe", "controls"]);
  const links = collectors.map((address) =>
    followControls(
      {
        address,
        identity,
        clock: systemClock,
        random: systemRandom,
        call: (call, host) =>
          registry.call(call, {
            openPipe: async (end) => {
              const id = newPipeId();
              await openPipe(host, id, end);
              return id;
            },
          }),
        onBroken: ({ message }) => log.debug("{message}", { message }),
      },
      ending.signal,
    ),
  );
  return () => {
    ending.abort(new FairleadError("aborted", "Cannot be controlled: the probe stops"));
    return Promise.all(links);
  };
}

/** One line for each call, done or not. */
export function writeAudit({ call, outcome, error }: ControlAudit): void {
  const { appId, nodeId, control } = call;
  getLogger(["fairlead", "probe", "controls"]).info(
    "control {control} of {nodeId} for {appId}: {outcome}",
    { control, nodeId, appId, outcome, ...(error === undefined ? {} : { error }) },
  );
}

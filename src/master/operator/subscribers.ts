/** SUBSCRIBE of the operator API: the state first, then what changes. */
import { type EventStream, encodeRecord, eventStream, principalOf, text } from "../../http/mod.ts";
import type { MasterEvent } from "../../model/mod.ts";
import type { MasterChange } from "../core/events.ts";
import type { MasterState } from "../core/records.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver } from "../shell/driver.ts";
import { jsonObject, slicedBytes } from "./slices.ts";
import { takeSnapshot } from "./snapshot.ts";
import { stateParts } from "./state.ts";
import { agentView, frameworkFacts, taskView } from "./views.ts";
import { Visible } from "./visible.ts";

/** As Mesos limits them. */
const SUBSCRIBERS_MAX = 1_000;
const HEARTBEAT_MS = 15_000;
/** What may happen while a subscriber's state is being written. */
const WAITING_MAX = 100_000;

/** The subscribers of one master. */
export class Subscribers {
  readonly #context: MasterContext;
  /** By the term that they listen to. */
  readonly #open = new WeakMap<Driver, Set<Subscriber>>();
  #count = 0;

  constructor(context: MasterContext) {
    this.#context = context;
  }

  /** Open a stream: it is there at once, the state follows as fast as it can be written. */
  open(driver: Driver, request: Request): Response {
    if (this.#count >= SUBSCRIBERS_MAX) {
      return text(503, `Cannot take more than ${SUBSCRIBERS_MAX} subscribers`, {
        headers: { "retry-after": "5" },
      });
    }
    this.#count += 1;
    const open = this.#openOf(driver);
    const subscriber = new Subscriber(this.#context, driver, principalOf(request), () => {
      this.#count -= 1;
      open.delete(subscriber);
    });
    open.add(subscriber);
    if (driver.signal.aborted) subscriber.stream.close();
    return subscriber.stream.respond({ "content-type": "application/json" });
  }

  /** One listener for all of a term: platforms warn of signals that have many. */
  #openOf(driver: Driver): Set<Subscriber> {
    const known = this.#open.get(driver);
    if (known !== undefined) return known;
    const open = new Set<Subscriber>();
    this.#open.set(driver, open);
    const end = () => {
      for (const { stream } of [...open]) stream.close();
    };
    driver.signal.addEventListener("abort", end, { once: true });
    return open;
  }
}

class Subscriber {
  readonly stream: EventStream<Uint8Array | string>;
  readonly #context: MasterContext;
  readonly #driver: Driver;
  readonly #visible: Visible;
  readonly #unlisten: () => void;
  readonly #gone = new AbortController();
  /** Events while the state is being written; undefined afterwards. */
  #waiting: string[] | undefined = [];

  constructor(
    context: MasterContext,
    driver: Driver,
    principal: string | undefined,
    onClose: () => void,
  ) {
    this.#context = context;
    this.#driver = driver;
    this.#visible = new Visible(context.authorize, principal);
    this.stream = eventStream<Uint8Array | string>({
      encode: encodeRecord,
      bufferBytesMax: context.limits.streamBytesMax,
      onClose: () => {
        this.#gone.abort();
        this.#unlisten();
        onClose();
      },
    });
    this.#unlisten = driver.listen((change) => this.#hear(change));
    const snapshot = takeSnapshot(driver.core.state);
    const pieces = jsonObject([
      ["type", { value: "SUBSCRIBED" }],
      [
        "subscribed",
        {
          members: [
            ["get_state", { members: stateParts(snapshot, this.#visible) }],
            ["heartbeat_interval_seconds", { value: HEARTBEAT_MS / 1000 }],
          ],
        },
      ],
    ]);
    slicedBytes(pieces, context.clock).then(
      (bytes) => this.#begin(bytes),
      () => this.stream.close(),
    );
  }

  #begin(state: Uint8Array): void {
    this.stream.push(state);
    for (const event of this.#waiting ?? []) this.stream.push(event);
    this.#waiting = undefined;
    this.#beat();
  }

  #beat(): void {
    const { clock } = this.#context;
    clock.sleep(HEARTBEAT_MS, { signal: this.#gone.signal }).then(
      () => {
        if (this.stream.push(JSON.stringify({ type: "HEARTBEAT" }))) this.#beat();
      },
      () => undefined, // The subscriber is gone.
    );
  }

  #hear(change: MasterChange): void {
    const event = eventOf(change, this.#driver.core.state, this.#visible);
    if (event === undefined) return;
    const json = JSON.stringify(event);
    if (this.#waiting === undefined) this.stream.push(json);
    else if (this.#waiting.push(json) > WAITING_MAX) this.stream.close();
  }
}

/** What a subscriber hears of a change; undefined when it may not see it. */
export function eventOf(
  change: MasterChange,
  state: MasterState,
  visible: Visible,
): MasterEvent | undefined {
  switch (change.type) {
    case "task_added": {
      const framework = state.frameworks.get(change.task.frameworkId)?.record;
      if (framework && !visible.task(change.task, framework)) return undefined;
      return { type: "TASK_ADDED", task_added: { task: taskView(change.task) } };
    }
    case "task_updated": {
      const { task, status } = change;
      const framework = state.frameworks.get(task.frameworkId)?.record;
      if (framework && !visible.task(task, framework)) return undefined;
      return {
        type: "TASK_UPDATED",
        task_updated: {
          framework_id: { value: task.frameworkId },
          status,
          state: change.state,
        },
      };
    }
    case "agent_added":
      return {
        type: "AGENT_ADDED",
        agent_added: { agent: agentView(change.agent, { held: [], offers: [] }) },
      };
    case "agent_removed":
      return { type: "AGENT_REMOVED", agent_removed: { agent_id: { value: change.agentId } } };
    default:
      return visible.framework(change.framework) ? frameworkEvent(change) : undefined;
  }
}

function frameworkEvent(
  change: Extract<MasterChange, { readonly framework: unknown }>,
): MasterEvent {
  const framework = frameworkFacts(change.framework);
  if (change.type === "framework_added") {
    return { type: "FRAMEWORK_ADDED", framework_added: { framework } };
  }
  if (change.type === "framework_updated") {
    return { type: "FRAMEWORK_UPDATED", framework_updated: { framework } };
  }
  return {
    type: "FRAMEWORK_REMOVED",
    framework_removed: { framework_info: change.framework.info },
  };
}

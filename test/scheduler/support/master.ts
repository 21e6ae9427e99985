/** A master that does what a test says: the scheduler API and nothing more. */
import {
  readSchedulerCall,
  type SchedulerCall,
  type SchedulerEvent,
} from "../../../src/model/mod.ts";
import { ScriptedServer, type ServerOptions } from "./server.ts";

export type { Answer } from "./server.ts";

export interface MasterOptions extends ServerOptions<SchedulerCall> {
  /** Whether it announces CALL_BATCH. */
  readonly isBatching?: boolean;
  readonly heartbeatSeconds?: number;
}

export class ScriptedMaster extends ScriptedServer<SchedulerCall, SchedulerEvent> {
  readonly #options: MasterOptions;

  private constructor(options: MasterOptions) {
    super(options);
    this.#options = options;
  }

  static async listen(options: MasterOptions = {}): Promise<ScriptedMaster> {
    return await new ScriptedMaster(options).listen();
  }

  protected override read(json: unknown): SchedulerCall {
    return readSchedulerCall(json);
  }

  protected override subscribed(): SchedulerEvent {
    const { isBatching = false, heartbeatSeconds = 15 } = this.#options;
    const capabilities = isBatching ? [{ type: "CALL_BATCH" }] : [];
    return {
      type: "SUBSCRIBED",
      subscribed: {
        framework_id: { value: "m-0000" },
        heartbeat_interval_seconds: heartbeatSeconds,
        master_info: { id: "m", ip: 0, port: this.port, capabilities },
      },
    };
  }
}

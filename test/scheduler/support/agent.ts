/** An agent that does what a test says: the executor API and nothing more. */
import { type ExecutorCall, type ExecutorEvent, readExecutorCall } from "../../../src/model/mod.ts";
import { ScriptedServer, type ServerOptions } from "./server.ts";

export class ScriptedAgent extends ScriptedServer<ExecutorCall, ExecutorEvent> {
  static async listen(options: ServerOptions<ExecutorCall> = {}): Promise<ScriptedAgent> {
    return await new ScriptedAgent(options).listen();
  }

  /** The environment of an executor that this agent starts. */
  environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      MESOS_AGENT_ENDPOINT: this.address,
      MESOS_FRAMEWORK_ID: "f1",
      MESOS_EXECUTOR_ID: "e1",
      MESOS_DIRECTORY: "/sandbox",
      MESOS_CHECKPOINT: "1",
      MESOS_RECOVERY_TIMEOUT: "15mins",
      MESOS_SUBSCRIPTION_BACKOFF_MAX: "200ms",
      MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: "5secs",
      ...more,
    };
  }

  protected override read(json: unknown): ExecutorCall {
    return readExecutorCall(json);
  }

  protected override subscribed(): ExecutorEvent {
    return subscribedEvent;
  }
}

export const subscribedEvent: ExecutorEvent = {
  type: "SUBSCRIBED",
  subscribed: {
    executor_info: { executor_id: { value: "e1" } },
    framework_info: { name: "test", user: "root" },
    agent_info: { hostname: "h1" },
  },
};

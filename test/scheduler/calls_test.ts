import { expect, test } from "vitest";
import type { TaskStatus } from "../../src/model/mod.ts";
import {
  type CallOutcome,
  type FrameworkCall,
  FrameworkCalls,
  match,
  task,
} from "../../src/scheduler/mod.ts";
import { offer, taskInfo } from "./support/drive.ts";
import { offerOf } from "./support/offers.ts";

class Recorder extends FrameworkCalls {
  readonly calls: FrameworkCall[] = [];
  override get frameworkId(): string {
    return "f1";
  }
  override call(call: FrameworkCall): Promise<CallOutcome> {
    this.calls.push(call);
    return Promise.resolve({ taken: true });
  }
  protected override agentOf(taskId: string): string | undefined {
    return taskId === "known" ? "a7" : undefined;
  }
  protected override acknowledged(_status: TaskStatus): void {}
}

test("FrameworkCalls writes each call as the API has it", async () => {
  const api = new Recorder();
  const id = (value: string) => ({ value });
  await api.accept([offer("o1"), "o2"], [{ type: "UNRESERVE" }], { refuseSeconds: 0 });
  await api.decline("o3", { refuseSeconds: 60 });
  await api.decline([]);
  await api.revive();
  await api.revive("a");
  await api.suppress("a", "b");
  await api.kill("known", { killPolicy: { grace_period: { nanoseconds: 5e9 } } });
  await api.kill("unknown");
  await api.shutdownExecutor("e1", "a1");
  await api.reconcile();
  await api.reconcile([{ taskId: "t1", agentId: "a1" }, { taskId: "t2" }]);
  await api.reconcileOperations([{ operationId: "p1", agentId: "a1" }, { operationId: "p2" }]);
  await api.message({ agentId: "a1", executorId: "e1" }, new Uint8Array([104, 105]));
  await api.request([{ agentId: "a1", resources: [] }, { resources: [] }]);
  await api.updateFramework({ framework: { name: "x", user: "u" }, suppressedRoles: ["r"] });
  await api.acceptInverseOffers(["i1"], { refuseSeconds: 1 });
  await api.declineInverseOffers(["i2"]);
  await api.teardown();
  expect(api.calls).toEqual([
    {
      type: "ACCEPT",
      accept: {
        offer_ids: [id("o1"), id("o2")],
        operations: [{ type: "UNRESERVE" }],
        filters: { refuse_seconds: 0 },
      },
    },
    { type: "DECLINE", decline: { offer_ids: [id("o3")], filters: { refuse_seconds: 60 } } },
    { type: "DECLINE", decline: { offer_ids: [] } },
    { type: "REVIVE" },
    { type: "REVIVE", revive: { roles: ["a"] } },
    { type: "SUPPRESS", suppress: { roles: ["a", "b"] } },
    {
      type: "KILL",
      kill: {
        task_id: id("known"),
        agent_id: id("a7"),
        kill_policy: { grace_period: { nanoseconds: 5e9 } },
      },
    },
    { type: "KILL", kill: { task_id: id("unknown") } },
    { type: "SHUTDOWN", shutdown: { executor_id: id("e1"), agent_id: id("a1") } },
    { type: "RECONCILE", reconcile: { tasks: [] } },
    {
      type: "RECONCILE",
      reconcile: { tasks: [{ task_id: id("t1"), agent_id: id("a1") }, { task_id: id("t2") }] },
    },
    {
      type: "RECONCILE_OPERATIONS",
      reconcile_operations: {
        operations: [{ operation_id: id("p1"), agent_id: id("a1") }, { operation_id: id("p2") }],
      },
    },
    {
      type: "MESSAGE",
      message: { agent_id: id("a1"), executor_id: id("e1"), data: "aGk=" },
    },
    {
      type: "REQUEST",
      request: { requests: [{ agent_id: id("a1"), resources: [] }, { resources: [] }] },
    },
    {
      type: "UPDATE_FRAMEWORK",
      update_framework: {
        framework_info: { name: "x", user: "u", id: id("f1") },
        suppressed_roles: ["r"],
      },
    },
    {
      type: "ACCEPT_INVERSE_OFFERS",
      accept_inverse_offers: { inverse_offer_ids: [id("i1")], filters: { refuse_seconds: 1 } },
    },
    { type: "DECLINE_INVERSE_OFFERS", decline_inverse_offers: { inverse_offer_ids: [id("i2")] } },
    { type: "TEARDOWN" },
  ]);
});

test("launch() and launchGroup() are ACCEPTs of one operation", async () => {
  const api = new Recorder();
  const executor = { executor_id: { value: "e1" } };
  await api.launch("o1", [taskInfo("t1")]);
  await api.launchGroup("o2", { executor, tasks: [taskInfo("t2")] }, { refuseSeconds: 1 });
  expect(api.calls).toEqual([
    {
      type: "ACCEPT",
      accept: {
        offer_ids: [{ value: "o1" }],
        operations: [{ type: "LAUNCH", launch: { task_infos: [taskInfo("t1")] } }],
      },
    },
    {
      type: "ACCEPT",
      accept: {
        offer_ids: [{ value: "o2" }],
        operations: [
          {
            type: "LAUNCH_GROUP",
            launch_group: { executor, task_group: { tasks: [taskInfo("t2")] } },
          },
        ],
        filters: { refuse_seconds: 1 },
      },
    },
  ]);
});

test("apply() accepts what a match launches and declines the rest", async () => {
  const api = new Recorder();
  const offers = ["a1", "a2", "a3"].map((id) => offerOf(`o-${id}`, id, { cpus: 1, mem: 64 }));
  const pending = ["t1", "t2"].map((id) => task({ name: id, id, command: "true", cpus: 1 }));
  const matched = match(offers, pending);
  expect(await api.apply(matched, { refuseSeconds: 60 })).toEqual([
    { taken: true },
    { taken: true },
  ]);
  expect(api.calls.map(({ type }) => type)).toEqual(["ACCEPT", "ACCEPT", "DECLINE"]);
  expect(api.calls[2]).toEqual({
    type: "DECLINE",
    decline: { offer_ids: [{ value: "o-a3" }], filters: { refuse_seconds: 60 } },
  });
  await api.apply({ launches: [], declined: [] });
  expect(api.calls).toHaveLength(3);
});

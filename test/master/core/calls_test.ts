import { expect, test } from "vitest";
import { type Call, Cluster } from "./cluster.ts";

const REVIVE: Call = { type: "REVIVE" };

test("a call of a framework that is not known is 400", () => {
  const framework = new Cluster().subscribe();
  expect(framework.call(REVIVE, { id: "nobody" })).toMatchObject({
    status: 400,
    message: "Framework cannot be found",
  });
});

test("a call under another principal is 400, before anything else is looked at", () => {
  const cluster = new Cluster();
  const framework = cluster.subscribe({}, { principal: "p" });
  framework.principal = "q";
  framework.disconnect();
  expect(framework.call(REVIVE, { stream: null })).toMatchObject({
    status: 400,
    message: "Authenticated principal 'q' does not match principal 'p' set in `FrameworkInfo`",
  });
});

test("a call of a framework that is not subscribed is 403", () => {
  const framework = new Cluster().subscribe();
  framework.disconnect();
  expect(framework.call(REVIVE, { stream: null })).toMatchObject({
    status: 403,
    message: "Framework is not subscribed",
  });
});

test("a call without a stream id, or with another one, is 400", () => {
  const cluster = new Cluster();
  const framework = cluster.subscribe();
  expect(framework.call(REVIVE, { stream: null })).toMatchObject({
    status: 400,
    message: "All non-subscribe calls should include the 'Mesos-Stream-Id' header",
  });
  expect(framework.call(REVIVE, { stream: "x" }).status).toBe(400);
  const renewed = cluster.subscribe({ id: { value: framework.id } });
  expect(framework.call(REVIVE, { id: renewed.id }).status).toBe(400);
  expect(renewed.call(REVIVE).status).toBe(202);
});

test("a long wrong stream id is not sent back whole", () => {
  const framework = new Cluster().subscribe();
  const { message } = framework.call(REVIVE, { stream: "x".repeat(10_000) });
  expect(message?.length).toBeLessThan(500);
});

test("every other call is 202, REQUEST included", () => {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe();
  const executor = { executor_id: { value: "e" }, agent_id: { value: agent.id } };
  const calls: Call[] = [
    REVIVE,
    { type: "SUPPRESS" },
    { type: "REQUEST", request: { requests: [] } },
    { type: "DECLINE", decline: { offer_ids: [{ value: "o" }] } },
    { type: "KILL", kill: { task_id: { value: "t" } } },
    { type: "SHUTDOWN", shutdown: executor },
    { type: "MESSAGE", message: { ...executor, data: "" } },
    { type: "RECONCILE", reconcile: {} },
    { type: "RECONCILE_OPERATIONS", reconcile_operations: {} },
    { type: "ACCEPT", accept: {} },
    { type: "ACCEPT_INVERSE_OFFERS", accept_inverse_offers: {} },
    { type: "DECLINE_INVERSE_OFFERS", decline_inverse_offers: {} },
  ];
  expect(calls.map((call) => framework.call(call).status)).toEqual(calls.map(() => 202));
});

test("TEARDOWN is answered once it is durable, and ends the stream", () => {
  const cluster = new Cluster();
  const framework = cluster.subscribe();
  cluster.holdWrites = true;
  expect(framework.call({ type: "TEARDOWN" }).status).toBe(0);
  expect(framework.ended).toBe(true);
  cluster.write();
  expect(cluster.lastReply).toMatchObject({ status: 202 });
});

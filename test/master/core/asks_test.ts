import { expect, test } from "vitest";
import { Cluster } from "./cluster.ts";

const LIST = { type: "LIST_FILES", path: "/x" } as const;

function asked(agentId = "m1-S0") {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const first = cluster.request((request) => ({ type: "ask", request, agentId, ask: LIST }));
  return { cluster, agent, first };
}

test("a question goes to the agent, and its answer to who asked", () => {
  const { cluster, agent } = asked();
  const [question] = agent.of("ask");
  expect(question).toMatchObject({ ask: LIST });
  agent.say({ type: "answer", id: question!.id, body: { files: [] } });
  expect(cluster.lastReply).toMatchObject({ status: 200, body: { files: [] } });
  agent.say({ type: "answer", id: question!.id, body: "again" });
  expect(cluster.lastReply).toMatchObject({ body: { files: [] } });
});

test.each([
  ["not_found", 404],
  ["forbidden", 403],
  ["invalid_argument", 400],
  ["anything", 500],
])("an agent's error %s is %d", (code, status) => {
  const { cluster, agent } = asked();
  agent.say({ type: "answer", id: agent.of("ask")[0]!.id, error: { code, message: "no" } });
  expect(cluster.lastReply).toMatchObject({ status, message: "no" });
});

test("questions to unknown agents are 404, to agents that are away 503", () => {
  expect(asked("x").first.status).toBe(404);
  const { cluster, agent } = asked();
  agent.close();
  const ask = (request: number) =>
    ({ type: "ask", request, agentId: agent.id, ask: LIST }) as const;
  expect(cluster.request(ask).status).toBe(503);
});

test("a question that is not answered in time is 504, and one at the end of a leadership 503", () => {
  const { cluster, agent } = asked();
  cluster.advance(15_000);
  expect(cluster.lastReply?.status).toBe(504);
  agent.say({ type: "pong", sequence: 0 });
  cluster.request((request) => ({ type: "ask", request, agentId: agent.id, ask: LIST }));
  cluster.step({ type: "lost_leadership" });
  expect(cluster.lastReply?.status).toBe(503);
});

test("another agent cannot answer for the one that was asked", () => {
  const { cluster, agent } = asked();
  const other = cluster.agent({ hostname: "b" });
  other.say({ type: "answer", id: agent.of("ask")[0]!.id, body: 1 });
  expect(cluster.lastReply).toBeUndefined();
});

import { describe, expect, test } from "vitest";
import { type Identity, RecordIoReader } from "../../src/http/mod.ts";
import type { OperatorCall } from "../../src/master/mod.ts";
import type { Offer, ResourceJson, TaskInfo, TaskStatus } from "../../src/model/mod.ts";
import { Resources } from "../../src/resources/mod.ts";
import {
  FRAMEWORK,
  JSON_TYPE,
  post,
  RawFramework,
  type Reach,
  type Reached,
  ScriptedAgent,
  taskFor,
} from "../master/shell/support.ts";

const PATH = "/api/v1/scheduler";
const AS_ALICE = { authorization: `Basic ${btoa("alice:s3cret")}` };
const AS_NOBODY = { authorization: "Bearer valueless" };
const SUBSCRIBE = { type: "SUBSCRIBE", subscribe: { framework_info: FRAMEWORK } };

/** Knows alice, a principal without a value, and lets everybody else in by no name. */
const authenticator = {
  authenticate: async (request: Request): Promise<Identity> => {
    const header = request.headers.get("authorization");
    if (header === AS_NOBODY.authorization) return { principal: "" };
    return header === null ? {} : { principal: "alice" };
  },
};

/** Whatever serves Mesos' v1 scheduler API is to pass this; rows as in Mesos' own sources. */
export function schedulerApiConformance(name: string, reach: Reach): void {
  describe(`${name}: status codes, in the order they are checked`, () => statusCodes(reach));
  describe(`${name}: the body and the stream`, () => wire(reach));
  describe(`${name}: calls`, () => calls(reach));
  describe(`${name}: operations of ACCEPT`, () => operations(reach));
  describe(`${name}: events`, () => events(reach));
}

async function told(response: Response): Promise<[number, string]> {
  return [response.status, await response.text()];
}

/** A master that leads, with whoever a test wants. */
async function leading(reach: Reach, options: Parameters<Reach>[0] = {}): Promise<Reached> {
  const reached = await reach(options);
  await reached.master.leads();
  return reached;
}

function statusCodes(reach: Reach): void {
  test("403: a principal without a value, before anything else", async () => {
    await using reached = await leading(reach, { authenticator });
    const response = await reached.fetch(PATH, { method: "GET", headers: AS_NOBODY });
    expect(response.status).toBe(403);
  });

  test("307: another master leads, before the method is looked at", async () => {
    await using first = await leading(reach);
    await using second = await reach({ store: first.store });
    while (second.master.role.status !== "following") await new Promise((go) => setTimeout(go, 1));
    const response = await second.fetch(`${PATH}?_ts=5`, { method: "PUT" });
    expect(response.status).toBe(307);
    expect(response.headers.get("location")).toMatch(/^\/\/[^/]+:\d+\/api\/v1\/scheduler\?_ts=5$/);
  });

  test("503: nobody leads, before the method is looked at", async () => {
    const reached = await leading(reach);
    const { master } = reached;
    await master.stop();
    const response = await reached.fetch(PATH, { method: "PUT" }).catch(() => undefined);
    await reached[Symbol.asyncDispose]();
    expect(response?.status).toBe(503);
  });

  test("405: no POST, before the Content-Type is looked at", async () => {
    await using reached = await leading(reach);
    const response = await reached.fetch(PATH, { method: "PUT" });
    expect(response.headers.get("allow")).toBe("POST");
    expect(await told(response)).toEqual([405, "Expecting one of { 'POST' }, but received 'PUT'"]);
  });

  test("400: no Content-Type", async () => {
    await using reached = await leading(reach);
    const body = new Uint8Array([123]);
    expect(await told(await reached.fetch(PATH, { method: "POST", body }))).toEqual([
      400,
      "Expecting 'Content-Type' to be present",
    ]);
  });

  test("415: a Content-Type that nobody speaks, before the body is read", async () => {
    await using reached = await leading(reach);
    const headers = { "content-type": "text/xml" };
    const [status, message] = await told(
      await reached.fetch(PATH, { method: "POST", headers, body: "{" }),
    );
    expect(status).toBe(415);
    expect(message).toContain("Expecting 'Content-Type' of application/json");
  });

  test("400: a body that is no JSON", async () => {
    await using reached = await leading(reach);
    const [status, message] = await told(
      await reached.fetch(PATH, { method: "POST", headers: JSON_TYPE, body: '{"type":' }),
    );
    expect(status).toBe(400);
    expect(message).toMatch(/^Failed to parse body into JSON: /);
  });

  test.each<[string, unknown, RegExp]>([
    ["no object", [1], /^Failed to convert JSON into Call protobuf: /],
    ["no type", {}, /^Failed to validate scheduler::Call: Expecting 'type' to be present$/],
    ["a type that there is not", { type: "DANCE" }, /^Failed to convert JSON into Call protobuf: /],
    ["a SUBSCRIBE without its part", { type: "SUBSCRIBE" }, /Expecting 'subscribe' to be present$/],
    ["a call without a framework", { type: "TEARDOWN" }, /Expecting 'framework_id' to be present$/],
    [
      "an ACCEPT without its part",
      { type: "ACCEPT", framework_id: { value: "f" }, accept: null },
      /Expecting 'accept' to be present$/,
    ],
    [
      "an ACKNOWLEDGE whose uuid is none",
      {
        type: "ACKNOWLEDGE",
        framework_id: { value: "f" },
        acknowledge: { agent_id: { value: "a" }, task_id: { value: "t" }, uuid: "AAAA" },
      },
      /^Failed to validate scheduler::Call: Not a valid UUID$/,
    ],
    [
      "ids that differ",
      {
        type: "SUBSCRIBE",
        framework_id: { value: "f" },
        subscribe: { framework_info: { ...FRAMEWORK, id: { value: "g" } } },
      },
      /'framework_id' differs from 'subscribe.framework_info.id'$/,
    ],
  ])("400: %s, before Accept is looked at", async (_, call, message) => {
    await using reached = await leading(reach);
    const response = await post(reached, PATH, call, { accept: "text/html" });
    const [status, text] = await told(response);
    expect(text).toMatch(message);
    expect(status).toBe(400);
  });

  test("400: SUBSCRIBE by another principal than its FrameworkInfo's", async () => {
    await using reached = await leading(reach, { authenticator });
    const framework_info = { ...FRAMEWORK, principal: "bob" };
    const response = await post(
      reached,
      PATH,
      { type: "SUBSCRIBE", subscribe: { framework_info } },
      AS_ALICE,
    );
    expect(await told(response)).toEqual([
      400,
      "Failed to validate scheduler::Call: Authenticated principal 'alice' does not match " +
        "principal 'bob' set in `FrameworkInfo`",
    ]);
  });

  test("406: SUBSCRIBE of who takes none of our languages, before its stream id is looked at", async () => {
    await using reached = await leading(reach);
    const headers = { accept: "text/html", "mesos-stream-id": "x" };
    const [status, message] = await told(await post(reached, PATH, SUBSCRIBE, headers));
    expect(status).toBe(406);
    expect(message).toContain("Expecting 'Accept' to allow application/json");
  });

  test("400: SUBSCRIBE with a stream id", async () => {
    await using reached = await leading(reach);
    expect(await told(await post(reached, PATH, SUBSCRIBE, { "mesos-stream-id": "x" }))).toEqual([
      400,
      "Subscribe calls should not include the 'Mesos-Stream-Id' header",
    ]);
  });

  test("200: SUBSCRIBE, with a stream id of at most 128 bytes", async () => {
    await using reached = await leading(reach);
    const { response, stream } = await RawFramework.subscribe(reached);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(stream).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test("400: a framework that nobody knows, before its stream is looked at", async () => {
    await using reached = await leading(reach);
    const call = { type: "REVIVE", framework_id: { value: "nobody" } };
    expect(await told(await post(reached, PATH, call))).toEqual([400, "Framework cannot be found"]);
  });

  test("400: another principal than the one that subscribed, before its stream is looked at", async () => {
    await using reached = await leading(reach, { authenticator });
    const framework = await RawFramework.subscribe(reached);
    const response = await framework.post(
      { type: "REVIVE" },
      { ...AS_ALICE, "mesos-stream-id": "x" },
    );
    expect(await told(response)).toEqual([
      400,
      "Authenticated principal 'alice' does not match principal '' set in `FrameworkInfo`",
    ]);
  });

  test("403: a framework that is not subscribed, before its stream is looked at", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached);
    await framework.leave();
    let answer = await framework.post({ type: "REVIVE" }, { "mesos-stream-id": "x" });
    while (answer.status === 400) {
      // Over sockets it takes a moment until the master sees that the client is gone.
      answer = await framework.post({ type: "REVIVE" }, { "mesos-stream-id": "x" });
    }
    expect(await told(answer)).toEqual([403, "Framework is not subscribed"]);
  });

  test("400: no stream id, and one of another stream", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached);
    const call = { type: "REVIVE", framework_id: { value: framework.id } };
    expect(await told(await post(reached, PATH, call))).toEqual([
      400,
      "All non-subscribe calls should include the 'Mesos-Stream-Id' header",
    ]);
    expect(await told(await post(reached, PATH, call, { "mesos-stream-id": "other" }))).toEqual([
      400,
      "The stream ID 'other' included in this request didn't match the stream ID currently " +
        `associated with framework ID ${framework.id}`,
    ]);
  });

  test("202: any other call, with nothing in the answer", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached);
    expect(await told(await framework.post({ type: "REVIVE" }))).toEqual([202, ""]);
  });

  test("UPDATE_FRAMEWORK answers when it is done: 200, 400, 403", async () => {
    const register_frameworks = [
      { principals: { type: "ANY" }, roles: { values: ["web", "batch"] } },
      { principals: { type: "ANY" }, roles: { type: "NONE" } },
    ];
    await using reached = await leading(reach, { acls: { register_frameworks } });
    const framework = await RawFramework.subscribe(reached);
    const update = async (more: object) => {
      const framework_info = { ...FRAMEWORK, id: { value: framework.id }, ...more };
      const call = { type: "UPDATE_FRAMEWORK", update_framework: { framework_info } };
      return (await framework.post(call)).status;
    };
    expect(await update({ roles: ["web", "batch"] })).toBe(200);
    expect(await update({ user: "somebody else" })).toBe(400);
    expect(await update({ roles: ["secret"] })).toBe(403);
  });
}

function wire(reach: Reach): void {
  test("records are a length in decimal, a newline and so many bytes; one record is one chunk", async () => {
    await using reached = await leading(reach);
    const response = await post(reached, PATH, SUBSCRIBE);
    const { value } = await response.body!.getReader().read();
    const text = new TextDecoder().decode(value);
    const [, length, json] = /^(\d+)\n(.*)$/s.exec(text) ?? [];
    expect(Number(length)).toBe(json?.length);
    expect(JSON.parse(json ?? "")).toMatchObject({ type: "SUBSCRIBED" });
  });

  test.each<[string, Record<string, string>]>([
    ["is not there", {}],
    ["is anything", { accept: "*/*" }],
    ["names a language twice", { accept: "application/json, application/json;q=0.9" }],
    ["prefers what there is not", { accept: "text/html;q=1, application/json;q=0.1" }],
  ])("JSON is spoken when Accept %s", async (_, headers) => {
    await using reached = await leading(reach);
    const { response } = await RawFramework.subscribe(reached, { headers });
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  test("calls with an empty answer pass whatever Accept says", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached);
    expect((await framework.post({ type: "REVIVE" }, { accept: "text/html" })).status).toBe(202);
  });

  test("a Content-Type may have parameters, and capitals", async () => {
    await using reached = await leading(reach);
    const headers = { "content-type": "Application/JSON; charset=UTF-8" };
    const response = await post(reached, PATH, SUBSCRIBE, headers);
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  test("a body may come in chunks, and compressed", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached);
    const json = JSON.stringify({ type: "REVIVE", framework_id: { value: framework.id } });
    const stream = () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          for (const char of json) controller.enqueue(new TextEncoder().encode(char));
          controller.close();
        },
      });
    const send = async (body: ReadableStream, headers: Record<string, string> = {}) => {
      const own = { ...JSON_TYPE, "mesos-stream-id": framework.stream, ...headers };
      const init = { method: "POST", headers: own, body, duplex: "half" };
      return (await reached.fetch(PATH, init as RequestInit)).status;
    };
    expect(await send(stream())).toBe(202);
    const zipped = stream().pipeThrough(new CompressionStream("gzip"));
    expect(await send(zipped, { "content-encoding": "gzip" })).toBe(202);
  });

  test("fields and members that are null are as good as absent; unknown fields do not matter", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached, {
      info: { id: null, checkpoint: null, labels: null, webui_url: null, colour: "red" },
      more: { framework_id: null, accept: null, decline: null, kill: null },
    });
    await framework.call({ type: "REVIVE", revive: { roles: null }, suppress: null });
    await framework.call({ type: "DECLINE", decline: { offer_ids: [null], filters: null } });
  });

  test("paths may have a query, and the prefix /master", async () => {
    await using reached = await leading(reach);
    for (const path of [`${PATH}?_ts=1&x=y`, `/master${PATH}`, `${PATH}/`]) {
      const response = await post(reached, path, SUBSCRIBE);
      expect(response.status, path).toBe(200);
      await response.body?.cancel();
    }
  });

  test("a framework id has one stream: the older one ends with ERROR", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached);
    const id = { value: framework.id };
    const again = await RawFramework.subscribe(reached, {
      info: { id },
      more: { framework_id: id },
    });
    expect(await framework.rest()).toEqual([
      { type: "ERROR", error: { message: "Framework failed over" } },
    ]);
    expect(again.id).toBe(framework.id);
    expect((await framework.post({ type: "REVIVE" })).status).toBe(400);
    await again.call({ type: "REVIVE" });
  });

  test("many calls may come in one request, and are answered together", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached);
    const batch = (...calls: unknown[]) => {
      const records = calls.map((call) => {
        const json = typeof call === "string" ? call : JSON.stringify(call);
        return `${new TextEncoder().encode(json).length}\n${json}`;
      });
      return reached.fetch(PATH, {
        method: "POST",
        headers: {
          "content-type": "application/recordio",
          "message-content-type": "application/json",
          "mesos-stream-id": framework.stream,
        },
        body: records.join(""),
      });
    };
    const framework_id = { value: framework.id };
    const revive = { type: "REVIVE", framework_id };
    expect(await told(await batch(revive, revive))).toEqual([202, ""]);
    const mixed = await batch(revive, "{", SUBSCRIBE, {
      type: "REVIVE",
      framework_id: { value: "x" },
    });
    expect(mixed.status).toBe(200);
    expect(await mixed.json()).toEqual({
      results: [
        { status: 202 },
        { status: 400, message: expect.stringMatching(/^Failed to parse body into JSON/) },
        { status: 400, message: "Subscribe calls cannot be part of a batch" },
        { status: 400, message: "Framework cannot be found" },
      ],
    });
    const cut = await reached.fetch(PATH, {
      method: "POST",
      headers: {
        "content-type": "application/recordio",
        "message-content-type": "application/json",
      },
      body: "100\n{",
    });
    expect(cut.status).toBe(400);
  });

  test("a batch of a language that nobody speaks is 415", async () => {
    await using reached = await leading(reach);
    const headers = { "content-type": "application/recordio" };
    const response = await reached.fetch(PATH, { method: "POST", headers, body: "" });
    expect(await told(response)).toEqual([
      415,
      expect.stringContaining("Expecting 'Message-Content-Type' of application/json"),
    ]);
  });
}

/** A framework with a task that runs. */
async function running(
  reach: Reach,
  { info = {}, resources }: { info?: object; resources?: string } = {},
) {
  const reached = await leading(reach);
  const agent = await ScriptedAgent.register(reached, resources === undefined ? {} : { resources });
  const framework = await RawFramework.subscribe(reached, { info });
  const offers = await framework.offers();
  const [offer] = offers;
  if (offer === undefined) throw new Error("no offer");
  await framework.launch(offers, [taskFor(offer, "t1")]);
  const status = await framework.update();
  return {
    reached,
    agent,
    framework,
    offer,
    status,
    [Symbol.asyncDispose]: () => reached[Symbol.asyncDispose](),
  };
}

async function operate(reached: Reached, call: OperatorCall): Promise<number> {
  const { role } = reached.master;
  if (role.status !== "leading") throw new Error(role.status);
  const reply = await role.driver.request((request) => ({ type: "operator_call", request, call }));
  return reply.status;
}

function calls(reach: Reach): void {
  test("SUBSCRIBE takes all that a framework says of itself", async () => {
    await using reached = await leading(reach);
    await ScriptedAgent.register(reached);
    const quantities = [{ quantities: { cpus: { value: 1 } } }];
    const framework = await RawFramework.subscribe(reached, {
      info: {
        roles: ["web", "batch"],
        failover_timeout: 3_600.5,
        checkpoint: true,
        hostname: "h.example",
        webui_url: "http://h.example/",
        labels: { labels: [{ key: "k", value: "v" }] },
        offer_filters: { web: { min_allocatable_resources: { quantities } } },
      },
    });
    expect(await framework.offers()).toHaveLength(1);
    const { role } = reached.master;
    if (role.status !== "leading") throw new Error(role.status);
    expect(role.driver.core.state.frameworks.get(framework.id)?.record.info).toMatchObject({
      failover_timeout: 3_600.5,
      checkpoint: true,
      labels: { labels: [{ key: "k", value: "v" }] },
    });
  });

  test("SUBSCRIBE with suppressed roles and constraints is offered what they let through", async () => {
    await using reached = await leading(reach);
    await ScriptedAgent.register(reached);
    const constraints = (attribute: string) => ({
      role_constraints: {
        batch: {
          groups: [
            {
              attribute_constraints: [
                { selector: { attribute_name: attribute }, predicate: { not_exists: {} } },
              ],
            },
          ],
        },
      },
    });
    const framework_info = { ...FRAMEWORK, roles: ["web", "batch"] };
    const framework = await RawFramework.subscribe(reached, {
      more: {
        subscribe: {
          framework_info,
          suppressed_roles: ["web"],
          offer_constraints: constraints("gone"),
          force: true,
        },
      },
    });
    const [offer] = await framework.offers();
    expect(offer?.allocation_info).toEqual({ role: "batch" });
  });

  test("UPDATE_FRAMEWORK changes roles, suppression and constraints", async () => {
    await using reached = await leading(reach);
    await ScriptedAgent.register(reached);
    const framework = await RawFramework.subscribe(reached);
    const [web] = await framework.offers();
    expect(web?.allocation_info).toEqual({ role: "web" });
    await framework.call({ type: "DECLINE", decline: { offer_ids: [web!.id] } });
    const framework_info = { ...FRAMEWORK, id: { value: framework.id }, roles: ["web", "batch"] };
    const response = await framework.post({
      type: "UPDATE_FRAMEWORK",
      update_framework: { framework_info, suppressed_roles: ["web"] },
    });
    expect(response.status).toBe(200);
    const [batch] = await framework.offers();
    expect(batch?.allocation_info).toEqual({ role: "batch" });
  });

  test("TEARDOWN ends the framework and what runs of it", async () => {
    await using cluster = await running(reach);
    const { framework, agent, reached } = cluster;
    await framework.call({ type: "TEARDOWN" });
    expect((await framework.rest()).map(({ type }) => type)).not.toContain("ERROR");
    expect(await agent.next("shutdown_framework")).toMatchObject({ framework_id: framework.id });
    const id = { value: framework.id };
    const back = RawFramework.subscribe(reached, { info: { id }, more: { framework_id: id } });
    await expect(back).rejects.toThrow("Framework has been removed");
  });

  test("ACCEPT launches on several offers of one agent", async () => {
    await using reached = await leading(reach);
    await ScriptedAgent.register(reached);
    const framework = await RawFramework.subscribe(reached);
    const offers = await framework.offers();
    await framework.launch(offers, [taskFor(offers[0]!, "a"), taskFor(offers[0]!, "b")]);
    const states = [await framework.update(), await framework.update()];
    expect(states.map(({ task_id, state }) => [task_id.value, state])).toEqual([
      ["a", "TASK_RUNNING"],
      ["b", "TASK_RUNNING"],
    ]);
  });

  test("ACCEPT of an offer that is gone drops its tasks", async () => {
    await using reached = await leading(reach);
    await ScriptedAgent.register(reached);
    const framework = await RawFramework.subscribe(reached);
    const offers = await framework.offers();
    await framework.call({ type: "DECLINE", decline: { offer_ids: offers.map(({ id }) => id) } });
    await framework.launch(offers, [taskFor(offers[0]!, "late")]);
    expect(await framework.update()).toMatchObject({
      task_id: { value: "late" },
      state: "TASK_DROPPED",
      reason: "REASON_INVALID_OFFERS",
      source: "SOURCE_MASTER",
    });
  });

  test("DECLINE hides the agent for refuse_seconds", async () => {
    await using reached = await leading(reach);
    await ScriptedAgent.register(reached);
    const framework = await RawFramework.subscribe(reached);
    const first = await framework.offers();
    const decline = (offers: readonly Offer[], refuse_seconds: number) =>
      framework.call({
        type: "DECLINE",
        decline: { offer_ids: offers.map(({ id }) => id), filters: { refuse_seconds } },
      });
    await decline(first, 0);
    const second = await framework.offers();
    expect(second[0]?.id).not.toEqual(first[0]?.id);
    await decline(second, 3_600);
    await framework.call({ type: "REVIVE" });
    expect(await framework.offers()).toHaveLength(1);
  });

  test("SUPPRESS and REVIVE stop and start the offers of roles", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached, { info: { roles: ["web", "batch"] } });
    await framework.call({ type: "SUPPRESS", suppress: { roles: ["web"] } });
    await ScriptedAgent.register(reached);
    const [offer] = await framework.offers();
    expect(offer?.allocation_info).toEqual({ role: "batch" });
    await framework.call({ type: "DECLINE", decline: { offer_ids: [offer!.id] } });
    await framework.call({ type: "SUPPRESS" });
    await framework.call({ type: "REVIVE", revive: { roles: ["web"] } });
    const [next] = await framework.offers();
    expect(next?.allocation_info).toEqual({ role: "web" });
  });

  test("KILL reaches the agent with its kill policy; of a task that nobody knows there is an answer", async () => {
    await using cluster = await running(reach);
    const { framework, agent, offer } = cluster;
    const kill_policy = { grace_period: { nanoseconds: 5e9 } };
    const { agent_id } = offer;
    await framework.call({
      type: "KILL",
      kill: { task_id: { value: "t1" }, agent_id, kill_policy },
    });
    expect(await agent.next("kill")).toEqual({
      type: "kill",
      framework_id: framework.id,
      task_id: "t1",
      kill_policy,
    });
    expect(await framework.update()).toMatchObject({ state: "TASK_KILLED" });
    await framework.call({ type: "KILL", kill: { task_id: { value: "x" }, agent_id } });
    const status = await framework.update();
    expect(status).toMatchObject({ task_id: { value: "x" }, reason: "REASON_RECONCILIATION" });
    expect(status.uuid).toBeUndefined();
  });

  test("SHUTDOWN reaches the executor's agent", async () => {
    await using cluster = await running(reach);
    const { framework, agent, offer } = cluster;
    const executor_id = { value: "t1" };
    await framework.call({
      type: "SHUTDOWN",
      shutdown: { executor_id, agent_id: offer.agent_id },
    });
    expect(await agent.next("shutdown_executor")).toEqual({
      type: "shutdown_executor",
      framework_id: framework.id,
      executor_id: "t1",
    });
  });

  test("ACKNOWLEDGE reaches the agent", async () => {
    await using cluster = await running(reach);
    const { framework, agent, status } = cluster;
    await framework.acknowledge(status);
    expect(await agent.next("ack")).toMatchObject({ task_id: "t1", uuid: status.uuid });
  });

  test("RECONCILE tells what is known, of the tasks named or of all", async () => {
    await using cluster = await running(reach);
    const { framework, offer } = cluster;
    const tasks = [
      { task_id: { value: "t1" } },
      { task_id: { value: "x" }, agent_id: offer.agent_id },
    ];
    await framework.call({ type: "RECONCILE", reconcile: { tasks } });
    const known = await framework.update();
    expect(known).toMatchObject({
      task_id: { value: "t1" },
      state: "TASK_RUNNING",
      reason: "REASON_RECONCILIATION",
      source: "SOURCE_MASTER",
    });
    expect(known.uuid).toBeUndefined();
    expect(await framework.update()).toMatchObject({
      task_id: { value: "x" },
      state: "TASK_GONE",
      reason: "REASON_RECONCILIATION",
    });
    await framework.call({ type: "RECONCILE", reconcile: { tasks: [] } });
    expect(await framework.update()).toMatchObject({ task_id: { value: "t1" } });
  });

  test("RECONCILE_OPERATIONS tells of operations that nobody knows", async () => {
    await using cluster = await running(reach);
    const { framework, offer } = cluster;
    const operation = { operation_id: { value: "o" }, agent_id: offer.agent_id };
    const call = {
      type: "RECONCILE_OPERATIONS",
      reconcile_operations: { operations: [operation] },
    };
    await framework.call(call);
    const { update_operation_status } = await framework.next("UPDATE_OPERATION_STATUS");
    expect(update_operation_status.status).toMatchObject({ operation_id: { value: "o" } });
  });

  test("MESSAGE reaches the executor's agent", async () => {
    await using cluster = await running(reach);
    const { framework, agent, offer } = cluster;
    const message = { agent_id: offer.agent_id, executor_id: { value: "t1" }, data: btoa("hi") };
    await framework.call({ type: "MESSAGE", message });
    expect(await agent.next("message")).toMatchObject({ executor_id: "t1", data: btoa("hi") });
  });

  test("REQUEST is taken, and changes nothing", async () => {
    await using reached = await leading(reach);
    const framework = await RawFramework.subscribe(reached);
    const requests = [{ agent_id: { value: "a" }, resources: scalars("cpus:1") }];
    await framework.call({ type: "REQUEST", request: { requests } });
  });

  test.each(["ACCEPT", "DECLINE"])(
    "%s_INVERSE_OFFERS is kept as the framework's answer",
    async (word) => {
      await using cluster = await running(reach);
      const { framework, reached } = cluster;
      await operate(reached, maintenance);
      const { inverse_offers } = await framework.next("INVERSE_OFFERS");
      const [inverse] = inverse_offers.inverse_offers ?? [];
      const type = `${word}_INVERSE_OFFERS`;
      const answer = { inverse_offer_ids: [inverse!.id], filters: { refuse_seconds: 3_600 } };
      await framework.call({ type, [type.toLowerCase()]: answer });
    },
  );
}

const maintenance: OperatorCall = {
  type: "UPDATE_MAINTENANCE_SCHEDULE",
  update_maintenance_schedule: {
    schedule: {
      windows: [
        {
          machine_ids: [{ hostname: "agent.example" }],
          unavailability: { start: { nanoseconds: 5e18 }, duration: { nanoseconds: 60e9 } },
        },
      ],
    },
  },
};

function scalars(text: string): ResourceJson[] {
  return Resources.parse(text).toJson() as ResourceJson[];
}

const reserved = (resource: object) => ({
  ...resource,
  reservations: [{ type: "DYNAMIC", role: "web" }],
});
const [disk] = scalars("disk:100");
const volume = {
  ...reserved(disk!),
  disk: { persistence: { id: "v1" }, volume: { mode: "RW", container_path: "data" } },
};

/** A framework with an offer of an agent that has a disk. */
async function offered(reach: Reach) {
  const reached = await leading(reach);
  const agent = await ScriptedAgent.register(reached, { resources: "cpus:8;mem:8000;disk:1000" });
  const capabilities = [...FRAMEWORK.capabilities, { type: "RESERVATION_REFINEMENT" }];
  const framework = await RawFramework.subscribe(reached, { info: { capabilities } });
  const offers = await framework.offers();
  const accept = (...list: object[]) =>
    framework.call({
      type: "ACCEPT",
      accept: {
        offer_ids: offers.map(({ id }) => id),
        operations: list,
        filters: { refuse_seconds: 0 },
      },
    });
  return {
    reached,
    agent,
    framework,
    offer: offers[0]!,
    accept,
    [Symbol.asyncDispose]: () => reached[Symbol.asyncDispose](),
  };
}

function operations(reach: Reach): void {
  test("LAUNCH: a task that is wrong is TASK_ERROR, the others go on", async () => {
    await using cluster = await offered(reach);
    const { framework, offer, accept } = cluster;
    const tasks = [taskFor(offer, "ok"), taskFor(offer, "huge", "cpus:800;mem:64")];
    await accept({ type: "LAUNCH", launch: { task_infos: tasks } });
    const updates = [await framework.update(), await framework.update()];
    const byId = new Map(updates.map((status) => [status.task_id.value, status]));
    expect(byId.get("huge")).toMatchObject({ state: "TASK_ERROR", source: "SOURCE_MASTER" });
    expect(byId.get("ok")).toMatchObject({ state: "TASK_RUNNING" });
  });

  test("LAUNCH_GROUP starts all tasks of a group under one executor", async () => {
    await using cluster = await offered(reach);
    const { framework, agent, offer, accept } = cluster;
    const executor = {
      type: "DEFAULT",
      executor_id: { value: "pod" },
      framework_id: { value: framework.id },
      resources: scalars("cpus:0.1;mem:32;disk:32"),
    };
    const tasks = [taskFor(offer, "a"), taskFor(offer, "b")];
    await accept({ type: "LAUNCH_GROUP", launch_group: { executor, task_group: { tasks } } });
    const group = await agent.next("launch_group");
    expect(group.executor.executor_id).toEqual({ value: "pod" });
    expect(group.tasks.map(({ task_id }) => task_id.value)).toEqual(["a", "b"]);
  });

  test("RESERVE, CREATE, GROW_VOLUME, SHRINK_VOLUME, DESTROY and UNRESERVE change what is offered", async () => {
    await using cluster = await offered(reach);
    const { framework, agent, accept } = cluster;
    await accept(
      { type: "RESERVE", reserve: { resources: [reserved(disk!)] } },
      { type: "CREATE", create: { volumes: [volume] } },
    );
    expect((await agent.next("operation")).operation.type).toBe("RESERVE");
    expect((await agent.next("operation")).operation.type).toBe("CREATE");
    const [withVolume] = await framework.offers();
    expect(withVolume?.resources).toContainEqual(
      expect.objectContaining({ disk: expect.objectContaining({ persistence: { id: "v1" } }) }),
    );
    const next = (...list: object[]) =>
      framework.call({
        type: "ACCEPT",
        accept: {
          offer_ids: [withVolume!.id],
          operations: list,
          filters: { refuse_seconds: 0 },
        },
      });
    await next(
      { type: "DESTROY", destroy: { volumes: [volume] } },
      { type: "UNRESERVE", unreserve: { resources: [reserved(disk!)] } },
    );
    const [plain] = await framework.offers();
    expect(plain?.resources).not.toContainEqual(
      expect.objectContaining({ disk: expect.anything() }),
    );
  });

  test("an operation with an id is told of: UPDATE_OPERATION_STATUS", async () => {
    await using cluster = await offered(reach);
    const { framework, agent, accept } = cluster;
    const operation = {
      type: "RESERVE",
      id: { value: "r1" },
      reserve: { resources: [reserved(disk!)] },
    };
    await accept(operation);
    const { uuid, feedback } = await agent.next("operation");
    expect(feedback).toBe(true);
    const status_uuid = btoa("0123456789abcdef");
    agent.say({
      type: "operation_update",
      framework_id: framework.id,
      uuid,
      status: {
        operation_id: { value: "r1" },
        state: "OPERATION_FINISHED",
        uuid: { value: status_uuid },
        agent_id: { value: agent.id },
      },
    });
    const { update_operation_status } = await framework.next("UPDATE_OPERATION_STATUS");
    expect(update_operation_status.status).toMatchObject({
      operation_id: { value: "r1" },
      state: "OPERATION_FINISHED",
      uuid: { value: status_uuid },
    });
    await framework.call({
      type: "ACKNOWLEDGE_OPERATION_STATUS",
      acknowledge_operation_status: {
        agent_id: { value: agent.id },
        uuid: status_uuid,
        operation_id: { value: "r1" },
      },
    });
    expect(await agent.next("operation_ack")).toEqual({ type: "operation_ack", uuid, status_uuid });
  });

  test.each(["CREATE_DISK", "DESTROY_DISK", "RAISE"])(
    "%s, which no agent here can do, fails by itself",
    async (type) => {
      await using cluster = await offered(reach);
      const { framework, offer, accept } = cluster;
      const part = { source: disk, target_type: "MOUNT" };
      await accept(
        { type, id: { value: "d1" }, [type.toLowerCase()]: part },
        { type: "LAUNCH", launch: { task_infos: [taskFor(offer, "t1")] } },
      );
      expect(await framework.update()).toMatchObject({ state: "TASK_RUNNING" });
    },
  );
}

function events(reach: Reach): void {
  test("SUBSCRIBED says who the framework is, who the master is, and when to expect HEARTBEATs", async () => {
    await using reached = await leading(reach, { core: { heartbeatMs: 100 } });
    const response = await post(reached, PATH, SUBSCRIBE);
    const framework = new RawFramework(reached, response, {});
    const { subscribed } = await framework.next("SUBSCRIBED");
    expect(subscribed.heartbeat_interval_seconds).toBe(0.1);
    expect(subscribed.framework_id.value).toBe(`${subscribed.master_info?.id}-0000`);
    expect(subscribed.master_info).toMatchObject({
      port: expect.any(Number),
      hostname: expect.any(String),
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      capabilities: [{ type: "CALL_BATCH" }],
    });
    expect(await framework.next("HEARTBEAT")).toEqual({ type: "HEARTBEAT" });
    expect(await framework.next("HEARTBEAT")).toEqual({ type: "HEARTBEAT" });
  });

  test("OFFERS have an agent, its address, a role and resources", async () => {
    await using reached = await leading(reach);
    const agent = await ScriptedAgent.register(reached);
    const framework = await RawFramework.subscribe(reached);
    const [offer] = await framework.offers();
    expect(offer).toMatchObject({
      id: { value: expect.stringMatching(/-O\d+$/) },
      framework_id: { value: framework.id },
      agent_id: { value: agent.id },
      hostname: "agent.example",
      url: {
        scheme: "http",
        address: { ip: expect.stringMatching(/^[\d.:]+$/), port: 5051 },
      },
      allocation_info: { role: "web" },
    });
    expect(agent.id).toMatch(/-S\d+$/);
    const cpus = offer?.resources?.find(({ name }) => name === "cpus");
    expect(cpus).toMatchObject({
      type: "SCALAR",
      scalar: { value: 8 },
      allocation_info: { role: "web" },
    });
    const ports = offer?.resources?.find(({ name }) => name === "ports");
    expect(ports).toMatchObject({ ranges: { range: [{ begin: 31_000, end: 31_009 }] } });
  });

  test("RESCIND takes an offer back", async () => {
    await using reached = await leading(reach);
    const agent = await ScriptedAgent.register(reached);
    const framework = await RawFramework.subscribe(reached);
    const [offer] = await framework.offers();
    agent.close();
    expect(await framework.next("RESCIND")).toEqual({
      type: "RESCIND",
      rescind: { offer_id: offer?.id },
    });
  });

  test("INVERSE_OFFERS ask for what runs on a machine that will be away, RESCIND_INVERSE_OFFER no more", async () => {
    await using cluster = await running(reach);
    const { framework, reached, agent } = cluster;
    expect(await operate(reached, maintenance)).toBe(200);
    const { inverse_offers } = await framework.next("INVERSE_OFFERS");
    const [inverse] = inverse_offers.inverse_offers ?? [];
    expect(inverse).toMatchObject({
      framework_id: { value: framework.id },
      agent_id: { value: agent.id },
      unavailability: { start: { nanoseconds: 5e18 }, duration: { nanoseconds: 60e9 } },
    });
    const nothing: OperatorCall = {
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: { schedule: { windows: [] } },
    };
    expect(await operate(reached, nothing)).toBe(200);
    const { rescind_inverse_offer } = await framework.next("RESCIND_INVERSE_OFFER");
    expect(rescind_inverse_offer.inverse_offer_id).toEqual(inverse?.id);
  });

  test("UPDATE brings the agent's status as it is, with a uuid to acknowledge", async () => {
    await using cluster = await running(reach);
    const { status, agent } = cluster;
    const expected: Partial<TaskStatus> = {
      task_id: { value: "t1" },
      agent_id: { value: agent.id },
      state: "TASK_RUNNING",
      source: "SOURCE_AGENT",
    };
    expect(status).toMatchObject(expected);
    expect(status.uuid).toMatch(/^[A-Za-z0-9+/]{22}==$/);
  });

  test("MESSAGE brings an executor's bytes", async () => {
    await using cluster = await running(reach);
    const { framework, agent } = cluster;
    const data = btoa("\u0000\u00ff");
    agent.say({ type: "message", framework_id: framework.id, executor_id: "t1", data });
    expect((await framework.next("MESSAGE")).message).toEqual({
      agent_id: { value: agent.id },
      executor_id: { value: "t1" },
      data,
    });
  });

  test("FAILURE tells of an executor that ended, and of an agent that is gone", async () => {
    await using cluster = await running(reach);
    const { framework, agent, reached, offer } = cluster;
    const executor = {
      type: "CUSTOM",
      executor_id: { value: "e1" },
      framework_id: { value: framework.id },
      command: { value: "true" },
      resources: scalars("cpus:0.1;mem:32"),
    };
    const [next] = await framework.offers();
    const { command: _, ...bare } = taskFor(offer, "t2");
    await framework.launch([next!], [{ ...bare, executor } as TaskInfo]);
    await framework.update();
    agent.say({
      type: "executor_exited",
      framework_id: framework.id,
      executor_id: "e1",
      status: 256,
    });
    expect((await framework.next("FAILURE")).failure).toEqual({
      agent_id: { value: agent.id },
      executor_id: { value: "e1" },
      status: 256,
    });
    await operate(reached, {
      type: "MARK_AGENT_GONE",
      mark_agent_gone: { agent_id: offer.agent_id },
    });
    expect((await framework.next("FAILURE")).failure).toMatchObject({
      agent_id: { value: agent.id },
    });
  });

  test("ERROR tells a subscription that cannot be, and ends the stream", async () => {
    await using reached = await leading(reach);
    const framework_info = { ...FRAMEWORK, roles: ["../up"] };
    const response = await post(reached, PATH, {
      type: "SUBSCRIBE",
      subscribe: { framework_info },
    });
    expect(response.status).toBe(200);
    const records = new RecordIoReader({ recordBytesMax: 10_000 });
    const [record, ...rest] = records.push(new Uint8Array(await response.arrayBuffer()));
    expect(rest).toEqual([]);
    expect(JSON.parse(new TextDecoder().decode(record))).toMatchObject({
      type: "ERROR",
      error: { message: expect.stringMatching(/role/i) },
    });
  });
}

import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../src/base/mod.ts";
import { MemoryTree } from "../../../src/coordination/mod.ts";
import { authenticator } from "../../../src/http/mod.ts";
import { createMaster } from "../../../src/master/mod.ts";
import { FRAMEWORK, INFO, inProcess, post, RawFramework, ScriptedAgent } from "./support.ts";

const PATH = "/api/v1/scheduler";
const SUBSCRIBE = { type: "SUBSCRIBE", subscribe: { framework_info: FRAMEWORK } };
const basic = (pair: string) => ({ authorization: `Basic ${btoa(pair)}` });

describe("a master that knows principals", () => {
  const options = {
    authenticator: authenticator({ basic: [{ principal: "alice", secret: "s3cret" }] }),
    acls: {
      register_frameworks: [
        { principals: { values: ["alice"] }, roles: { values: ["web"] } },
        { principals: { type: "ANY" }, roles: { type: "NONE" } },
      ],
    },
  };

  test("answers nobody else, but for its health and where the leader is", async () => {
    await using reached = await inProcess(options);
    await reached.master.leads();
    expect((await post(reached, PATH, SUBSCRIBE)).status).toBe(401);
    expect((await post(reached, PATH, SUBSCRIBE, basic("alice:guess"))).status).toBe(401);
    expect((await reached.fetch("/health")).status).toBe(200);
    expect((await reached.fetch("/redirect")).status).toBe(307);
    await expect(reached.link()).rejects.toThrow("refused: 401");
  });

  test("gives a framework its principal, and lets it into its roles only", async () => {
    await using reached = await inProcess(options);
    await reached.master.leads();
    const headers = basic("alice:s3cret");
    const framework = await RawFramework.subscribe(reached, { headers });
    const { role } = reached.master;
    if (role.status !== "leading") throw new Error(role.status);
    const record = role.driver.core.state.frameworks.get(framework.id)?.record;
    expect(record?.info.principal).toBe("alice");
    const other = RawFramework.subscribe(reached, { headers, info: { roles: ["db"] } });
    await expect(other).rejects.toThrow("Not authorized to register framework in role 'db'");
  });
});

describe("a page of another origin", () => {
  test.each([
    ["by its Origin", { origin: "http://evil.example" }],
    ["by its Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
    ["of no origin at all", { origin: "null" }],
  ])("cannot act, known %s", async (_, headers) => {
    await using reached = await inProcess();
    await reached.master.leads();
    expect((await post(reached, PATH, SUBSCRIBE, headers)).status).toBe(403);
  });

  test("may act when it is the master's own, or one that is allowed", async () => {
    await using reached = await inProcess({ origins: ["https://console.example"] });
    await reached.master.leads();
    for (const origin of ["http://master.example:5050", "https://console.example"]) {
      await RawFramework.subscribe(reached, { headers: { origin } });
    }
  });
});

test("a framework that does not read is cut off at its limit; others go on", async () => {
  await using reached = await inProcess({ limits: { streamBytesMax: 5_000 } });
  await reached.master.leads();
  const agent = await ScriptedAgent.register(reached);
  const stalled = await RawFramework.subscribe(reached);
  const other = await RawFramework.subscribe(reached);
  const data = btoa("x".repeat(1_000));
  const say = (framework_id: string) =>
    agent.say({ type: "message", framework_id, executor_id: "e", data });
  for (let count = 0; count < 10; count += 1) say(stalled.id);
  say(other.id);
  await other.next("MESSAGE");
  await expect(stalled.rest()).rejects.toMatchObject({ code: "stream_overflow" });
  expect((await stalled.post({ type: "REVIVE" })).status).toBe(403);
});

test("a subscription that the registry could not hold is refused", async () => {
  await using reached = await inProcess();
  await reached.master.leads();
  const framework_info = { ...FRAMEWORK, labels: { labels: [{ key: "k".repeat(300_000) }] } };
  const response = await post(reached, PATH, { type: "SUBSCRIBE", subscribe: { framework_info } });
  expect(response.status).toBe(413);
});

test("a body has a limit", async () => {
  await using reached = await inProcess({ limits: { bodyBytesMax: 1_000 } });
  await reached.master.leads();
  const call = { type: "REVIVE", framework_id: { value: "f".repeat(2_000) } };
  expect((await post(reached, PATH, call)).status).toBe(413);
});

test("requests of one principal may be limited: 429, and others go on", async () => {
  const pairs = ["alice", "bob"].map((principal) => ({ principal, secret: "s" }));
  await using reached = await inProcess({
    authenticator: authenticator({ basic: pairs }),
    limits: { requestsPerSecond: 1 },
  });
  await reached.master.leads();
  const call = { type: "REVIVE", framework_id: { value: "f" } };
  const ask = async (who: string) => (await post(reached, PATH, call, basic(`${who}:s`))).status;
  const statuses: number[] = [];
  for (let count = 0; count < 6; count += 1) statuses.push(await ask("alice"));
  expect(statuses).toEqual([400, 400, 400, 400, 400, 429]);
  expect(await ask("bob")).toBe(400);
});

test("who is refused again and again waits for each answer, and costs nobody else anything", async () => {
  const clock = new VirtualClock();
  await using store = new MemoryTree({ clock }).connect();
  await using master = createMaster({ store, info: INFO, clock });
  await master.leads();
  const subscribe = (roles: string[]) =>
    master.handler(
      new Request(`http://m${PATH}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          type: "SUBSCRIBE",
          subscribe: { framework_info: { ...FRAMEWORK, roles } },
        }),
      }),
    );
  for (let count = 0; count < 100; count += 1) await subscribe(["../up"]);
  let answered = false;
  const refused = Promise.resolve(subscribe(["../up"])).then((response) => {
    answered = true;
    return response;
  });
  await subscribe(["web"]);
  expect(answered).toBe(false);
  await clock.advance(1_000);
  expect((await refused).status).toBe(200);
});

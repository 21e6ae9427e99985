import { ConsoleApi } from "fairlead/ui";
import { expect, test } from "vitest";

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An API over answers that are handed in, and what it asked. */
function apiOver(answer: Response | Error, options: { authorization?: string; src?: string } = {}) {
  const asked: Asked[] = [];
  const api = new ConsoleApi({
    src: options.src ?? "http://master:5050/api/fairlead/",
    authorization: options.authorization,
    fetch: async (input, init) => {
      const headers = Object.fromEntries(new Headers(init?.headers));
      asked.push({
        url: String(input),
        method: init?.method ?? "GET",
        headers,
        body: String(init?.body ?? ""),
      });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { api, asked };
}

const json = (value: unknown) => Response.json(value);

test("ConsoleApi asks with what narrows, and leaves out what does not", async () => {
  const { api, asked } = apiOver(json({ total: 0, tasks: [] }));
  await api.tasks({
    state: "TASK_RUNNING",
    q: "a b",
    agent: "",
    desc: true,
    offset: 200,
    limit: 200,
  });
  expect(asked[0]?.url).toBe(
    "http://master:5050/api/fairlead/tasks?state=TASK_RUNNING&q=a+b&offset=200&limit=200&desc=1",
  );
});

test("ConsoleApi encodes ids", async () => {
  const { api, asked } = apiOver(json({ id: "a/b", state: "TASK_RUNNING", statuses: [] }));
  await api.task("f?1", "a/b");
  expect(asked[0]?.url).toBe("http://master:5050/api/fairlead/tasks/f%3F1/a%2Fb");
});

test("ConsoleApi sends operator calls beside its own address, with its credentials", async () => {
  const { api, asked } = apiOver(new Response(null, { status: 202 }), {
    authorization: "Bearer x",
  });
  await api.operate({ type: "TEARDOWN" });
  expect(asked[0]).toMatchObject({
    url: "http://master:5050/api/v1",
    method: "POST",
    body: '{"type":"TEARDOWN"}',
    headers: { authorization: "Bearer x", "content-type": "application/json" },
  });
});

test("ConsoleApi keeps a relative address relative", async () => {
  const { api, asked } = apiOver(new Response(null, { status: 202 }), { src: "/api/fairlead" });
  await api.operate({ type: "TEARDOWN" });
  expect(asked[0]?.url).toBe("/api/v1");
});

test.each([
  ["master_unreachable", new TypeError("fetch failed"), "no answer"],
  ["master_unreachable", new Response("recovering", { status: 503 }), "recovering"],
  ["not_leading", new Response(null, { status: 307 }), "another one leads"],
  ["master_unauthorized", new Response("", { status: 401 }), "who you are"],
  ["master_unauthorized", new Response("not you", { status: 403 }), "not you"],
  ["master_refused", new Response("Agent is unknown", { status: 400 }), "Agent is unknown"],
  ["master_refused", Response.json({ detail: "no such task" }, { status: 404 }), "no such task"],
  ["invalid_answer", new Response("<html>"), "no JSON"],
  ["invalid_answer", json({ total: "3" }), '"total"'],
])("ConsoleApi throws %s for %s", async (code, answer, text) => {
  const { api } = apiOver(answer);
  const call = api.tasks({ offset: 0, limit: 10 });
  await expect(call).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
});

test("ConsoleApi ends a call with the reason of its signal", async () => {
  const { api } = apiOver(new TypeError("aborted"));
  const signal = AbortSignal.abort(new Error("left the page"));
  await expect(api.maintenance({ signal })).rejects.toThrow("left the page");
});

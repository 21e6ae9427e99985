import {
  type Mount,
  type Mounted,
  peerOf,
  principalOf,
  readBody,
  setBodySource,
  setPeer,
  setPrincipal,
  withMounts,
} from "fairlead/http";
import { expect, test } from "vitest";

const say = (word: string) => (request: Request) => {
  const { pathname, search } = new URL(request.url);
  return new Response(`${word} ${request.method} ${pathname}${search}`);
};
const rest: Mounted = { handler: say("rest"), upgrade: say("rest's socket") };
const inner: Mount = { path: "/a/b", handler: say("inner"), upgrade: say("inner's socket") };

async function ask({ handler }: Mounted, path: string, init: RequestInit = {}) {
  return (await handler(new Request(`http://host${path}`, init))).text();
}

async function knock({ upgrade }: Mounted, path: string) {
  const answer = await upgrade(new Request(`http://host${path}`));
  return answer instanceof Response ? [answer.status, await answer.text()] : undefined;
}

test("withMounts() hands on what is below a path, without it", async () => {
  const mounted = withMounts([inner], rest);
  expect(await ask(mounted, "/a/b/")).toBe("inner GET /");
  expect(await ask(mounted, "/a/b/c%20d?e=f", { method: "DELETE" })).toBe(
    "inner DELETE /c%20d?e=f",
  );
  expect(await ask(mounted, "/a/bc")).toBe("rest GET /a/bc");
  expect(await ask(mounted, "/a")).toBe("rest GET /a");
  expect(await knock(mounted, "/a/b/ws")).toEqual([200, "inner's socket GET /ws"]);
  expect(await knock(mounted, "/ws")).toEqual([200, "rest's socket GET /ws"]);
});

test("withMounts() leads from the path to its folder", async () => {
  const { handler } = withMounts([inner], rest);
  const response = await handler(new Request("http://host/a/b?x=1"));
  expect([response.status, response.headers.get("location")]).toEqual([302, "b/?x=1"]);
});

test("withMounts() has no sockets where the mount has none", async () => {
  const { path, handler } = inner;
  expect(await knock(withMounts([{ path, handler }], rest), "/a/b/ws")).toEqual([404, ""]);
});

test("withMounts() keeps body, headers, signal and what is known of a request", async () => {
  const seen: unknown[] = [];
  const handler = async (request: Request) => {
    const bytes = await readBody(request, { bytesMax: 10 });
    seen.push(principalOf(request), peerOf(request), request.headers.get("x-a"));
    seen.push(new TextDecoder().decode(bytes), request.signal.aborted);
    return new Response("");
  };
  const mounted = withMounts([{ path: "/a", handler }], rest);
  const abort = new AbortController();
  const init = { method: "POST", headers: { "x-a": "1" }, signal: abort.signal };
  const streamed = new Request("http://host/a/x", { ...init, body: "stream" });
  setPrincipal(streamed, "ops");
  setPeer(streamed, "10.0.0.1");
  await mounted.handler(streamed);
  const fast = new Request("http://host/a/x", { ...init, body: "stream" });
  setBodySource(fast, async () => new TextEncoder().encode("source"));
  abort.abort();
  await mounted.handler(fast);
  expect(seen).toEqual([
    "ops",
    "10.0.0.1",
    "1",
    "stream",
    false,
    undefined,
    undefined,
    "1",
    "source",
    true,
  ]);
});

test.each(["", "/", "a", "/a/", "/A", "/a//b", "/../a"])("a mount at %j is refused", (path) => {
  expect(() => withMounts([{ ...inner, path }], rest)).toThrow(
    `Cannot mount at path "${path}": it has to be like "/topology", and stand once`,
  );
});

test("two mounts at one path are refused", () => {
  expect(() => withMounts([inner, inner], rest)).toThrow('path "/a/b"');
});

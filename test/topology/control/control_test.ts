import { describe, expect, test } from "vitest";
import type { AuditLine } from "../../../src/topology/mod.ts";
import { Client, listen } from "../support/collector.ts";

const PROBE = { "x-scope-probe-id": "p1" };

async function ask(url: string, path: string, args?: unknown): Promise<readonly [number, unknown]> {
  const body = args === undefined ? {} : { body: JSON.stringify(args) };
  const response = await fetch(`${url}/api/control/${path}`, { method: "POST", ...body });
  return [response.status, await response.json()];
}

/** Answer one request as a probe does; returns what was asked. */
async function answer(probe: Client, value: unknown, error = ""): Promise<unknown> {
  const header = JSON.parse(await probe.text());
  const request = JSON.parse(await probe.text());
  const { Seq, ServiceMethod } = header.Request;
  expect([header.Response, header.Value, request.Request]).toEqual([null, null, null]);
  expect(ServiceMethod).toBe("control.Handle");
  const head = { Request: null, Response: { Seq, ServiceMethod, Error: error }, Value: null };
  probe.socket.send(JSON.stringify(head));
  probe.socket.send(JSON.stringify({ Request: null, Response: null, Value: value }));
  return request.Value;
}

describe("controls", () => {
  test("reach the probe as Go's net/rpc, and its answer comes back", async () => {
    const lines: AuditLine[] = [];
    await using served = await listen({ audit: (line) => lines.push(line) });
    await using probe = await Client.open(served.url, "/api/control/ws", PROBE);
    const asked = ask(served.url, "p1/c%2F1%3B%3Ccontainer%3E/docker_exec_container", { a: "b" });
    const request = await answer(probe, { pipe: "pipe-1", raw_tty: true, resize_tty_control: "r" });
    expect(request).toEqual({
      AppID: "",
      NodeID: "c/1;<container>",
      Control: "docker_exec_container",
      ControlArgs: { a: "b" },
    });
    expect(await asked).toEqual([200, { pipe: "pipe-1", raw_tty: true, resize_tty_control: "r" }]);
    expect(lines).toEqual([
      {
        act: "control",
        probeId: "p1",
        nodeId: "c/1;<container>",
        control: "docker_exec_container",
        peer: "127.0.0.1",
        outcome: "done",
      },
    ]);
  });

  test("are refused in Scope's words", async () => {
    await using served = await listen();
    expect(await ask(served.url, "nope/n/c")).toEqual([
      400,
      "probe nope is not connected right now",
    ]);
    await using probe = await Client.open(served.url, "/api/control/ws", PROBE);
    const unknown = ask(served.url, "p1/n/x");
    await answer(probe, { error: 'Control "x" not recognised' });
    expect(await unknown).toEqual([400, 'Control "x" not recognised']);
    expect((await ask(served.url, "p1/n/c", { a: 1 }))[0]).toBe(400);
  });

  test("fail when the probe goes away, and a new connection takes the old one's place", async () => {
    await using served = await listen();
    const first = await Client.open(served.url, "/api/control/ws", PROBE);
    const asked = ask(served.url, "p1/n/c");
    await first.text();
    await using second = await Client.open(served.url, "/api/control/ws", PROBE);
    expect((await first.closed).code).toBe(1000);
    expect((await asked)[0]).toBe(400);
    const again = ask(served.url, "p1/n/c");
    await answer(second, {});
    expect(await again).toEqual([200, {}]);
  });

  test("need the probe's id", async () => {
    await using served = await listen();
    const refused = Client.open(served.url, "/api/control/ws");
    await expect(refused).rejects.toMatchObject({ details: { status: 400 } });
  });

  test("are refused by a collector that only shows", async () => {
    const lines: AuditLine[] = [];
    await using served = await listen({
      rules: { isReadOnly: true },
      audit: (line) => lines.push(line),
    });
    await using probe = await Client.open(served.url, "/api/control/ws", PROBE);
    expect(probe.socket.isOpen).toBe(true);
    expect((await ask(served.url, "p1/n/c"))[0]).toBe(403);
    expect(lines).toMatchObject([{ act: "control", control: "c", outcome: "read_only" }]);
    const pipe = Client.open(served.url, "/api/pipe/p");
    await expect(pipe).rejects.toMatchObject({ details: { status: 403 } });
    expect((await fetch(`${served.url}/api/pipe/p`, { method: "DELETE" })).status).toBe(403);
  });
});

describe("pipes", () => {
  const check = async (url: string, id: string) =>
    (await fetch(`${url}/api/pipe/${id}/check`)).status;

  test("carry bytes both ways, and nothing is lost before both ends are there", async () => {
    await using served = await listen();
    await using ui = await Client.open(served.url, "/api/pipe/pipe-1");
    ui.socket.send("echo early\n");
    await using probe = await Client.open(served.url, "/api/pipe/pipe-1/probe");
    expect(new TextDecoder().decode(await probe.bytes())).toBe("echo early\n");
    probe.socket.send(new TextEncoder().encode("early\r\n"));
    expect(new TextDecoder().decode(await ui.bytes())).toBe("early\r\n");
    expect(await check(served.url, "pipe-1")).toBe(204);
  });

  test("end with the probe's end, and are not opened again", async () => {
    await using served = await listen();
    const ui = await Client.open(served.url, "/api/pipe/pipe-1");
    const probe = await Client.open(served.url, "/api/pipe/pipe-1/probe");
    await probe[Symbol.asyncDispose]();
    expect((await ui.closed).reason).toBe("the probe left");
    expect(await check(served.url, "pipe-1")).toBe(404);
    const again = Client.open(served.url, "/api/pipe/pipe-1");
    await expect(again).rejects.toMatchObject({ details: { status: 404 } });
  });

  test("wait for a person who comes back", async () => {
    await using served = await listen();
    const ui = await Client.open(served.url, "/api/pipe/pipe-1");
    await using probe = await Client.open(served.url, "/api/pipe/pipe-1/probe");
    await ui[Symbol.asyncDispose]();
    await using again = await Client.open(served.url, "/api/pipe/pipe-1");
    again.socket.send("back");
    expect(await probe.text()).toBe("back");
  });

  test("are closed when somebody asks, at both ends", async () => {
    const lines: AuditLine[] = [];
    await using served = await listen({ audit: (line) => lines.push(line) });
    const ui = await Client.open(served.url, "/api/pipe/pipe-1");
    const probe = await Client.open(served.url, "/api/pipe/pipe-1/probe");
    const response = await fetch(`${served.url}/api/pipe/pipe-1`, { method: "DELETE" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect([(await ui.closed).code, (await probe.closed).code]).toEqual([1000, 1000]);
    expect(lines.map(({ act }) => act)).toEqual(["pipe_open", "pipe_close", "pipe_close"]);
  });
});

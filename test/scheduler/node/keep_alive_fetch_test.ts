import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { connect } from "../../../src/scheduler/mod.ts";
import { keepAliveFetch } from "../../../src/scheduler/node/mod.ts";
import { offer, taskInfo } from "../support/drive.ts";
import { ScriptedMaster } from "../support/master.ts";

const framework = { name: "test" };

describe("keepAliveFetch()", () => {
  test("carries a scheduler: stream, calls, a broken connection, the end", async () => {
    await using master = await ScriptedMaster.listen({ isBatching: true });
    const scheduler = connect({ master: master.address, framework, fetch: keepAliveFetch() });
    await scheduler.subscribed();
    master.send({ type: "OFFERS", offers: { offers: [offer("o1")] } });
    const heard: string[] = [];
    for await (const event of scheduler.events()) {
      heard.push(event.type);
      if (event.type === "OFFERS") {
        expect(await scheduler.launch("o1", [taskInfo("é")])).toEqual({ taken: true });
        master.cut();
      }
      if (event.type === "SUBSCRIBED" && event.isAgain) break;
    }
    expect(heard).toContain("DISCONNECTED");
    expect(master.callsOf("ACCEPT")).toHaveLength(1);
    const outcomes = await Promise.all([scheduler.revive(), scheduler.suppress()]);
    expect(outcomes).toEqual([{ taken: true }, { taken: true }]);
    await scheduler.close();
  });

  test("uses its connections again, no more than connectionsMax", async () => {
    const ports = new Set<number | undefined>();
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume().on("end", () => response.writeHead(202).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const fetch = keepAliveFetch({ connectionsMax: 2 });
    for (let round = 0; round < 3; round += 1) {
      const all = Array.from({ length: 5 }, () => fetch(url, { method: "POST", body: "x" }));
      for (const { status, body } of await Promise.all(all)) {
        expect([status, body]).toEqual([202, null]);
      }
    }
    expect(ports.size).toBe(2);
    server.closeAllConnections();
    server.close();
  });

  test("follows no redirect, hears of its signal, refuses other bodies", async () => {
    const answer = () => ({ status: 307, headers: { location: "//other:1/x" }, body: "" });
    await using master = await ScriptedMaster.listen({ answer });
    const fetch = keepAliveFetch();
    const url = `http://${master.address}/`;
    const call = JSON.stringify({ type: "TEARDOWN", framework_id: { value: "f" } });
    const response = await fetch(url, { method: "POST", body: new TextEncoder().encode(call) });
    expect(response.status).toBe(307);
    expect(response.headers.get("location")).toBe("//other:1/x");
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(fetch(url, { method: "POST", body: call, signal })).rejects.toThrow();
    await expect(fetch(url, { body: new FormData() })).rejects.toThrow(/text or bytes/);
    await expect(fetch("http://127.0.0.1:1/", {})).rejects.toThrow(/ECONNREFUSED/);
  });
});

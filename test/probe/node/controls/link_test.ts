import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { startProbe } from "../../../../src/probe/node/start.ts";
import { serveApp } from "../../support/app.ts";

const still = {
  hostId: "h",
  processes: false,
  connections: false,
  docker: false,
  oci: false,
} as const;
const poll = { timeout: 30_000 };

describe("controls of a collector", () => {
  test("open a shell on the host, with its size, and end it with its window", async () => {
    await using app = await serveApp();
    await using running = startProbe({ ...still, collectors: [app.url], controls: ["host_exec"] });
    await expect.poll(app.isConnected, poll).toBe(true);
    expect(app.headers[0]?.get("x-scope-probe-id")).toBe(running.probeId);
    expect(app.headers[0]?.get("authorization")).toBe("Scope-Probe token=");
    const answer = await app.call("h;<host>", "host_exec");
    expect(answer).toMatchObject({ raw_tty: true, resize_tty_control: "host_resize_exec_tty" });
    const pipeID = String(answer.pipe);
    const pipe = app.pipes.get(pipeID);
    pipe?.send("echo PIPE-$((6*7)) $$\r");
    await expect.poll(() => pipe?.text(), poll).toMatch(/PIPE-42 \d+/);
    expect(
      await app.call("", "host_resize_exec_tty", { pipeID, width: "77", height: "33" }),
    ).toEqual({});
    pipe?.send(new TextEncoder().encode("stty size\r"));
    await expect.poll(() => pipe?.text(), poll).toContain("33 77");
    for (const args of [{ pipeID, width: "0", height: "1" }, { pipeID: "other" }]) {
      const { error } = await app.call("", "host_resize_exec_tty", args);
      expect(error).toMatch(/^Cannot resize/);
    }
    const [, pid] = /PIPE-42 (\d+)/.exec(pipe?.text() ?? "") ?? [];
    pipe?.close();
    const isThere = () => {
      try {
        return execFileSync("ps", ["-o", "stat=", "-p", pid ?? ""], { encoding: "utf8" }).trim();
      } catch {
        return "";
      }
    };
    await expect.poll(isThere, poll).toBe("");
    expect(running.metrics()).toContain(
      'probe_controls_total{control="host_exec",outcome="done"} 1',
    );
  });

  test("end a pipe when its shell ends", async () => {
    await using app = await serveApp();
    await using _running = startProbe({ ...still, collectors: [app.url], controls: ["*"] });
    await expect.poll(app.isConnected, poll).toBe(true);
    const { pipe: id } = await app.call("h;<host>", "host_exec");
    const pipe = app.pipes.get(String(id));
    pipe?.send("exit\r");
    await expect.poll(() => pipe?.isClosed(), poll).toBe(true);
  });

  test("refuse what is not allowed, what is not known and what is elsewhere: nothing runs", async () => {
    await using app = await serveApp();
    const controls = ["docker_stop_container", "host_exec"];
    await using running = startProbe({ ...still, collectors: [app.url], controls });
    await expect.poll(app.isConnected, poll).toBe(true);
    expect(await app.call("h;<host>", "oci_exec_container")).toEqual({
      error: "Cannot run oci_exec_container: this probe does not allow it",
    });
    expect(await app.call("h;<host>", "rm -rf /")).toEqual({
      error: 'Control "rm -rf /" not recognised',
    });
    expect((await app.call("other;<host>", "host_exec")).error).toMatch(/not of this host/);
    expect((await app.call("../../x;<host>", "host_exec")).error).toMatch(/is no host/);
    expect(await app.callMethod("control.Other")).toBe("rpc: can't find method control.Other");
    expect(app.pipes.size).toBe(0);
    expect(running.metrics()).toContain('control="host_exec",outcome="done"} 0');
  });

  test("come back after a frame that is none, and after the connection broke", async () => {
    await using app = await serveApp();
    await using _running = startProbe({ ...still, collectors: [app.url], controls: ["host_exec"] });
    await expect.poll(app.isConnected, poll).toBe(true);
    app.frames("nonsense");
    await expect.poll(app.isConnected, poll).toBe(false);
    await expect.poll(app.isConnected, poll).toBe(true);
    app.drop();
    await expect.poll(app.isConnected, poll).toBe(true);
  });

  test("are not even asked for when none is allowed", async () => {
    await using app = await serveApp();
    await using running = startProbe({
      ...still,
      collectors: [app.url],
      spyIntervalMs: 100,
      publishIntervalMs: 100,
    });
    await expect.poll(() => running.publisher.totals.published, poll).toBeGreaterThan(1);
    expect(app.isConnected()).toBe(false);
  });
});

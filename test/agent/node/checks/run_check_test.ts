import { createServer, type RequestListener } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { describe, expect, test } from "vitest";
import type { CheckSpec } from "../../../../src/agent/containerizer.ts";
import { runCheck } from "../../../../src/agent/node/checks/run_check.ts";
import { probeHost } from "../../../../src/agent/node/containers/host.ts";
import { PosixContainerizer } from "../../../../src/agent/node/containers/posix/posix.ts";
import { asyncDispose } from "../../../../src/base/mod.ts";
import { Bench, sh } from "../containers/bench.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });

class Listening implements AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    this.server = server;
    const address = server.address() as AddressInfo;
    this.port = address.port;
    server.on("connection", (socket) => this.#sockets.add(socket));
  }

  async [asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}

async function listen(server: Server): Promise<Listening> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return new Listening(server);
}

const serve = (listener: RequestListener) => listen(createServer(listener));
const http = (port: number, path = "/"): CheckSpec => ({
  type: "HTTP",
  scheme: "http",
  host: "127.0.0.1",
  port,
  path,
  timeoutMs: 5_000,
});
const tcp = (port: number): CheckSpec => ({
  type: "TCP",
  host: "127.0.0.1",
  port,
  timeoutMs: 5_000,
});

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  await using open = await listen(createTcpServer());
  return open.port;
}

describe("runCheck() over HTTP", () => {
  test("gives the status of path and host that were asked for", async () => {
    const seen: (string | undefined)[] = [];
    await using server = await serve((request, response) => {
      seen.push(request.method, request.url, request.headers.host);
      response.writeHead(request.url === "/health" ? 204 : 503).end("x".repeat(100_000));
    });
    expect(await runCheck(http(server.port, "/health"))).toEqual({ type: "HTTP", statusCode: 204 });
    expect(await runCheck(http(server.port, "bad"))).toEqual({ type: "HTTP", statusCode: 503 });
    const hostname = `127.0.0.1:${server.port}`;
    expect(seen).toEqual(["GET", "/health", hostname, "GET", "/bad", hostname]);
  });

  test("follows redirects, but not for ever", async () => {
    await using server = await serve((request, response) => {
      const to = request.url === "/a" ? "/b" : request.url === "/ring" ? "/ring" : undefined;
      if (to === undefined) response.writeHead(200).end();
      else response.writeHead(302, { location: to }).end();
    });
    expect(await runCheck(http(server.port, "/a"))).toEqual({ type: "HTTP", statusCode: 200 });
    expect(await runCheck(http(server.port, "/ring"))).toEqual({ type: "HTTP", statusCode: 302 });
  });

  test("tells a task that does not answer", async () => {
    expect(await runCheck(http(await freePort()))).toMatchObject({
      type: "failed",
      message: expect.stringContaining("ECONNREFUSED"),
    });
    await using mute = await listen(createTcpServer(() => undefined));
    expect(await runCheck({ ...http(mute.port), timeoutMs: 50 })).toEqual({
      type: "failed",
      message: "timed out after 0.05 s",
    });
    await using rude = await listen(createTcpServer((socket) => socket.destroy()));
    expect(await runCheck(http(rude.port))).toMatchObject({ type: "failed" });
    const garbage = createTcpServer((socket) => socket.end("no http\r\n\r\n"));
    await using strange = await listen(garbage);
    expect(await runCheck(http(strange.port))).toMatchObject({ type: "failed" });
  });

  test("that is given up says nothing about the task", async () => {
    await using mute = await listen(createTcpServer(() => undefined));
    const options = { signal: AbortSignal.timeout(20) };
    expect(await runCheck(http(mute.port), options)).toMatchObject({ type: "error" });
  });
});

describe("runCheck() over TCP", () => {
  test("tells whether somebody listens", async () => {
    await using server = await listen(createTcpServer((socket) => socket.resume()));
    expect(await runCheck(tcp(server.port))).toEqual({ type: "TCP", succeeded: true });
    expect(await runCheck(tcp(await freePort()))).toEqual({ type: "TCP", succeeded: false });
  });
});

describe("runCheck() of a command", () => {
  const open = async () =>
    Bench.open(async (launcher) => new PosixContainerizer({ launcher, host }));
  const command = (line: string, timeoutMs = 5_000): CheckSpec => ({
    type: "COMMAND",
    command: sh(line),
    environment: { ANSWER: "42" },
    timeoutMs,
  });

  test("runs inside, gives its exit code, kills it when it is late", async () => {
    await using b = await open();
    const { container } = await b.run("touch here; exec sleep 1000");
    const options = { container };
    const look = (spec: CheckSpec) => runCheck(spec, options);
    const answers = command('echo noise; [ "$ANSWER" = 42 ] && [ -n "$PATH" ]');
    expect(await look(answers)).toEqual({ type: "COMMAND", exitCode: 0 });
    expect(await look(command("exit 9"))).toEqual({ type: "COMMAND", exitCode: 9 });
    expect(await look(command("kill -9 $$"))).toEqual({ type: "COMMAND", exitCode: 137 });
    expect(await look(command("yes | head -c 5000000"))).toMatchObject({ exitCode: 0 });
    expect(await look(command("exec sleep 1000", 50))).toEqual({
      type: "failed",
      message: "timed out after 0.05 s",
    });
    await container.destroy();
    expect(await look(answers)).toMatchObject({
      type: "failed",
      message: expect.stringContaining("it has ended"),
    });
  });

  test("tells what the checker could not do from what the task did not", async () => {
    await using b = await open();
    const { container } = await b.run("exec sleep 1000");
    const missing = { shell: false, value: "no-such", arguments: ["no-such"] };
    const spec: CheckSpec = {
      type: "COMMAND",
      command: missing,
      environment: {},
      timeoutMs: 5_000,
    };
    expect(await runCheck(spec, { container })).toMatchObject({
      type: "failed",
      message: expect.stringContaining('there is no program "no-such"'),
    });
    expect(await runCheck(spec)).toMatchObject({ type: "error" });
    const lost = { exec: () => Promise.reject(new Error("the launcher is gone")) };
    expect(await runCheck(spec, { container: lost })).toEqual({
      type: "error",
      message: "the launcher is gone",
    });
    await container.destroy();
  });
});

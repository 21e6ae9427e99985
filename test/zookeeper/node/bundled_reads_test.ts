/** Plain reads that wait beside each other go as one request: what the wire sees, and who does not know it. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { EmbeddedZooKeeper, ZooKeeper } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { codeOf } from "../conformance.ts";

const MULTI_READ = 22;
const GET_DATA = 4;
const UNIMPLEMENTED = -6;

/** Between a client and a server: counts requests by opcode, and may refuse `multiRead`. */
class Relay {
  readonly opcodes = new Map<number, number>();
  isOld = false;
  readonly #server = createServer((client) => this.#serve(client));
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  close(): void {
    this.#server.close();
  }

  #serve(client: Socket): void {
    const upstream = connect(this.#port, "127.0.0.1");
    const ignore = () => undefined;
    client.on("error", ignore).on("close", () => upstream.destroy());
    upstream.on("error", ignore).on("close", () => client.destroy());
    upstream.on("data", (bytes) => client.write(bytes));
    let isFirst = true;
    let pending = Buffer.alloc(0);
    client.on("data", (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const frame = pending.subarray(0, 4 + pending.readInt32BE(0));
        pending = pending.subarray(frame.length);
        if (!isFirst && this.#isRefused(frame, client)) continue;
        isFirst = false;
        upstream.write(frame);
      }
    });
  }

  #isRefused(frame: Buffer, client: Socket): boolean {
    const opcode = frame.readInt32BE(8);
    this.opcodes.set(opcode, (this.opcodes.get(opcode) ?? 0) + 1);
    if (opcode !== MULTI_READ || !this.isOld) return false;
    const answer = Buffer.alloc(20);
    answer.writeInt32BE(16, 0);
    answer.writeInt32BE(frame.readInt32BE(4), 4);
    answer.writeInt32BE(UNIMPLEMENTED, 16);
    client.write(answer);
    return true;
  }
}

describe("reads that wait beside each other", () => {
  let server: EmbeddedZooKeeper;
  let relay: Relay;
  let address: string;
  const data = (word: string | number) => new TextEncoder().encode(String(word));

  beforeAll(async () => {
    server = await EmbeddedZooKeeper.start();
    await using zk = await ZooKeeper.connect(server.connectString);
    for (let index = 0; index < 200; index += 1) await zk.create(`/n${index}`, data(index));
    await zk.create("/null", null);
    await zk.create("/secret", data("x"), {
      acl: [{ permissions: 16, scheme: "world", id: "anyone" }],
    });
  });
  beforeEach(async () => {
    relay = new Relay(server.port);
    address = await relay.listen();
  });
  afterAll(() => server?.stop());

  const readAll = (zk: ZooKeeper) =>
    Promise.all(Array.from({ length: 200 }, (_, index) => zk.get(`/n${index}`)));

  test("go as few requests, and each has its own answer", async () => {
    await using zk = await ZooKeeper.connect(address);
    const nodes = await readAll(zk);
    expect(nodes.map(({ data }) => new TextDecoder().decode(data ?? undefined))).toEqual(
      Array.from({ length: 200 }, (_, index) => String(index)),
    );
    expect(nodes[7]?.stat).toMatchObject({ version: 0, dataBytes: 1 });
    expect(relay.opcodes.get(MULTI_READ)).toBe(4);
    expect(relay.opcodes.get(GET_DATA)).toBe(undefined);
    const some = ["/n1", "/none", "/null", "/secret", "/n2"].map((path) => codeOf(zk.get(path)));
    expect(await Promise.all(some)).toEqual(["", "no_node", "", "no_auth", ""]);
    const [none, missing] = await Promise.all([
      zk.get("/null"),
      zk.get("/none").catch((error: unknown) => error),
      zk.get("/n3"),
      zk.get("/n4"),
    ]);
    expect(none.data).toBeNull();
    expect(missing).toMatchObject({
      message: expect.stringContaining("get /none"),
      details: { path: "/none" },
    });
    relay.close();
  });

  test("keep their order with what is written between them", async () => {
    await using zk = await ZooKeeper.connect(address);
    await zk.create("/order", data(0));
    const seen: Promise<string>[] = [];
    for (let round = 1; round <= 5; round += 1) {
      void zk.set("/order", data(round));
      for (let reads = 0; reads < 6; reads += 1) {
        seen.push(zk.get("/order").then(({ data }) => new TextDecoder().decode(data ?? undefined)));
      }
    }
    const expected = Array.from({ length: 30 }, (_, index) => String(1 + Math.floor(index / 6)));
    expect(await Promise.all(seen)).toEqual(expected);
    expect(relay.opcodes.get(MULTI_READ)).toBe(5);
    relay.close();
  });

  test("end one by one: by their signals, and all with a connection that breaks", async () => {
    await using zk = await ZooKeeper.connect(address);
    const abort = new AbortController();
    const reads = Array.from({ length: 8 }, (_, index) =>
      codeOf(zk.get(`/n${index}`, index % 2 === 0 ? {} : { signal: abort.signal })),
    );
    abort.abort(Object.assign(new Error("enough"), { code: "aborted" }));
    expect(await Promise.all(reads)).toEqual(
      Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? "" : "not ours: Error: enough")),
    );
    expect(zk.requests).toBe(0);
    const lost = Array.from({ length: 8 }, (_, index) => codeOf(zk.get(`/n${index}`)));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    zk.reconnect();
    const codes = new Set(await Promise.all(lost));
    expect([...codes].every((code) => code === "" || code === "connection_loss")).toBe(true);
    expect(zk.requests).toBe(0);
    expect((await readAll(zk)).length).toBe(200);
    relay.close();
  });

  test("go one by one to a server that does not know how to take them together", async () => {
    relay.isOld = true;
    await using zk = await ZooKeeper.connect(address);
    for (let round = 0; round < 2; round += 1) {
      const nodes = await readAll(zk);
      expect(nodes.map(({ stat }) => stat.version)).toEqual(nodes.map(() => 0));
    }
    expect(relay.opcodes.get(MULTI_READ)).toBe(4);
    expect(relay.opcodes.get(GET_DATA)).toBe(400);
    relay.close();
  });
});

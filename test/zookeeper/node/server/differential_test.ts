/** The embedded server beside the real one: equal requests, equal bytes. */

import { SeededRandom } from "fairlead/base";
import { JuteReader, OPCODES } from "fairlead/zookeeper";
import { digestId, EmbeddedZooKeeper, ZooKeeperServer } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";
import { RawClient } from "./raw.ts";
import { type Step, scenario, stepFrom } from "./steps.ts";

/** Three connections to one server, and their bytes with what must differ taken out. */
class Side implements AsyncDisposable {
  readonly clients: RawClient[] = [];
  #xid = 0;

  static async open(address: string): Promise<Side> {
    const side = new Side();
    for (let index = 0; index < 3; index += 1) side.clients.push(await RawClient.open(address));
    return side;
  }

  /** All bytes that a request makes the server send, to any of the clients. */
  async run({ client: index, opcode, write }: Step): Promise<string[]> {
    const client = this.clients[index];
    if (client === undefined) throw new RangeError(`there is no client ${index}`);
    this.#xid += 1;
    client.send(this.#xid, opcode, write);
    const shown = (await client.until(this.#xid)).map((each) => this.#shown(each, opcode));
    for (const [at, each] of this.clients.entries()) {
      const told = await each.settled();
      shown.push(...told.map((packet) => `to ${at}: ${this.#shown(packet, OPCODES.ping)}`));
    }
    return shown;
  }

  #shown(packet: Uint8Array, opcode: number): string {
    const reader = new JuteReader(packet);
    const header = Buffer.from(packet.subarray(0, 16)).toString("hex");
    const isAnswer = packet.length > 16 && reader.int() >= 0;
    if (!isAnswer) return this.#masked(Buffer.from(packet).toString("hex"));
    const body = new JuteReader(packet, 16);
    // Java lists names and identities in the order of a hash table.
    const isListed = [OPCODES.getChildren, OPCODES.getChildren2, OPCODES.getEphemerals] as number[];
    if (isListed.includes(opcode)) {
      const names = body.list((each) => each.text()).toSorted();
      return `${header} ${names} ${this.#masked(Buffer.from(body.rest()).toString("hex"))}`;
    }
    if (opcode === OPCODES.whoAmI) {
      return `${header} ${body.list((each) => `${each.text()}:${each.text()}`).toSorted()}`;
    }
    return `${header} ${this.#masked(Buffer.from(body.rest()).toString("hex"))}`;
  }

  /** Times of now, and the sessions' ids. */
  #masked(hex: string): string {
    // Of the last half hour, so that no zxid beside a time is taken for one.
    const now = Math.floor(Date.now() / 2 ** 20);
    const begins = [now, now - 1].map((each) => each.toString(16).padStart(11, "0")).join("|");
    const time = new RegExp(`(${begins})[0-9a-f]{5}`, "g");
    return this.clients.reduce(
      (text, { sessionId }, index) =>
        text.replaceAll(sessionId.toString(16).padStart(16, "0"), `<session ${index}>`),
      hex.replaceAll(time, "<time>"),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) await client[Symbol.asyncDispose]();
  }
}

async function compare(steps: Iterable<Step>): Promise<void> {
  const properties = { "znode.container.checkIntervalMs": "3600000" };
  await using real = await ZooKeeperServer.start({ properties });
  await using embedded = await EmbeddedZooKeeper.start({ superDigest: digestId("super:secret") });
  await using left = await Side.open(real.address);
  await using right = await Side.open(embedded.connectString);
  const differences: unknown[] = [];
  for (const step of steps) {
    const [expected, given] = [await left.run(step), await right.run(step)];
    const isEqual = JSON.stringify(given) === JSON.stringify(expected);
    if (!isEqual) differences.push({ what: step.what, client: step.client, expected, given });
  }
  expect(differences).toEqual([]);
}

test("every request and every error: the bytes are those of ZooKeeper 3.8", async () => {
  await compare(scenario());
}, 60_000);

test.each([1, 2])(
  "random requests of three clients, seed %i: the bytes are those of ZooKeeper 3.8",
  async (seed) => {
    const random = new SeededRandom(seed);
    await compare(Array.from({ length: 1_000 }, () => stepFrom(random)));
  },
  120_000,
);

import { connect } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import type { ReportUpload } from "../../../src/topology/mod.ts";
import { type NatsRelayOptions, openNatsRelay } from "../../../src/topology/node/mod.ts";
import { hasNats, NatsServer } from "../../support/nats_server.ts";
import { hostReport, listen, post } from "../support/collector.ts";

/** A collector that tells others, and is told by them. */
async function listenWith(options: NatsRelayOptions) {
  const relay = await openNatsRelay(options);
  const served = await listen({ relay });
  relay.follow((upload) => served.collector.add(upload));
  return {
    relay,
    url: served.url,
    hosts: async () => {
      const { nodes } = await (await fetch(`${served.url}/api/topology/hosts`)).json();
      return Object.keys(nodes).sort();
    },
    async [Symbol.asyncDispose]() {
      await served.close();
      await relay.close();
    },
  };
}

function uploadOf(size: number): ReportUpload {
  const bytes = Uint8Array.from(
    { length: size },
    (_, i) => Math.imul(i ^ (i >>> 3), 2_654_435_761) >>> 24,
  );
  return { probeId: "p", contentType: "application/msgpack", bytes, receivedMs: 0 };
}

describe("openNatsRelay()", () => {
  test("says that no server can be reached", async () => {
    const opened = openNatsRelay({ servers: ["nats://127.0.0.1:1"], timeoutMs: 1_000 });
    await expect(opened).rejects.toMatchObject({ code: "relay_failed" });
  });

  test.each<[NatsRelayOptions, string]>([
    [{ subject: "a.>" }, 'Cannot use subject = "a.>": it must be words with dots between'],
    [{ timeoutMs: 1 }, "timeoutMs = 1: it must be an integer from 100 to 60000"],
    [{ waitingBytesMax: 1 }, "waitingBytesMax = 1: it must be an integer from 65536"],
    [{ reportBytesMax: 0 }, "reportBytesMax = 0: it must be an integer from 1"],
  ])("refuses %j", async (options, message) => {
    await expect(openNatsRelay(options)).rejects.toThrow(message);
  });
});

// Debian's package: apt-get install nats-server.
describe.skipIf(!hasNats())("a relay by a real nats-server", () => {
  test("lets each collector show what all of them were told, once each", async () => {
    await using server = await NatsServer.start();
    const options = { servers: [server.url] };
    await using a = await listenWith(options);
    await using b = await listenWith(options);
    await using other = await listenWith({ ...options, subject: "another.place" });
    expect((await post(a.url, hostReport("one"))).status).toBe(200);
    expect((await post(b.url, hostReport("two"))).status).toBe(200);
    for (const { hosts } of [a, b]) {
      await expect.poll(hosts).toEqual(["one;<host>", "two;<host>"]);
    }
    expect(await other.hosts()).toEqual([]);
    await expect
      .poll(() => [a.relay.counts, b.relay.counts])
      .toEqual([
        { passed: 1, taken: 1, dropped: 0, refused: 0 },
        { passed: 1, taken: 1, dropped: 0, refused: 0 },
      ]);
  });

  test("goes on when the server comes back; what was said meanwhile is dropped", async () => {
    await using server = await NatsServer.start();
    await using a = await listenWith({ servers: [server.url] });
    await using b = await listenWith({ servers: [server.url] });
    await server.stop();
    await expect
      .poll(async () => {
        await post(a.url, hostReport("lost"));
        return a.relay.counts.dropped;
      })
      .toBeGreaterThan(0);
    expect(await a.hosts()).toEqual(["lost;<host>"]);
    await server.start();
    await expect
      .poll(async () => {
        await post(a.url, hostReport("found"));
        return await b.hosts();
      })
      .toContain("found;<host>");
  });

  test("refuses what is no report, and tells why", async () => {
    await using server = await NatsServer.start();
    const errors: unknown[] = [];
    await using a = await listenWith({
      servers: [server.url],
      onError: (error) => errors.push(error),
    });
    const stranger = await connect({ servers: server.url });
    stranger.publish("fairlead.reports", "no gzip");
    await stranger.flush();
    await expect.poll(() => a.relay.counts.refused).toBe(1);
    expect(errors).toEqual([expect.objectContaining({ code: "invalid_report" })]);
    await stranger.close();
    expect((await post(a.url, hostReport("good"))).status).toBe(200);
    expect(await a.hosts()).toEqual(["good;<host>"]);
  });

  test("drops what is longer than the server takes, and what cannot wait", async () => {
    await using server = await NatsServer.start();
    const errors: unknown[] = [];
    await using relay = await openNatsRelay({
      servers: [server.url],
      waitingBytesMax: 4_000_000,
      onError: (error) => errors.push(error),
    });
    relay.pass(uploadOf(3_000_000));
    relay.pass(uploadOf(3_000_000));
    expect(relay.counts.dropped).toBe(1);
    await expect.poll(() => relay.counts.dropped).toBe(2);
    expect(errors).toEqual([expect.objectContaining({ code: "report_too_large" })]);
    relay.pass(uploadOf(100));
    await expect.poll(() => relay.counts.passed).toBe(1);
    await relay.close();
    relay.pass(uploadOf(100));
    expect(relay.counts.dropped).toBe(3);
  });

  test("comes in with a token only, where one is asked for", async () => {
    await using server = await NatsServer.start(["--auth", "s3cret"]);
    const refused = openNatsRelay({ servers: [server.url], token: "wrong" });
    await expect(refused).rejects.toMatchObject({ code: "relay_failed" });
    await using relay = await openNatsRelay({ servers: [server.url], token: "s3cret" });
    expect(relay.counts.passed).toBe(0);
  });
});

import { JuteReader, JuteWriter, OPEN_ACL, type Stat } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import * as records from "../../../src/zookeeper/protocol/records.ts";

const stat: Stat = {
  czxid: 0x1_0000_0001n,
  mzxid: 2n,
  pzxid: 3n,
  ctimeMs: 1_795_000_000_000,
  mtimeMs: 1_795_000_000_001,
  version: 4,
  cversion: 5,
  aversion: 6,
  ephemeralOwner: -1n,
  dataBytes: 7,
  childrenCount: 8,
};

test("a stat, an ACL and the handshake are read as they were written", () => {
  const writer = new JuteWriter();
  records.writeStat(writer, stat);
  expect(writer.length).toBe(records.STAT_BYTES);
  for (const each of OPEN_ACL) records.writeAcl(writer, each);
  const request = {
    lastZxid: 1n,
    timeoutMs: 2,
    sessionId: 3n,
    password: Uint8Array.of(4),
    readOnly: true,
  };
  records.writeConnectRequest(writer, request);
  const reader = new JuteReader(writer.take());
  expect(records.readStat(reader)).toEqual(stat);
  expect([records.readAcl(reader)]).toEqual(OPEN_ACL);
  expect(records.readConnectRequest(reader)).toEqual(request);
  const response = { timeoutMs: 1, sessionId: 2n, password: Uint8Array.of(3), readOnly: false };
  records.writeConnectResponse(writer, response);
  const bytes = writer.take();
  expect(records.readConnectResponse(new JuteReader(bytes))).toEqual(response);
  // Servers before 3.4 leave the last byte out.
  expect(records.readConnectResponse(new JuteReader(bytes.slice(0, -1)))).toEqual(response);
});

test("each lifetime has its flag", () => {
  const flags = [
    records.createFlag(undefined, false),
    records.createFlag({ type: "ephemeral" }, false),
    records.createFlag({ type: "persistent" }, true),
    records.createFlag({ type: "ephemeral" }, true),
    records.createFlag({ type: "container" }, false),
    records.createFlag({ type: "ttl", ttlMs: 1 }, false),
    records.createFlag({ type: "ttl", ttlMs: 1 }, true),
  ];
  expect(flags).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

/** What `Connection` takes from node-zookeeper-client: an upgrade that changes it fails here. */

import { createRequire } from "node:module";
import ConnectionManager from "node-zookeeper-client/lib/ConnectionManager.js";
import { expect, test } from "vitest";

test("it is the version that was read", () => {
  const require = createRequire(import.meta.url);
  expect(require("node-zookeeper-client/package.json")).toMatchObject({ version: "1.1.3" });
});

test("its connection manager has the methods and states that are built on", () => {
  const names = [
    "connect",
    "close",
    "setState",
    "updateTimeout",
    "findNextServer",
    "onSocketConnected",
    "onSocketData",
    "onSocketDrain",
    "onSocketError",
    "onPacketQueueReadable",
  ];
  const proto: Record<string, unknown> = { ...ConnectionManager.prototype };
  expect(names.filter((name) => typeof proto[name] !== "function")).toEqual([]);
  expect(ConnectionManager.STATES).toEqual({
    DISCONNECTED: 0,
    CONNECTING: 1,
    CONNECTED: 2,
    CONNECTED_READ_ONLY: 3,
    CLOSING: -1,
    CLOSED: -2,
    SESSION_EXPIRED: -3,
    AUTHENTICATION_FAILED: -4,
  });
});

test("its constructor connects to nothing, and walks the list of servers in order", async () => {
  const states: number[] = [];
  const options = { sessionTimeout: 3_000, spinDelay: 1 };
  const manager = new ConnectionManager("localhost:1", options, (state) => states.push(state));
  expect(states).toEqual([]);
  manager.servers = [
    { host: "a", port: 1 },
    { host: "b", port: 2 },
  ];
  const walked: string[] = [];
  for (let count = 0; count < 4; count += 1) {
    walked.push(
      await new Promise((resolve) => manager.findNextServer(({ host }) => resolve(host))),
    );
  }
  expect(walked).toEqual(["a", "b", "a", "b"]);
  manager.updateTimeout(6_000);
  expect(manager).toMatchObject({ sessionTimeout: 6_000, pingTimeout: 2_000 });
  manager.setState(ConnectionManager.STATES.CONNECTING);
  expect(states).toEqual([1]);
});

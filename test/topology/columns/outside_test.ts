import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { knownServices, NetworkSet } from "../../../src/topology/columns/outside.ts";

const ip = fc.oneof(
  fc.ipV4(),
  fc.tuple(fc.nat(1), fc.nat(3)).map(([a, b]) => `10.0.${a}.${b}`),
  fc.ipV6(),
);

test("NetworkSet.has() finds what one network after the other finds", () => {
  const cidr = fc.tuple(ip, fc.nat(32)).map(([address, bits]) => `${address}/${bits}`);
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 8 }), ip, (cidrs, text) => {
      const networks = new NetworkSet();
      for (const each of cidrs) networks.add(each);
      const address = ipaddr.parse(text);
      const expected = cidrs.some((each) => {
        if (!ipaddr.isValidCIDR(each)) return false;
        const [network, bits] = ipaddr.parseCIDR(each);
        return network.kind() === address.kind() && address.match(network, bits);
      });
      expect(networks.has(address)).toBe(expected);
    }),
  );
});

test("knownServices() takes the first name of a cloud, one that was asked for before others", () => {
  const names = (forward: readonly string[], reverse: readonly string[]) => ({ forward, reverse });
  const found = knownServices([
    new Map([["1.1.1.1", names(["x.example", "b.amazonaws.com"], [])]]),
    new Map([["1.1.1.1", names(["a.amazonaws.com"], ["0.googleapis.com"])]]),
    new Map([["2.2.2.2", names([], ["s3.amazonaws.com"])]]),
    new Map([["3.3.3.3", names(["plain.example"], [])]]),
  ]);
  expect([...found].sort()).toEqual([
    ["1.1.1.1", "a.amazonaws.com"],
    ["2.2.2.2", "s3.amazonaws.com"],
  ]);
});

import { describe, expect, test } from "vitest";
import { faultOfInverseOffers, faultOfOffers } from "../../../src/master/validate/offers.ts";

const offers = new Map([
  ["o1", { frameworkId: "f1", agentId: "a1", role: "web" }],
  ["o2", { frameworkId: "f1", agentId: "a1", role: "web" }],
  ["o3", { frameworkId: "f1", agentId: "a2", role: "web" }],
  ["o4", { frameworkId: "f1", agentId: "a1", role: "db" }],
  ["o5", { frameworkId: "f2", agentId: "a1", role: "web" }],
]);

function question(...ids: string[]) {
  return { offerIds: ids.map((value) => ({ value })), frameworkId: "f1", offers };
}

describe("faultOfOffers()", () => {
  test("takes several offers of one agent and role", () => {
    expect(faultOfOffers(question("o1", "o2"))).toBeUndefined();
  });

  test.each<[string[], string]>([
    [[], "No offers specified"],
    [["o1", "o1"], "Duplicate offer o1 in offer list"],
    [["o1", "gone"], "Offer gone is no longer valid"],
    [["o5"], "Offer o5 has invalid framework f2 while framework f1 is expected"],
    [
      ["o1", "o4"],
      "Aggregated offers must be allocated to the same role. Offer o4 uses role 'db' but another " +
        "is using role 'web'",
    ],
    [
      ["o1", "o3"],
      "Aggregated offers must belong to one single agent. Offer o3 uses agent a2 and agent a1",
    ],
  ])("refuses %j", (ids, message) => {
    expect(faultOfOffers(question(...ids))).toBe(message);
  });

  test("refuses a call without a list", () => {
    expect(faultOfOffers({ ...question(), offerIds: undefined })).toBe("No offers specified");
  });
});

test("faultOfInverseOffers() says so", () => {
  expect(faultOfInverseOffers(question("gone"))).toBe("Inverse offer gone is no longer valid");
  expect(faultOfInverseOffers(question("o1"))).toBeUndefined();
});

import { digestId } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";

test("digestId() gives the id that ZooKeeper's documentation gives", () => {
  expect(digestId("super:admin")).toBe("super:xQJmxLMiHGwaqBvst5y6rkB6HQs=");
});

test("digestId() takes what stands before the first colon for the user", () => {
  expect(digestId("ada:a:b").split(":")[0]).toBe("ada");
  expect(digestId("ada").split(":")[0]).toBe("ada");
});

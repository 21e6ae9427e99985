import { describe, expect, test } from "vitest";
import type { Operation, ResourceJson } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { Bench, command, of, resources, sent, statuses } from "./bench.ts";

function operate(bench: Bench, operation: Operation, uuid = "op1") {
  return bench.hear({
    type: "operation",
    framework_id: "f1",
    uuid,
    operation: { id: { value: uuid }, ...operation },
    feedback: true,
  });
}

function reserved(text: string): ResourceJson[] {
  return resources(text).map((resource) => ({
    ...resource,
    reservations: [{ type: "DYNAMIC", role: "eng", principal: "p" }],
    allocation_info: { role: "eng" },
  }));
}

function volume(mb: number, id = "v1"): ResourceJson {
  const [disk] = reserved(`disk:${mb}`);
  if (disk === undefined) throw new Error("no disk");
  return {
    ...disk,
    disk: {
      persistence: { id, principal: "p" },
      volume: { container_path: "data", mode: "RW" },
    },
  };
}

const RESERVE: Operation = { type: "RESERVE", reserve: { resources: reserved("cpus:2;disk:100") } };
const CREATE: Operation = { type: "CREATE", create: { volumes: [volume(60)] } };

function total(bench: Bench): string {
  return Resources.fromJson(bench.core.state.info.resources ?? []).toString();
}

describe("operations", () => {
  test("RESERVE is applied, kept, and told until acknowledged", () => {
    const bench = Bench.registered();
    const effects = operate(bench, RESERVE);
    const [update] = sent(effects, "operation_update");
    expect(update).toMatchObject({
      framework_id: "f1",
      uuid: "op1",
      status: { state: "OPERATION_FINISHED", operation_id: { value: "op1" } },
    });
    expect(update?.resources).toBeUndefined();
    expect(total(bench)).toContain("cpus(eng, p):2");
    expect(bench.disk.get("agent")).toMatchObject({ info: bench.core.state.info });
    expect(sent(bench.passHeard(10_000), "operation_update")).toHaveLength(1);
    const statusUuid = update?.status.uuid?.value ?? "";
    bench.hear({ type: "operation_ack", uuid: "op1", status_uuid: "other" });
    bench.hear({ type: "operation_ack", uuid: "op1", status_uuid: statusUuid });
    expect(sent(bench.passHeard(100_000), "operation_update")).toEqual([]);
    expect([...bench.disk.keys()]).toEqual(["agent"]);
  });

  test("RESERVE, CREATE, GROW, SHRINK, DESTROY and UNRESERVE lead back to the start", () => {
    const bench = Bench.registered();
    const start = total(bench);
    operate(bench, RESERVE, "1");
    const created = operate(bench, CREATE, "2");
    expect(of(created, "create_volume")).toEqual([
      { type: "create_volume", volume: { role: "eng", id: "v1", mount: false } },
    ]);
    const [more] = reserved("disk:30");
    if (more === undefined) throw new Error("no disk");
    operate(
      bench,
      { type: "GROW_VOLUME", grow_volume: { volume: volume(60), addition: more } },
      "3",
    );
    const shrink = { volume: volume(90), subtract: { value: 50 } };
    operate(bench, { type: "SHRINK_VOLUME", shrink_volume: shrink }, "4");
    expect(of(bench.effects, "destroy_volume")).toEqual([]);
    const destroyed = operate(bench, { type: "DESTROY", destroy: { volumes: [volume(40)] } }, "5");
    expect(of(destroyed, "destroy_volume")).toHaveLength(1);
    const unreserve = { resources: reserved("cpus:2;disk:100") };
    operate(bench, { type: "UNRESERVE", unreserve }, "6");
    const states = sent(bench.effects, "operation_update").map(({ status }) => status.state);
    expect(new Set(states)).toEqual(new Set(["OPERATION_FINISHED"]));
    expect(total(bench)).toBe(start);
  });

  test.each<[string, Operation, RegExp]>([
    ["what is not there", { type: "DESTROY", destroy: { volumes: [volume(60)] } }, /does not have/],
    ["what only plugins can", { type: "CREATE_DISK" }, /CREATE_DISK/],
    [
      "nonsense",
      { type: "RESERVE", reserve: { resources: resources("cpus:1") } },
      /no reservation to pop/,
    ],
  ])("%s fails and says why", (_, operation, message) => {
    const bench = Bench.registered();
    const [update] = sent(operate(bench, operation), "operation_update");
    expect(update?.status.state).toBe("OPERATION_FAILED");
    expect(update?.status.message).toMatch(message);
    expect(update?.resources).toEqual(bench.core.state.info.resources);
    expect(total(bench)).toBe(total(Bench.registered()));
  });

  test("are applied once, however often they come", () => {
    const bench = Bench.registered();
    operate(bench, RESERVE);
    const before = total(bench);
    expect(sent(operate(bench, RESERVE), "operation_update")).toMatchObject([
      { status: { state: "OPERATION_FINISHED" } },
    ]);
    expect(total(bench)).toBe(before);
  });

  test("survive a restart: what was reserved, and what was not acknowledged", () => {
    const bench = Bench.registered();
    operate(bench, RESERVE);
    const before = total(bench);
    bench.restart();
    expect(total(bench)).toBe(before);
    bench.step({ type: "link_opened" });
    const [again] = sent(bench.effects, "reregister");
    expect(again?.operations).toMatchObject([
      { uuid: "op1", framework_id: "f1", latest_status: { state: "OPERATION_FINISHED" } },
    ]);
    const effects = bench.register();
    expect(sent(effects, "operation_update")).toHaveLength(1);
  });

  test("a task is refused when what it was promised is not there", () => {
    const bench = Bench.registered();
    const task = command("t1", { resources: [...resources("cpus:1"), volume(60)] });
    expect(statuses(bench.launch(task))).toMatchObject([
      { state: "TASK_LOST", reason: "REASON_RESOURCES_UNKNOWN" },
    ]);
    operate(bench, RESERVE, "1");
    operate(bench, CREATE, "2");
    const next = command("t2", { resources: [...resources("cpus:1"), volume(60)] });
    expect(of(bench.launch(next), "launch_container")).toHaveLength(1);
  });
});

describe("the machine's resources", () => {
  test("that change are told, reservations stay", () => {
    const bench = Bench.registered();
    operate(bench, RESERVE);
    const effects = bench.step({
      type: "resources",
      resources: resources("cpus:16;mem:4096;disk:8192"),
    });
    const all = Resources.fromJson(sent(effects, "resources")[0]?.resources);
    expect(all.quantities().get("cpus")).toBe(16_000);
    expect(all.quantities().get("mem")).toBe(4_096_000);
    expect(all.reservedTo("eng").quantities().get("cpus")).toBe(2_000);
  });

  test("cannot be taken away from under a reservation", () => {
    const bench = Bench.registered();
    operate(bench, RESERVE);
    const before = total(bench);
    const effects = bench.step({
      type: "resources",
      resources: resources("cpus:1;mem:8192;disk:8192"),
    });
    expect(of(effects, "log")).toMatchObject([{ level: "error" }]);
    expect(total(bench)).toBe(before);
  });
});

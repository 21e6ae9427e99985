/** Reading the calls and events that come by the thousand: by hand (`hot`), by the schema (`zod`). */

import { readSchedulerCall, readSchedulerEvent } from "fairlead/model";
import type { Answer, Case, Contender, Params, Suite } from "./harness.ts";

const id = (value: string) => ({ value });
const AGENT = "7b3f2a86-5c1d-4c0e-9d55-0a1f6f1f3e11-S42";
const FRAMEWORK = id("7b3f2a86-5c1d-4c0e-9d55-0a1f6f1f3e11-0007");

function scalar(name: string, value: number) {
  return { name, type: "SCALAR", scalar: { value }, allocation_info: { role: "web" } };
}

function task(index: number) {
  return {
    name: `web.${index}`,
    task_id: id(`web.${index}.5a4d7a0e`),
    agent_id: id(AGENT),
    resources: [
      scalar("cpus", 0.5),
      scalar("mem", 128),
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31_000, end: 31_001 }] } },
    ],
    command: {
      shell: true,
      value: "exec ./serve --port $PORT0",
      environment: { variables: [{ name: "PORT0", value: "31000" }] },
    },
  };
}

function status(index: number) {
  return {
    task_id: id(`web.${index}.5a4d7a0e`),
    state: "TASK_RUNNING",
    source: "SOURCE_EXECUTOR",
    agent_id: id(AGENT),
    executor_id: id(`web.${index}`),
    timestamp: 1_700_000_000.5,
    uuid: "AAECAwQFBgcICQoLDA0ODw==",
    container_status: {
      container_id: id("c1"),
      network_infos: [{ ip_addresses: [{ protocol: "IPv4", ip_address: "10.0.0.1" }] }],
    },
  };
}

function offer(index: number) {
  return {
    id: id(`7b3f2a86-O${index}`),
    framework_id: FRAMEWORK,
    agent_id: id(AGENT),
    hostname: `host${index}`,
    url: { scheme: "http", address: { hostname: `host${index}`, ip: "10.0.0.1", port: 5051 } },
    resources: task(index).resources,
    attributes: [{ name: "rack", type: "TEXT", text: { value: "r1" } }],
    allocation_info: { role: "web" },
  };
}

const list = <T>(count: number, item: (index: number) => T) =>
  Array.from({ length: count }, (_, i) => item(i));

interface Message {
  readonly read: (json: unknown) => unknown;
  /** The usual shape; `odd` puts one field in a shape that the schema alone takes. */
  readonly make: (count: number, isOdd: boolean) => unknown;
}

/** An id that is read by the schema only: one item without its brackets. */
const ids = (isOdd: boolean) => (isOdd ? id("o1") : [id("o1")]);

const MESSAGES: Readonly<Record<string, Message>> = {
  ACCEPT: {
    read: readSchedulerCall,
    make: (count, isOdd) => ({
      type: "ACCEPT",
      framework_id: FRAMEWORK,
      accept: {
        offer_ids: ids(isOdd),
        operations: [{ type: "LAUNCH", launch: { task_infos: list(count, task) } }],
        filters: { refuse_seconds: 5 },
      },
    }),
  },
  ACKNOWLEDGE: {
    read: readSchedulerCall,
    make: (_, isOdd) => ({
      type: "ACKNOWLEDGE",
      framework_id: FRAMEWORK,
      acknowledge: {
        agent_id: id(AGENT),
        task_id: id("web.1.5a4d7a0e"),
        uuid: isOdd ? "AAECAwQFBgcICQoLDA0ODw" : "AAECAwQFBgcICQoLDA0ODw==",
      },
    }),
  },
  UPDATE: {
    read: readSchedulerEvent,
    make: (_, isOdd) => ({
      type: "UPDATE",
      update: { status: isOdd ? { ...status(1), timestamp: "1700000000.5" } : status(1) },
    }),
  },
  OFFERS: {
    read: readSchedulerEvent,
    make: (count, isOdd) => ({
      type: "OFFERS",
      offers: {
        offers: [
          ...list(count - 1, offer),
          { ...offer(0), executor_ids: isOdd ? id("e") : [id("e")] },
        ],
      },
    }),
  },
};

/** The value as text, whatever the order of its fields. */
function digest(value: unknown): Answer {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** Reads the same JSON again and again; parsing it is not part of the time. */
function reader({ message, items }: Params, isOdd: boolean): Contender | undefined {
  const found = MESSAGES[String(message)];
  if (found === undefined) return undefined;
  const json: unknown = JSON.parse(JSON.stringify(found.make(Number(items), isOdd)));
  let last: unknown;
  return {
    run: () => {
      last = found.read(json);
    },
    answer: () => digest(last),
  };
}

/** What JSON.parse of the same text costs: the time that reading comes on top of. */
function parser({ message, items }: Params): Contender | undefined {
  const found = MESSAGES[String(message)];
  if (found === undefined) return undefined;
  const text = JSON.stringify(found.make(Number(items), false));
  let last: unknown;
  return {
    run: () => {
      last = JSON.parse(text);
    },
    answer: () => digest(found.read(last)),
  };
}

const cases: readonly Case[] = [
  {
    name: "read",
    about: "from parsed JSON to a call or event that is checked; items: tasks, offers",
    measure: "cycles",
    unit: "us",
    growth: "items",
    sweep: [
      { message: "ACKNOWLEDGE", items: 1 },
      { message: "UPDATE", items: 1 },
      { message: "ACCEPT", items: 1 },
      { message: "ACCEPT", items: 100 },
      { message: "OFFERS", items: 100 },
    ],
    items: ({ items }) => Number(items),
    contenders: {
      hot: (params) => reader(params, false),
      zod: (params) => reader(params, true),
      parse: parser,
    },
  },
];

/** `npm run bench -- model` */
export const suite: Suite = { name: "model", cases };

import type { Event, Sequence } from "./events.ts";

/** Sequences that failed once, or that chance hardly ever makes, each with what it is about. */
export const regressions: readonly (Sequence & { readonly about: string })[] = [
  {
    about: "a ninth filter pushes out the oldest of those equally due",
    options: { minAllocatable: [] },
    events: [...nineFilters(() => 1e6), ...backTo(0), { do: "run" }],
  },
  {
    about: "a ninth filter pushes out the one due first",
    options: { minAllocatable: [] },
    events: [
      ...nineFilters((nth) => (nth === 3 ? 5e5 : 1e6)),
      ...backTo(0),
      { do: "run" },
      ...[1, 2, 3].flatMap(step),
      { do: "run" },
    ],
  },
  {
    about: "a role that is dropped and listed again comes back without filters",
    options: {},
    events: [
      { do: "addFramework", spec: { id: "f0", roles: ["a"] } },
      { do: "addAgent", spec: { id: "s0", resources: "cpus:4;mem:400" } },
      { do: "run" },
      { do: "accept", luck: 3, refuseMs: 1e6 },
      { do: "updateFramework", id: "f0", update: { roles: ["b"] } },
      { do: "updateFramework", id: "f0", update: { roles: ["a"] } },
      { do: "run" },
    ],
  },
  {
    about: "what a client took may change what it is offered in the next run",
    options: { minAllocatable: [] },
    events: [
      { do: "setQuota", role: "a", quota: { guarantees: "mem:90;ports:8" } },
      { do: "setQuota", role: "b", quota: { guarantees: "mem:120;ports:2", limits: "ports:3" } },
      { do: "addFramework", spec: { id: "f0", roles: ["b/x"] } },
      { do: "addFramework", spec: { id: "f2", roles: ["a/y", "a/x/p"] } },
      { do: "addAgent", spec: { id: "s0", resources: "mem:200;ports:[1-9]" } },
      { do: "run" },
      { do: "run" },
    ],
  },
  {
    about: "a MOUNT disk that is there already is refused",
    options: { minAllocatable: [] },
    events: [
      { do: "setQuota", role: "a", quota: { limits: "disk:100" } },
      { do: "addFramework", spec: { id: "f0", roles: ["a"] } },
      { do: "addAgent", spec: { id: "s0", resources: "cpus:1" } },
      { do: "addProvider", id: "s0", resources: mount("/m", 90) },
      { do: "addProvider", id: "s0", resources: mount("/m", 90) },
      { do: "run" },
    ],
  },
  {
    about: "a role that loses its last child is sorted anew, though shares were read before",
    options: {},
    events: [
      { do: "addFramework", spec: { id: "f0", roles: ["b"] } },
      { do: "addFramework", spec: { id: "f2", roles: ["c/z"] } },
      { do: "addAgent", spec: { id: "s0", resources: "cpus:4" } },
      ...["f0", "f2", "f2"].flatMap((id): Event[] => [
        { do: "suppress", id: id === "f0" ? "f2" : "f0" },
        { do: "run" },
        { do: "decline", luck: 0, refuseMs: 0 },
        { do: "revive", id: id === "f0" ? "f2" : "f0" },
      ]),
      { do: "addFramework", spec: { id: "f3", roles: ["c"] } },
      { do: "shares" },
      { do: "removeFramework", id: "f2" },
      { do: "run" },
    ],
  },
];

function mount(root: string, megabytes: number): string {
  return `disk:${megabytes} {"disk":{"source":{"type":"MOUNT","mount":{"root":"${root}"}}}}`;
}

/** One client refuses nine times; each time there are more cpus and less memory than before. */
function nineFilters(refuseMs: (nth: number) => number): Event[] {
  return [
    { do: "addFramework", spec: { id: "f0", roles: ["a"] } },
    { do: "addAgent", spec: { id: "s0", resources: "cpus:1;mem:1000" } },
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((nth): Event[] => [
      ...(nth === 0 ? [] : step()),
      { do: "run" },
      { do: "decline", luck: nth, refuseMs: refuseMs(nth) },
    ]),
  ];
}

function step(): Event[] {
  return [
    { do: "addProvider", id: "s0", resources: "cpus:1" },
    { do: "removeProvider", id: "s0", resources: "mem:50" },
  ];
}

/** From the ninth shape back to an earlier one. */
function backTo(nth: number): Event[] {
  return [
    { do: "removeProvider", id: "s0", resources: `cpus:${8 - nth}` },
    { do: "addProvider", id: "s0", resources: `mem:${50 * (8 - nth)}` },
  ];
}

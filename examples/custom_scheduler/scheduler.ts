/** The scheduler: the allocator says who is offered what, this fits jobs in and lets time pass. */
import { Allocator, type Offer, Resources, SeededRandom, VirtualClock } from "fairlead";
import { type Row, summarise, type Team } from "./report.ts";

const STEP_MS = 10_000;
const STEPS = 60;
const MACHINES = ["m1", "m2", "m3", "m4", "m5", "m6"];
const MACHINE = "cpus:16;mem:64000";

/** Share the machines among the teams for ten minutes; equal seeds give equal rows. */
export async function simulate(teams: readonly Team[], seed: number): Promise<Row[]> {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const allocator = new Allocator({ seed, clock });
  const waiting = new Map(teams.map(({ role }) => [role, 0]));
  const jobs = new Map(teams.map(({ role, job }) => [role, Resources.parse(job).allocate(role)]));
  let running: (Omit<Offer, "handle"> & { readonly untilMs: number })[] = [];

  for (const id of MACHINES) allocator.addAgent({ id, resources: MACHINE });
  for (const { role, weight, quota, job } of teams) {
    allocator.setWeight(role, weight);
    allocator.setQuota(role, quota);
    allocator.addFramework({ id: role, roles: [role], minAllocatable: { [role]: [job] } });
  }

  /** Start as many waiting jobs as the offer holds; what is left over may go to others. */
  function answer({ handle, resources, ...place }: Offer): void {
    const { role } = place;
    const job = jobs.get(role)!;
    let used = Resources.EMPTY;
    while (waiting.get(role)! > 0 && resources.contains(used.add(job))) {
      used = used.add(job);
      waiting.set(role, waiting.get(role)! - 1);
      const untilMs = clock.nowMs() + STEP_MS * (2 + random.int(10));
      running.push({ ...place, resources: job, untilMs });
    }
    if (used.isEmpty) allocator.decline(handle);
    else allocator.accept(handle, { used, refuseMs: 0 });
  }

  const rows: Row[] = [];
  for (let step = 0; step < STEPS; step++) {
    const isDone = ({ untilMs }: { readonly untilMs: number }) => untilMs <= clock.nowMs();
    for (const done of running.filter(isDone)) allocator.release(done);
    running = running.filter((each) => !isDone(each));
    for (const { role, demand } of teams) {
      waiting.set(role, waiting.get(role)! + Math.floor(random.next() * 2 * demand + 0.5));
      if (waiting.get(role)! > 0) allocator.revive(role);
      else allocator.suppress(role);
    }
    for (let run = allocator.run(); run.size > 0; run = allocator.run()) {
      for (const offer of run) answer(offer);
    }
    rows.push(summarise(allocator, teams, waiting, clock.nowMs()));
    await clock.advance(STEP_MS);
  }
  return rows;
}

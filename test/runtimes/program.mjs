/**
 * What every runtime must print alike: a part of each door, with numbers that would show a
 * difference in arithmetic, in order or in the kernels.
 */
import { FairleadError, SeededRandom, VirtualClock } from "fairlead/base";
import { Resources } from "fairlead/resources";

const random = new SeededRandom(42);
console.log(`random ${[random.u32(), random.u32(), random.next()].join(" ")}`);
console.log(`shuffled ${random.shuffle([1, 2, 3, 4, 5, 6, 7, 8]).join(" ")}`);

const clock = new VirtualClock();
const woken = clock.sleep(90_000).then(() => clock.nowMs());
await clock.advance(120_000);
console.log(`slept until ${(await woken) - clock.nowMs()} ms`);

const agent = Resources.parse("cpus:24;mem:4096;disk:4096;ports:[31000-32000];cpus(eng):0.1");
const task = Resources.parse("cpus:0.3;mem:128;ports:[31002-31003]");
console.log(`rest ${agent.subtract(task)}`);
console.log(`quantities ${JSON.stringify(agent.add(task).quantities())}`);
console.log(`json ${JSON.stringify(agent.toJson())}`);
try {
  task.subtract(agent);
} catch (error) {
  console.log(`refused ${FairleadError.from(error).code}`);
}

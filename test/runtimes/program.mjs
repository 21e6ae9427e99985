/**
 * What every runtime must print alike: a part of each door, with numbers that would show a
 * difference in arithmetic, in order or in the kernels.
 */
import { SeededRandom } from "fairlead/base";

const random = new SeededRandom(42);
console.log(`random ${[random.u32(), random.u32(), random.next()].join(" ")}`);
console.log(`shuffled ${random.shuffle([1, 2, 3, 4, 5, 6, 7, 8]).join(" ")}`);

/** Where the columns stand; the order is that of COLUMN_ORDER in src/topology/kernel/layout.ts. */

const table: usize = memory.data(256, 16);

export let aFrom: usize = 0;
export let aTo: usize = 0;
export let xRow: usize = 0;
export let xHost: usize = 0;
export let xPid: usize = 0;
export let eIp: usize = 0;
export let eIpPort: usize = 0;
export let eOutside: usize = 0;
export let iIp: usize = 0;
export let iNode: usize = 0;
export let pHost: usize = 0;
export let pPid: usize = 0;
export let tables: usize = 0;
export let maps: usize = 0;
export let eHost: usize = 0;
export let ePid: usize = 0;
export let eDegree: usize = 0;
export let uFrom: usize = 0;
export let uTo: usize = 0;
export let owner: usize = 0;
export let slots: usize = 0;
export let start: usize = 0;
export let oTo: usize = 0;
export let oCount: usize = 0;
export let inDegree: usize = 0;
export let sTo: usize = 0;
export let stamp: usize = 0;
export let place: usize = 0;

/** Where the table of column offsets is to be written before `bind`. */
export function offsetTable(): usize {
  return table;
}

/** How many offsets the table has. */
export function columns(): i32 {
  return 28;
}

/** Read the table. */
export function bind(): void {
  aFrom = load<u32>(table);
  aTo = load<u32>(table, 4);
  xRow = load<u32>(table, 8);
  xHost = load<u32>(table, 12);
  xPid = load<u32>(table, 16);
  eIp = load<u32>(table, 20);
  eIpPort = load<u32>(table, 24);
  eOutside = load<u32>(table, 28);
  iIp = load<u32>(table, 32);
  iNode = load<u32>(table, 36);
  pHost = load<u32>(table, 40);
  pPid = load<u32>(table, 44);
  tables = load<u32>(table, 48);
  maps = load<u32>(table, 52);
  eHost = load<u32>(table, 56);
  ePid = load<u32>(table, 60);
  eDegree = load<u32>(table, 64);
  uFrom = load<u32>(table, 68);
  uTo = load<u32>(table, 72);
  owner = load<u32>(table, 76);
  slots = load<u32>(table, 80);
  start = load<u32>(table, 84);
  oTo = load<u32>(table, 88);
  oCount = load<u32>(table, 92);
  inDegree = load<u32>(table, 96);
  sTo = load<u32>(table, 100);
  stamp = load<u32>(table, 104);
  place = load<u32>(table, 108);
}

// @ts-ignore: decorator
@inline
export function at(column: usize, index: u32): u32 {
  return load<u32>(column + ((<usize>index) << 2));
}

// @ts-ignore: decorator
@inline
export function put(column: usize, index: u32, value: u32): void {
  store<u32>(column + ((<usize>index) << 2), value);
}

// @ts-ignore: decorator
@inline
export function zero(column: usize, count: u32): void {
  memory.fill(column, 0, (<usize>count) << 2);
}

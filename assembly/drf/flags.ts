/** Bits of the flag columns; the names and numbers of `src/allocator/kernel/flags.ts`. */

/** `aFlags` */
export const A_PRESENT: u32 = 1;
export const A_ELIGIBLE: u32 = 2;
export const A_LEFTOVER: u32 = 4;
export const A_STALE: u32 = 8;
export const A_IDENTITY_DIRTY: u32 = 16;

/** `nFlags` */
export const N_KIDS_UNSORTED: u32 = 1;
export const N_CLIENTS_UNSORTED: u32 = 2;
export const N_HAS_GUARANTEE: u32 = 4;
export const N_CHAIN_GUARANTEE: u32 = 8;
export const N_SUBTREE_GUARANTEE: u32 = 16;
export const N_CHAIN_LIMIT: u32 = 32;
export const N_HAS_LIMIT: u32 = 64;

/** `cFlags` and `lFlags` */
export const CAN_REVOCABLE: u32 = 1;
export const CAN_SHARED: u32 = 2;
export const CAN_REFINED: u32 = 4;
export const L_INDIVISIBLE: u32 = 8;

/** `oFlags` */
export const O_LIVE: u32 = 1;

/** Bits of the flag columns; `assembly/drf/flags.ts` names the same numbers. */

/** `aFlags` */
export const A_PRESENT = 1;
/** active and whitelisted */
export const A_ELIGIBLE = 2;
/** something was free after its last visit */
export const A_LEFTOVER = 4;
/** its blocked bits have to be made anew */
export const A_STALE = 8;
/** its next run begins a new identity epoch */
export const A_IDENTITY_DIRTY = 16;

/** `nFlags` */
export const N_KIDS_UNSORTED = 1;
export const N_CLIENTS_UNSORTED = 2;
export const N_HAS_GUARANTEE = 4;
/** it or an ancestor has a guarantee */
export const N_CHAIN_GUARANTEE = 8;
/** it or a descendant has a guarantee */
export const N_SUBTREE_GUARANTEE = 16;
/** it or an ancestor has a limit */
export const N_CHAIN_LIMIT = 32;
export const N_HAS_LIMIT = 64;

/** `cFlags`: what the framework can handle; `lFlags`: what a slice asks for (same bits). */
export const CAN_REVOCABLE = 1;
export const CAN_SHARED = 2;
export const CAN_REFINED = 4;
/** `lFlags` only: an unreserved MOUNT disk */
export const L_INDIVISIBLE = 8;

/** `oFlags` */
export const O_LIVE = 1;

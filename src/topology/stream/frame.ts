/**
 * Frames of the compact stream, as `docs/topology_stream.md` has them: types on the wire, shared by
 * the encoder here and by the reader in `src/ui`.
 */
import type { NodeTable } from "../view/summary.ts";

/** One message of the stream. */
export interface StreamFrame {
  readonly v: 1;
  readonly kind: "full" | "more" | "delta" | "beat";
  readonly epoch: string;
  /** Number of the state after this frame. */
  readonly seq: number;
  /** The moment that the state shows, in milliseconds since 1970. */
  readonly at: number;
  /** How many `more` frames follow a `full`. */
  readonly parts?: number;
  readonly nodes?: number;
  readonly slots?: SizedUints;
  readonly removed?: SizedUints;
  readonly names?: StringsPart;
  readonly values?: StringsPart;
  readonly fields?: FieldsPart;
  readonly parents?: ParentsPart;
  readonly tables?: TablesPart;
  readonly columns?: readonly ColumnPart[];
}

/** Whole numbers whose count is known from elsewhere: one for all, or 1, 2 or 4 bytes each. */
export type Uints = number | Uint8Array;

/** Whole numbers with their width in bytes. */
export interface SizedUints {
  readonly w: number;
  readonly b: Uint8Array;
}

/** Numbers: one for all, Float32 each, or a table of Float32 and a byte each. */
export type Floats = number | Uint8Array | { readonly t: Uint8Array; readonly i: Uint8Array };

/** Strings of a dictionary from number `from` on. */
export interface StringsPart {
  readonly from: number;
  readonly text: string;
  readonly lengths: Uint8Array;
  readonly wide?: boolean;
  readonly hex?: Uint8Array;
}

/** Fields from number `from` on. */
export interface FieldsPart {
  readonly from: number;
  readonly list: readonly StreamField[];
}

/** What a field's column holds. */
export type StreamField =
  | {
      readonly kind: "metadata";
      readonly id: string;
      readonly label: string;
      readonly priority?: number;
      readonly dataType?: string;
      readonly truncate?: number;
    }
  | {
      readonly kind: "metric";
      readonly id: string;
      readonly label: string;
      readonly format?: string;
      readonly group?: string;
      readonly priority?: number;
      readonly url: string;
    };

/** Lists of parents from number `from` on: three names a parent. */
export interface ParentsPart {
  readonly from: number;
  readonly counts: SizedUints;
  readonly items: SizedUints;
}

/** Lists of tables from number `from` on. */
export interface TablesPart {
  readonly from: number;
  readonly list: readonly (readonly NodeTable[])[];
}

/** Values of a column at some slots. */
export interface ColumnPart {
  readonly c: number;
  readonly n: number;
  /** Absent: all slots of the frame. */
  readonly at?: SizedUints;
  readonly v: Uints | Floats;
  /** Adjacency: the other ends. */
  readonly to?: SizedUints;
  /** Metadata: the whole numbers themselves. */
  readonly num?: boolean;
  readonly min?: Floats;
  readonly max?: Floats;
}

/** Numbers of the columns; those of fields follow from {@linkcode FIELD_COLUMN} on. */
export const COLUMN = {
  id: 0,
  label: 1,
  labelMinor: 2,
  rank: 3,
  shape: 4,
  tag: 5,
  flags: 6,
  parents: 7,
  tables: 8,
  adjacency: 9,
} as const;

/** Column of field 0. */
export const FIELD_COLUMN = 16;

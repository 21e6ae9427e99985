import type { MetadataRow, MetricRow } from "../view/summary.ts";
import { FIELD_COLUMN, type FieldsPart, type StreamField } from "./frame.ts";
import { FloatColumn } from "./slots.ts";

/** A metadata field: the cells by slot, as they were told. */
export class MetadataField {
  readonly column: number;
  readonly cells: (string | undefined)[] = [];
  readonly row: MetadataRow;

  constructor(number: number, row: MetadataRow) {
    this.column = FIELD_COLUMN + number;
    this.row = row;
  }

  get description(): StreamField {
    const { id, label, priority, dataType, truncate } = this.row;
    return {
      kind: "metadata",
      id,
      label,
      ...(priority === undefined ? {} : { priority }),
      ...(dataType === undefined ? {} : { dataType }),
      ...(truncate === undefined ? {} : { truncate }),
    };
  }
}

/** A metric: value and bounds by slot; NaN where there is none. */
export class MetricField {
  readonly column: number;
  readonly value = new FloatColumn();
  readonly min = new FloatColumn();
  readonly max = new FloatColumn();
  readonly row: MetricRow;

  constructor(number: number, row: MetricRow) {
    this.column = FIELD_COLUMN + number;
    this.row = row;
  }

  get description(): StreamField {
    const { id, label, format, group, priority, url } = this.row;
    return {
      kind: "metric",
      id,
      label,
      ...(format === undefined ? {} : { format }),
      ...(group === undefined ? {} : { group }),
      ...(priority === undefined ? {} : { priority }),
      url,
    };
  }
}

/** The fields that nodes have had, in the order in which they came. */
export class Fields {
  readonly #all: (MetadataField | MetricField)[] = [];
  readonly #metadata = new Map<string, MetadataField[]>();
  readonly #metrics = new Map<string, MetricField[]>();

  get size(): number {
    return this.#all.length;
  }

  get all(): readonly (MetadataField | MetricField)[] {
    return this.#all;
  }

  metadata(row: MetadataRow): MetadataField {
    const variants = variantsOf(this.#metadata, row.id);
    const known = variants.find((field) => isSameMetadata(field.row, row));
    if (known !== undefined) return known;
    const field = new MetadataField(this.#all.length, row);
    this.#all.push(field);
    variants.push(field);
    return field;
  }

  metric(row: MetricRow): MetricField {
    const variants = variantsOf(this.#metrics, row.id);
    const known = variants.find((field) => isSameMetric(field.row, row));
    if (known !== undefined) return known;
    const field = new MetricField(this.#all.length, row);
    this.#all.push(field);
    variants.push(field);
    return field;
  }

  part(from: number): FieldsPart | undefined {
    if (this.size <= from) return undefined;
    return { from, list: this.#all.slice(from).map((field) => field.description) };
  }
}

function variantsOf<Field>(fields: Map<string, Field[]>, id: string): Field[] {
  const known = fields.get(id);
  if (known !== undefined) return known;
  const variants: Field[] = [];
  fields.set(id, variants);
  return variants;
}

function isSameMetadata(a: MetadataRow, b: MetadataRow): boolean {
  if (a.label !== b.label || a.priority !== b.priority) return false;
  return a.dataType === b.dataType && a.truncate === b.truncate;
}

function isSameMetric(a: MetricRow, b: MetricRow): boolean {
  if (a.label !== b.label || a.priority !== b.priority || a.url !== b.url) return false;
  return a.format === b.format && a.group === b.group;
}

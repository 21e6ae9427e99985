import { finite, readMap } from "./read_node.ts";
import type {
  Control,
  MetadataTemplate,
  MetricTemplate,
  PluginSpec,
  TableColumn,
  TableTemplate,
} from "./report.ts";
import type { Source } from "./source.ts";

/** The fields of a flat map by name; others are taken and forgotten. */
type Fields<T> = { readonly [K in keyof T]: () => T[K] };

/** Read a map whose fields are all plain. */
function readFields<T extends object>(source: Source, fields: Fields<T>): Partial<T> {
  const read: Partial<T> = {};
  source.entries((field) => {
    if (!isFieldOf(field, fields)) return source.skip();
    read[field] = fields[field]();
  });
  return read;
}

function isFieldOf<T extends object>(field: string, fields: Fields<T>): field is keyof T & string {
  return Object.hasOwn(fields, field);
}

/** Leave out what says nothing: "" and 0, as Go does. */
function present<T extends object>(fields: T): T {
  const kept = { ...fields };
  for (const [key, value] of Object.entries(fields)) {
    if (value === "" || value === 0) Reflect.deleteProperty(kept, key);
  }
  return kept;
}

/** Read what a person may do. */
export function readControl(source: Source): Control {
  const text = () => source.text();
  const {
    id = "",
    human = "",
    icon = "",
    rank = 0,
    ...rest
  } = readFields(source, {
    id: text,
    human: text,
    icon: text,
    rank: () => finite(source.number()),
    confirmation: text,
    probeId: text,
  });
  return { id, human, icon, rank, ...present(rest) };
}

/** Read how a row of metadata is shown. */
export function readMetadataTemplate(source: Source): MetadataTemplate {
  const text = () => source.text();
  const number = () => finite(source.number());
  const { id = "", ...rest } = readFields(source, {
    id: text,
    label: text,
    truncate: number,
    dataType: text,
    priority: number,
    from: text,
  });
  return { id, ...present(rest) };
}

/** Read how a metric is shown. */
export function readMetricTemplate(source: Source): MetricTemplate {
  const text = () => source.text();
  const { id = "", ...rest } = readFields(source, {
    id: text,
    label: text,
    format: text,
    group: text,
    priority: () => finite(source.number()),
  });
  return { id, ...present(rest) };
}

/** Read how a table is made. */
export function readTableTemplate(source: Source): TableTemplate {
  const text = () => source.text();
  const table = readFields(source, {
    id: text,
    label: text,
    prefix: text,
    type: text,
    columns: () => readColumns(source),
    fixedRows: () => readMap(source, text) ?? new Map<string, string>(),
  });
  return {
    id: "",
    label: "",
    prefix: "",
    type: "",
    columns: [],
    fixedRows: new Map(),
    ...table,
  };
}

function readColumns(source: Source): readonly TableColumn[] {
  const text = () => source.text();
  const columns: TableColumn[] = [];
  source.items(() => {
    const fields = { id: text, label: text, dataType: text };
    const { id = "", label = "", ...rest } = readFields(source, fields);
    columns.push({ id, label, ...present(rest) });
  });
  return columns;
}

/** Read what a plugin says of itself. */
export function readPlugin(source: Source): PluginSpec {
  const text = () => source.text();
  const fields = readFields(source, {
    id: text,
    label: text,
    description: text,
    interfaces: () => readList(source, text),
    api_version: text,
    status: text,
  });
  const { id = "", label = "", interfaces = [], api_version: apiVersion = "", ...rest } = fields;
  return { id, label, interfaces, ...present({ ...rest, apiVersion }) };
}

function readList<T>(source: Source, item: () => T): readonly T[] {
  const items: T[] = [];
  source.items(() => items.push(item()));
  return items;
}

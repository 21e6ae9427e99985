import type { Control, MetadataTemplate, MetricTemplate, TableTemplate } from "./report.ts";
import type { Sink } from "./sink.ts";
import { type Field, textField, writeFields, writeMap } from "./write_fields.ts";

/** Write what a person may do. */
export function writeControl(sink: Sink, control: Control): void {
  writeFields(sink, [
    ["id", () => sink.text(control.id)],
    ["human", () => sink.text(control.human)],
    ["icon", () => sink.text(control.icon)],
    textField(sink, "confirmation", control.confirmation),
    ["rank", () => sink.integer(control.rank)],
    textField(sink, "probeId", control.probeId),
  ]);
}

/** Write how a row of metadata is shown. */
export function writeMetadataTemplate(sink: Sink, template: MetadataTemplate): void {
  const { truncate = 0 } = template;
  writeFields(sink, [
    ["id", () => sink.text(template.id)],
    textField(sink, "label", template.label),
    truncate === 0 ? undefined : ["truncate", () => sink.integer(truncate)],
    textField(sink, "dataType", template.dataType),
    priorityField(sink, template.priority),
    textField(sink, "from", template.from),
  ]);
}

/** Write how a metric is shown. */
export function writeMetricTemplate(sink: Sink, template: MetricTemplate): void {
  writeFields(sink, [
    ["id", () => sink.text(template.id)],
    textField(sink, "label", template.label),
    textField(sink, "format", template.format),
    textField(sink, "group", template.group),
    priorityField(sink, template.priority),
  ]);
}

function priorityField(sink: Sink, priority = 0): Field {
  return priority === 0 ? undefined : ["priority", () => sink.float(priority)];
}

/** Write how a table is made. */
export function writeTableTemplate(sink: Sink, template: TableTemplate): void {
  const { columns, fixedRows } = template;
  writeFields(sink, [
    ["id", () => sink.text(template.id)],
    ["label", () => sink.text(template.label)],
    ["prefix", () => sink.text(template.prefix)],
    ["type", () => sink.text(template.type)],
    ["columns", () => writeColumns(sink, columns)],
    ["fixedRows", () => writeFixedRows(sink, fixedRows)],
  ]);
}

function writeColumns(sink: Sink, columns: TableTemplate["columns"]): void {
  if (columns.length === 0) {
    sink.nil();
    return;
  }
  sink.list(columns.length);
  for (const { id, label, dataType = "" } of columns) {
    writeFields(sink, [
      ["id", () => sink.text(id)],
      ["label", () => sink.text(label)],
      ["dataType", () => sink.text(dataType)],
    ]);
  }
}

function writeFixedRows(sink: Sink, fixedRows: TableTemplate["fixedRows"]): void {
  if (fixedRows.size === 0) sink.nil();
  else writeMap(sink, fixedRows, (label) => sink.text(label));
}

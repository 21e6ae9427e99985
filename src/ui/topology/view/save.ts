/** Files for the reader's disk. */

/** Save something as a file. */
export function saveFile(page: Document, name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = page.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** JSON as a file's content. */
export function jsonBlob(text: string): Blob {
  return new Blob([text], { type: "application/json" });
}

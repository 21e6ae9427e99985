/**
 * xterm.js under a strict content policy. It makes `<style>` elements, and `style` attributes for
 * colours beyond its palette; `style-src 'self'` forbids both. Constructed style sheets are
 * allowed, and so are the classes of the palette.
 */

/** Do something during which the document's `<style>` elements become sheets that a root adopts. */
export function adoptingStyles(page: Document, root: ShadowRoot, act: () => void): void {
  const make = Document.prototype.createElement.bind(page);
  const createElement = (name: string, options?: ElementCreationOptions): HTMLElement =>
    name === "style" ? sheetHolder(make("span"), root) : make(name, options);
  Object.defineProperty(page, "createElement", { configurable: true, value: createElement });
  try {
    act();
  } finally {
    Reflect.deleteProperty(page, "createElement");
  }
}

/** An element whose text is a style sheet of the root. */
function sheetHolder(holder: HTMLElement, root: ShadowRoot): HTMLElement {
  const sheet = new CSSStyleSheet();
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  holder.hidden = true;
  let held = "";
  Object.defineProperty(holder, "textContent", {
    get: () => held,
    set(text: string) {
      held = text;
      sheet.replaceSync(text);
    },
  });
  holder.remove = () => {
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((each) => each !== sheet);
    holder.parentNode?.removeChild(holder);
  };
  return holder;
}

const ESCAPE = "\u001b";
/** A colour of 24 bits within a sequence that sets colours. */
const TRUE_COLOUR = /([34]8)[;:]2[;:]{1,2}(\d{1,3})[;:](\d{1,3})[;:](\d{1,3})/g;
/** A sequence cut off at the end of a piece is held back, up to this length. */
const TAIL_MAX = 64;

/** Turns colours of 24 bits into the nearest of the palette's 256, piece by piece. */
export class PaletteFilter {
  #tail = "";

  /** Bytes as they came → the same with colours of the palette. */
  filter(bytes: Uint8Array): Uint8Array {
    let text = this.#tail;
    for (const byte of bytes) text += String.fromCharCode(byte);
    const at = text.lastIndexOf(ESCAPE);
    const tail = at < 0 ? "" : text.slice(at);
    const isCut = tail !== "" && tail.length < TAIL_MAX && /^.(\[[\d;:]*)?$/s.test(tail);
    this.#tail = isCut ? tail : "";
    if (isCut) text = text.slice(0, at);
    const mapped = text.includes("8") ? this.#map(text) : text;
    return Uint8Array.from(mapped, (character) => character.charCodeAt(0));
  }

  #map(text: string): string {
    return text
      .split(ESCAPE)
      .map((part, at) => (at === 0 ? part : part.replace(/^\[[\d;:]*m/, paletted)))
      .join(ESCAPE);
  }
}

function paletted(sequence: string): string {
  return sequence.replaceAll(TRUE_COLOUR, (_, layer, red, green, blue) => {
    return `${layer};5;${nearest(Number(red), Number(green), Number(blue))}`;
  });
}

/** The palette's cube has six steps a colour: 0, 95, 135 … 255. */
function nearest(red: number, green: number, blue: number): number {
  const step = (value: number) => (value < 48 ? 0 : Math.min(5, Math.round((value - 55) / 40)));
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}

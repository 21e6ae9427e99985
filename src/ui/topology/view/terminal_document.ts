/**
 * A document for xterm.js under a strict content policy. The terminal makes `<style>` elements and
 * `style` attributes, which `style-src 'self'` forbids; constructed style sheets and the object
 * model of styles are allowed, and say the same.
 */

/** The page's document, but what it makes follows the policy; sheets are adopted by a root. */
export function policyDocument(page: Document, root: ShadowRoot): Document {
  const createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    if (name === "style") return sheetHolder(page, root);
    const element = page.createElement(name, options);
    if (name === "span") styleByModel(element);
    return element;
  };
  return new Proxy(page, {
    get(target, name) {
      if (name === "createElement") return createElement;
      const value: unknown = Reflect.get(target, name);
      // Methods of a document work on the document only.
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** An element whose text is a style sheet of the root. */
function sheetHolder(page: Document, root: ShadowRoot): HTMLElement {
  const holder = page.createElement("span");
  holder.hidden = true;
  const sheet = new CSSStyleSheet();
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
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

function styleByModel(element: HTMLElement): void {
  const set = element.setAttribute.bind(element);
  element.setAttribute = (name, value) => {
    if (name === "style") element.style.cssText = value;
    else set(name, value);
  };
}

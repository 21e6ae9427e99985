import { type ElementPart, noChange } from "lit";
import { Directive, directive, type PartInfo, PartType } from "lit/directive.js";

type Values = Readonly<Record<string, string | number>>;

/** Sets properties of an element's style one by one, as a strict content policy allows. */
class VarsDirective extends Directive {
  #last: Values = {};

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new TypeError("vars() stands in an element's tag");
  }

  render(_values: Values): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [values]: [Values]): unknown {
    if (!("style" in element)) return noChange;
    const { style } = element as HTMLElement | SVGElement;
    for (const [name, value] of Object.entries(values)) {
      if (this.#last[name] !== value) style.setProperty(name, String(value));
    }
    this.#last = values;
    return noChange;
  }
}

/**
 * Style properties of an element, set through the object model: `<i ${vars({ "--part": 0.4 })}>`.
 * The names must be the same at every rendering.
 */
export const vars = directive(VarsDirective);

/** The three programs of the WebGL back end: boxes, lines, nodes; each draws a quad an instance. */

/** From the picture to the window; `unit` is a corner of the quad, from -1 to 1. */
const COMMON = `#version 300 es
precision highp float;
uniform vec4 camera;   // x and y of the middle, pixels a unit of the canvas, unused
uniform vec2 size;     // of the canvas, in pixels
vec4 place(vec2 at, vec2 pixels) {
  vec2 px = (at - camera.xy) * camera.z + pixels;
  return vec4(px * 2.0 / size * vec2(1.0, -1.0), 0.0, 1.0);
}
`;

const FRAGMENT = `#version 300 es
precision highp float;
out vec4 drawn;
`;

/** A vertex and a fragment shader. */
export interface Shaders {
  readonly vertex: string;
  readonly fragment: string;
}

/** Boxes with round corners and a thin outline. */
export const BOXES: Shaders = {
  vertex: `${COMMON}
layout(location = 0) in vec2 unit;
layout(location = 1) in vec4 box;
uniform float border;
out vec2 at;
flat out vec2 half_size;
flat out float round_by;
void main() {
  half_size = box.zw * 0.5 * camera.z;
  round_by = min(10.0 * camera.z, min(half_size.x, half_size.y));
  at = unit * (half_size + border + 1.0);
  gl_Position = place(box.xy + box.zw * 0.5, at);
}`,
  fragment: `${FRAGMENT}
in vec2 at;
flat in vec2 half_size;
flat in float round_by;
uniform float border;
uniform vec3 inside;
uniform vec3 edge;
void main() {
  vec2 corner = abs(at) - half_size + round_by;
  float far = length(max(corner, 0.0)) + min(max(corner.x, corner.y), 0.0) - round_by;
  float cover = clamp(0.5 * border + 0.5 - far, 0.0, 1.0);
  float line = clamp(far + 0.5 * border + 0.5, 0.0, 1.0);
  drawn = vec4(mix(inside, edge, line), 1.0) * cover;
}`,
};

/** Lines, and arrow heads: lines whose other end has no width. */
export const LINES: Shaders = {
  vertex: `${COMMON}
layout(location = 0) in vec2 unit;
layout(location = 1) in vec4 ends;
layout(location = 2) in vec2 widths;
layout(location = 3) in vec4 colour;
uniform float ratio;
out float across;
out float reach;
flat out vec4 tint;
void main() {
  vec2 along = (ends.zw - ends.xy) * camera.z;
  vec2 way = along / max(length(along), 0.001);
  float part = unit.x * 0.5 + 0.5;
  reach = mix(widths.x, widths.y, part) * 0.5 * ratio;
  across = unit.y * (reach + 1.0);
  tint = colour;
  gl_Position = place(mix(ends.xy, ends.zw, part), vec2(-way.y, way.x) * across);
}`,
  fragment: `${FRAGMENT}
in float across;
in float reach;
flat in vec4 tint;
void main() {
  float cover = clamp(reach + 0.5 - abs(across), 0.0, 1.0) * min(1.0, 2.0 * reach);
  drawn = vec4(tint.rgb, 1.0) * tint.a * cover;
}`,
};

/** Nodes: a mask gives outline and body, the instance colours, fill and opacity. */
export const NODES: Shaders = {
  vertex: `${COMMON}
layout(location = 0) in vec2 unit;
layout(location = 1) in vec2 centre;
layout(location = 2) in vec2 look;   // radius, fill
layout(location = 3) in vec4 colour; // with opacity
layout(location = 4) in float slot;
uniform float extent;
uniform float columns;
out vec2 texture_at;
out float height;
flat out float fill;
flat out vec4 tint;
void main() {
  vec2 cell = vec2(mod(slot, columns), floor(slot / columns));
  texture_at = (cell + unit * 0.5 + 0.5) / columns;
  height = unit.y * extent;
  fill = look.y;
  tint = colour;
  gl_Position = place(centre, unit * look.x * extent * camera.z);
}`,
  fragment: `${FRAGMENT}
in vec2 texture_at;
in float height;
flat in float fill;
flat in vec4 tint;
uniform sampler2D masks;
uniform vec3 surface;
uniform vec3 text;
uniform float edge;
void main() {
  vec4 mask = texture(masks, texture_at);
  vec3 body = height >= 1.0 - 2.0 * fill ? tint.rgb : mix(surface, tint.rgb, 0.16);
  vec3 line = mix(tint.rgb, text, edge);
  drawn = vec4(mask.r * line + mask.g * body, mask.a) * tint.a;
}`,
};

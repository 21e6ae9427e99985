/** Little helpers over WebGL 2: programs, and quads drawn many times. */
import { FairleadError } from "../../base/mod.ts";
import type { Rgb } from "../topology/colours.ts";
import type { Shaders } from "./shaders.ts";

/** Columns of an instance: how many numbers each has, and of which kind. */
export interface InstanceColumn {
  readonly size: 1 | 2 | 4;
  /** Bytes are read as parts of 255. */
  readonly kind: "float" | "byte";
}

/** A program that draws a quad for every instance, from columns given anew for each drawing. */
export class Quads {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #array: WebGLVertexArrayObject;
  readonly #buffers: readonly WebGLBuffer[];
  readonly #uniforms = new Map<string, WebGLUniformLocation | null>();

  constructor(gl: WebGL2RenderingContext, shaders: Shaders, columns: readonly InstanceColumn[]) {
    this.#gl = gl;
    this.#program = programOf(gl, shaders);
    this.#array = gl.createVertexArray();
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, Float32Array.of(-1, -1, 1, -1, -1, 1, 1, 1), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    this.#buffers = columns.map(({ size, kind }, at) => {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(at + 1);
      const isByte = kind === "byte";
      gl.vertexAttribPointer(at + 1, size, isByte ? gl.UNSIGNED_BYTE : gl.FLOAT, isByte, 0, 0);
      gl.vertexAttribDivisor(at + 1, 1);
      return buffer;
    });
  }

  /** Use this program, so that numbers can be set. */
  use(): this {
    this.#gl.useProgram(this.#program);
    return this;
  }

  /** Set a uniform of one to four numbers. */
  set(name: string, ...values: readonly number[]): this {
    let at = this.#uniforms.get(name);
    if (at === undefined) {
      at = this.#gl.getUniformLocation(this.#program, name);
      this.#uniforms.set(name, at);
    }
    const [a = 0, b = 0, c = 0, d = 0] = values;
    if (values.length === 1) this.#gl.uniform1f(at, a);
    else if (values.length === 2) this.#gl.uniform2f(at, a, b);
    else if (values.length === 3) this.#gl.uniform3f(at, a, b, c);
    else this.#gl.uniform4f(at, a, b, c, d);
    return this;
  }

  /** Set a uniform to a colour. */
  colour(name: string, colour: Rgb): this {
    return this.set(name, (colour >> 16) / 255, ((colour >> 8) & 255) / 255, (colour & 255) / 255);
  }

  /** Draw so many instances. */
  draw(count: number, columns: readonly (Float32Array | Uint8Array)[]): void {
    if (count === 0) return;
    const gl = this.#gl;
    gl.bindVertexArray(this.#array);
    for (const [at, column] of columns.entries()) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers[at] ?? null);
      gl.bufferData(gl.ARRAY_BUFFER, column, gl.STREAM_DRAW);
    }
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  }
}

/** Write a colour and an opacity, from 0 to 1, as four bytes. */
export function putColour(into: Uint8Array, at: number, colour: Rgb, alpha: number): void {
  into[at * 4] = colour >> 16;
  into[at * 4 + 1] = (colour >> 8) & 255;
  into[at * 4 + 2] = colour & 255;
  into[at * 4 + 3] = Math.round(alpha * 255);
}

function programOf(gl: WebGL2RenderingContext, { vertex, fragment }: Shaders): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) throw lost("the context is lost");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) {
    throw lost(gl.getProgramInfoLog(program) ?? "the program does not link");
  }
  return program;
}

function lost(state: string): FairleadError {
  return new FairleadError("webgl_unavailable", `Cannot draw with WebGL 2: ${state}`);
}

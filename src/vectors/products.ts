import { KernelMemory, toRegisters } from "./memory.js";

let memory: KernelMemory | undefined;

/** Inner products of all pairs of vectors of one length: for each of `a`, in order, those with all of `b`. */
export function allProducts(a: readonly Float32Array[], b: readonly Float32Array[]): Float32Array {
  memory ??= new KernelMemory();
  const bytes = toRegisters(4 * Math.max(0, ...[a[0], b[0]].map((vector) => vector?.length ?? 0)));
  const out = bytes * (a.length + b.length);
  memory.reserve(out + 4 * a.length * b.length);
  memory.bytes.fill(0, 0, out);
  for (const [i, vector] of [...a, ...b].entries()) memory.floats(i * bytes, vector.length).set(vector);
  memory.kernel.allProducts(0, a.length, bytes * a.length, b.length, bytes, out);
  return memory.floats(out, a.length * b.length).slice();
}

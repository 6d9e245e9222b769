import workerUrl from "../../worker/main.ts?worker&url";

/*
 * A frame whose sandbox leaves it no origin may not start a worker by its address, nor a module from a
 * blob. A classic worker from a blob may import the module, where the server lets everybody read it.
 */

/** What comes before the module is there is kept for it. */
function trampoline(url: string): string {
  return `const early = [];
const keep = (event) => early.push(event);
addEventListener("message", keep);
import(${JSON.stringify(url)}).then(() => {
  removeEventListener("message", keep);
  for (const { data, ports } of early) dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
}, (error) => setTimeout(() => { throw error; }));`;
}

export function spawnOpaque(name: string): Worker {
  const { href } = new URL(workerUrl, import.meta.url);
  const blob = new Blob([trampoline(href)], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  const worker = new Worker(url, { name });
  // Its script is read when it runs; that it runs is known by its first word.
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

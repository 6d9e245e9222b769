import type { InputLog, WorkerApi } from "../../worker/protocol.ts";
import type { App } from "../state/app.svelte.ts";
import type { Machine } from "../state/machine.svelte.ts";
import { text } from "../text/page.ts";

/** Hand the browser a file to keep. */
export function saveFile(name: string, parts: BlobPart[], type: string): void {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A pcapng file of every namespace that saw a packet; of one, or of a device, when it is named. */
export async function saveCaptures(
  machine: Machine,
  place?: { ns: number; ifindex?: number },
): Promise<void> {
  const files = (await machine.ask((api) => api.captures(place))) ?? [];
  if (!files.length) machine.notice = text.noCaptures;
  for (const { name, data } of files) {
    const type = name.endsWith(".log") ? "text/plain" : "application/x-pcapng";
    saveFile(name, [data as Uint8Array<ArrayBuffer>], type);
    // A browser that gets many at once asks, or takes only the first.
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** The log is asked for past `ask`: after a crash it is what matters. */
export async function inputLog(machine: Machine): Promise<InputLog | null> {
  const silence = new Promise<null>((resolve) => setTimeout(() => resolve(null), 2000));
  try {
    return await Promise.race([(machine.engine.api as unknown as WorkerApi).inputLog(), silence]);
  } catch {
    return null;
  }
}

export async function saveLog(machine: Machine): Promise<boolean> {
  const log = await inputLog(machine);
  if (!log) {
    machine.notice = text.failure.noLog;
    return false;
  }
  saveFile(`hopscope-${log.world}.json`, [`${JSON.stringify(log, null, 1)}\n`], "application/json");
  return true;
}

/** Do again what a file says. What is in it is looked at by the worker, and nowhere before. */
export async function openLog(app: App, file: File): Promise<void> {
  try {
    const log = JSON.parse(await file.text()) as InputLog;
    if (typeof log?.world !== "string") throw new SyntaxError();
    await app.open({ world: log.world, log });
  } catch {
    app.machine.notice = text.failure.badFile;
  }
}

/** Let a person choose a file of JSON. */
export function chooseFile(then: (file: File) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".json,application/json";
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) then(file);
  });
  input.click();
}

export function chooseLog(app: App): void {
  chooseFile((file) => void openLog(app, file));
}

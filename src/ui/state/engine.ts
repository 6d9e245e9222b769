import { type Remote, wrap } from "comlink";
import type { Opened, OpenOptions, WorkerApi, WorkerName } from "../../worker/protocol.ts";
import { language } from "../text/language.ts";

export const DEFAULT_WORLD = "ambient-2022";

/** A worker and how to speak to it. The page's first is made before the rest of the page is loaded. */
export class Engine {
  /** How a worker is started: a frame without an origin has another way. */
  static spawn = (name: string): Worker =>
    // The bundler looks for exactly this form.
    new Worker(new URL("../../worker/main.ts", import.meta.url), { type: "module", name });

  worker: Worker;
  api: Remote<WorkerApi>;
  /** What it died of, when it died before anybody listened. */
  death: string | null = null;
  onDeath: (details: string) => void = (details) => {
    this.death = details;
  };

  /** `options`: what to open at once; null: nothing yet. */
  constructor(options: OpenOptions | null) {
    // What is to be opened first is the worker's name: a message would wait until this thread, busy
    // loading the page, has heard that the worker is up.
    const first = options && { ...options, otherwise: DEFAULT_WORLD };
    const name: WorkerName = { lang: language, first };
    this.worker = Engine.spawn(JSON.stringify(name));
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.onDeath(event.message);
    });
    this.api = wrap<WorkerApi>(this.worker);
  }

  async first(): Promise<Opened> {
    const opened = await this.api.first();
    if (!opened) throw new Error("the worker opened nothing");
    return opened;
  }

  open(options: OpenOptions): Promise<Opened> {
    return this.api.open({ ...options, otherwise: DEFAULT_WORLD });
  }

  /** Ends the worker: nothing of it can be asked any more. */
  end(): void {
    this.worker.terminate();
  }
}

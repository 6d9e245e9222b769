import worlds from "virtual:worlds";
import { expose } from "comlink";
import type { OpenOptions, Topology, Update, WorkerApi } from "./protocol.ts";
import { WorldSession } from "./session.ts";

/** How long a turn may take, ms: messages must get through in between. */
const TURN = 8;
const CHUNK = 200;
/** Between turns when there is nothing to hurry for, ms. */
const PAUSE = 16;

let session: WorldSession | null = null;
let tell: ((update: Update) => void) | null = null;
let rate = 1;
let wall = performance.now();
/** Virtual time that the wall clock allows, ns. */
let allowed = 0;

function current(): WorldSession {
  if (!session) throw new Error("no world is open");
  return session;
}

/** One turn: as much as the wall clock allows and the turn's time permits, then the news. */
function turn(): void {
  const now = performance.now();
  const elapsed = now - wall;
  wall = now;
  let busy = false;
  if (session && session.crash === null) {
    try {
      const { sim } = session.world;
      // After a pause of the page (a hidden tab) time goes on from where it was.
      allowed = Math.max(sim.now, allowed) + Math.min(elapsed, 250) * 1e6 * rate;
      busy = rate > 0;
      while (busy && performance.now() - now < TURN) busy = !session.run(allowed, CHUNK);
      if (busy) allowed = Math.min(allowed, sim.now + 1e9);
    } catch (error) {
      session.crash =
        error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
    }
    const update = session.update();
    const quiet =
      !update.terminals.length &&
      !update.moves.length &&
      !update.journeys &&
      !update.topology &&
      !update.edits.length &&
      update.crash === null;
    if (!quiet) tell?.(update);
  }
  soon(busy);
}

const channel = new MessageChannel();
channel.port1.onmessage = () => {
  queued = false;
  turn();
};
/** A message is on its way that will bring the next turn; and the timer that would. */
let queued = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** One next turn, at once or after a pause; asking twice does not give two. */
function soon(atOnce: boolean): void {
  if (queued) return;
  clearTimeout(timer);
  if (!atOnce) {
    timer = setTimeout(turn, PAUSE);
    return;
  }
  queued = true;
  channel.port2.postMessage(0);
}

/** An input is acted on at once, not at the next turn. */
function promptly<T>(act: () => T): T {
  const result = act();
  soon(true);
  return result;
}

const api: WorkerApi = {
  worlds: async () => worlds.map(({ name, title, summary }) => ({ name, title, summary })),
  async open(options: OpenOptions): Promise<Topology> {
    const found = worlds.find((world) => world.name === options.world);
    if (!found) throw new Error(`There is no world called "${options.world}".`);
    const made = new WorldSession(await found.load(), options.seed ?? options.log?.seed);
    if (options.log) made.replay(options.log, options.dropLast);
    session = made;
    allowed = made.world.sim.now;
    wall = performance.now();
    return made.topology();
  },
  async listen(update) {
    tell = update;
    turn();
  },
  topology: async () => current().topology(),
  async setRate(value) {
    rate = value;
    allowed = current().world.sim.now;
  },
  openTerminal: async (machine, rows, columns) =>
    promptly(() => current().openTerminal(machine, rows, columns)),
  closeTerminal: async (id) => void current().input({ kind: "close", terminal: id }),
  type: async (id, text) =>
    void promptly(() => current().input({ kind: "type", terminal: id, text })),
  resize: async (id, rows, columns) =>
    void current().input({ kind: "resize", terminal: id, rows, columns }),
  journeys: async (limit) => current().journeys(limit),
  packets: async (journey) => current().packets(journey),
  story: async (skb) => current().story(skb),
  readFile: async (machine, path) => current().readFile(machine, path),
  writeFile: async (machine, path, text) => current().writeFile(machine, path, text),
  answerEdit: async (id, answer) =>
    void promptly(() => current().input({ kind: "answer", request: id, answer })),
  inputLog: async () => session?.log ?? null,
  captures: async () => current().captures(),
};

expose(api);

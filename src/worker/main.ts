import lessons from "virtual:lessons";
import worlds from "virtual:worlds";
import { expose } from "comlink";
import { fill } from "../base/words.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import { lessonOf, redo } from "./coach.ts";
import { inputLogProblem } from "./input-check.ts";
import { decodeLink, encodeLink } from "./link.ts";
import type { Past } from "./past.ts";
import type {
  InputLog,
  LessonInfo,
  Opened,
  OpenOptions,
  Topology,
  Update,
  Verdict,
  WorkerApi,
  WorkerName,
} from "./protocol.ts";
import { ReplayError } from "./replay.ts";
import { WorldSession } from "./session.ts";
import { undoLast } from "./undo.ts";
import { ENGLISH, type Tongue, tongueOf } from "./words.ts";

/** How long a turn may take, ms: messages must get through in between. */
const TURN = 8;
const CHUNK = 200;
/** Between turns when there is nothing to hurry for, ms. */
const PAUSE = 16;
/** The page is told the time at least this often, ms. */
const HEARTBEAT = 200;
/** A page that has not answered for so long, ms, cannot keep up: the world waits for it. */
const PATIENCE = 40;

/** The world starts after the first prompt, but does not wait longer than this for it, ms. */
const PROMPT_PATIENCE = 400;

let session: WorldSession | null = null;
/** The page's language, and what it opens first, are the worker's name: no message has to arrive for that. */
const named = JSON.parse(self.name || "{}") as WorkerName;
let tongue: Tongue = ENGLISH;
const speaking = tongueOf(named.lang ?? "en").then((found) => {
  tongue = found;
});
/** Lessons that their author has saved since the page was built. */
const revised = new Map<string, LessonSpec>();
/** Makes moments of the past again, in a worker that is for that. */
let past: Past | null = null;
let tell: ((update: Update) => Promise<void>) | null = null;
/** When the news was sent that the page has not answered yet; 0: it has. */
let waitingSince = 0;
let toldAt = 0;
let rate = 1;
let wall = performance.now();
/** Virtual time that the wall clock allows, ns. */
let allowed = 0;

function current(): WorldSession {
  if (!session) throw new Error("no world is open");
  return session;
}

function details(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
}

function isQuiet(update: Update): boolean {
  return (
    !update.terminals.length &&
    !update.moves.length &&
    !update.journeys &&
    !update.topology &&
    !update.edits.length &&
    update.crash === null
  );
}

/** Let the world run for as long as the wall clock allows and the turn's time permits. */
function advance(on: WorldSession, now: number, elapsed: number): boolean {
  const { sim } = on.world;
  // After a pause of the page (a hidden tab) time goes on from where it was.
  allowed = Math.max(sim.now, allowed) + Math.min(elapsed, 250) * 1e6 * rate;
  let busy = rate > 0;
  while (busy && performance.now() - now < TURN) busy = !on.run(allowed, CHUNK);
  if (busy) allowed = Math.min(allowed, sim.now + 1e9);
  return busy;
}

/** Send the news, unless the page is still busy with the last. */
function report(on: WorldSession, now: number): void {
  if (!tell || waitingSince) return;
  const update = on.update();
  if (isQuiet(update) && (now - toldAt < HEARTBEAT || rate === 0)) return;
  waitingSince = now;
  toldAt = now;
  if (update.terminals.length) sayPrompted();
  const done = (): void => {
    if (session !== on) return;
    waitingSince = 0;
    if (on.crash === null) soon(true);
  };
  tell(update).then(done, done);
}

/** One turn: some work, then the news. */
function turn(): void {
  const now = performance.now();
  const elapsed = now - wall;
  wall = now;
  let busy = false;
  const on = session;
  if (on && tell) {
    const flooded = waitingSince > 0 && now - waitingSince > PATIENCE;
    const first = on.crash === null;
    try {
      if (first && !flooded) busy = advance(on, now, elapsed);
      if (first || !on.crashTold) report(on, now);
    } catch (error) {
      on.crash ??= details(error);
    }
    if (on.crash !== null && !on.crashTold) tellCrash(on);
  }
  soon(busy);
}

/** After a crash nothing of the world is asked any more: what it was is all that is said. */
function tellCrash(on: WorldSession): void {
  on.crashTold = true;
  void tell?.({
    now: on.world.sim.now,
    terminals: [],
    moves: [],
    journeys: false,
    topology: false,
    edits: [],
    lesson: null,
    crash: on.crash,
  });
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

/** An input is acted on at once, not at the next turn; what it throws is the machine's crash. */
function promptly<T>(otherwise: T, act: (on: WorldSession) => T): T {
  const on = current();
  if (on.crash !== null) return otherwise;
  try {
    return act(on);
  } catch (error) {
    on.crash = details(error);
    return otherwise;
  } finally {
    soon(true);
  }
}

/** What is to be done again: without the input of a crash, however bad that one was. */
function logOf({ log, dropLast }: OpenOptions): InputLog | undefined {
  if (!log || !dropLast || !Array.isArray(log.entries)) return log;
  return { ...log, entries: log.entries.slice(0, -1) };
}

/** What a completion code begins with. */
const CODE = "hopscope1.";

/** A session that has done again what the log says; or a fresh one, and why. */
function replayed(
  made: WorldSession,
  log: InputLog | undefined,
  until: number | null,
  spec: LessonSpec | null,
  fresh: () => WorldSession,
): Opened {
  let on = made;
  let refused: string | null = null;
  if (log) {
    const problem = inputLogProblem(log, tongue.words.worker);
    try {
      if (problem !== null) throw new ReplayError(problem);
      redo(made, spec, log, until);
    } catch (error) {
      // A log that fits and still fails is the machine's crash, and is shown as one.
      if (error instanceof ReplayError) {
        refused = fill(tongue.words.worker.refused, { why: error.message });
        on = fresh();
      } else made.crash = details(error);
    }
  }
  session = on;
  return { ...openedOf(on), refused };
}

function topologyOf(on: WorldSession): Topology {
  const topology = on.topology();
  const { world, differs } = topology;
  const said = tongue.world(world.name, { title: world.title, summary: world.summary, differs });
  return {
    ...topology,
    world: { ...world, title: said.title, summary: said.summary },
    differs: said.differs,
  };
}

function openedOf(on: WorldSession): Opened {
  const terminals = [...on.terminals].map(([id, shell]) => ({ id, machine: shell.machine.name }));
  const progress = on.progress();
  const lesson = on.lesson && progress ? { spec: on.lesson.spec, progress, terminals } : null;
  return { topology: topologyOf(on), terminals, refused: null, lesson };
}

/** The programs that the first prompt does not need: asked for when the world is made. */
let programs: Promise<void> | undefined;

function loadPrograms(): Promise<void> {
  programs ??= import("../world/install.ts").then(({ installAll }) => installAll());
  return programs;
}

const languages = (): Promise<typeof import("./languages.ts")> => import("./languages.ts");

/** The open world has started: what is typed before that waits. */
let ready: Promise<void> = Promise.resolve();
/** The page has been sent something that a terminal printed; made anew for each world. */
let prompted: Promise<void> = Promise.resolve();
let sayPrompted: () => void = () => {};

/** A link is a world and an input log; one that cannot be read gives the world that was asked for. */
async function followed(options: OpenOptions): Promise<OpenOptions & { broken?: boolean }> {
  if (options.link === undefined) return options;
  const { link, ...rest } = options;
  const log = (await decodeLink(link)) as InputLog | null;
  return log && inputLogProblem(log) === null
    ? { ...rest, world: log.world, log }
    : { ...rest, broken: true };
}

/** A lesson as it is read: as its author saved it last, in the page's language. */
async function lessonNamed(slug: string): Promise<LessonSpec | null> {
  const found = lessons.find((lesson) => lesson.slug === slug);
  return revised.get(slug) ?? (await (tongue.load(slug) ?? found?.load())) ?? null;
}

async function open(asked: OpenOptions): Promise<Opened> {
  const options = await followed(asked);
  if (options.lesson !== undefined && options.world === "")
    options.world = lessons.find(({ slug }) => slug === options.lesson)?.world ?? "";
  const worldOf = (name?: string) => worlds.find((world) => world.name === name);
  const found = worldOf(options.world) ?? worldOf(options.otherwise);
  if (!found) throw new Error(fill(tongue.words.worker.noWorld, { name: options.world }));
  const spec = await found.load();
  await speaking;
  const log = found.name === options.world ? logOf(options) : undefined;
  if (log) await loadPrograms();
  const fresh = (): WorldSession => new WorldSession(spec, options.seed, false, tongue.words);
  const seeded = inputLogProblem(log) === null ? log?.seed : undefined;
  const made = seeded === undefined ? fresh() : new WorldSession(spec, seeded, false, tongue.words);
  tell = null;
  waitingSince = 0;
  const lesson = log && inputLogProblem(log) === null ? await lessonNamed(lessonOf(log)) : null;
  const opened = replayed(made, log, options.until ?? null, lesson, fresh);
  if (options.broken) opened.refused = tongue.words.worker.brokenLink;
  allowed = current().world.sim.now;
  wall = performance.now();
  const on = current();
  prompted = new Promise((resolve) => {
    sayPrompted = resolve;
  });
  // The shells are there at once; the world's own start follows their first prompt.
  ready = Promise.all([loadPrograms(), prompted]).then(() => {
    if (session === on) promptly(undefined, (live) => live.boot());
  });
  return opened;
}

const first = named.first ? open(named.first) : null;

const api: WorkerApi = {
  first: async () => first,
  async worlds() {
    await speaking;
    return worlds.map(({ name, title, summary }) => ({
      name,
      ...tongue.world(name, { title, summary }),
    }));
  },
  open,
  async listen(update) {
    tell = update;
    waitingSince = 0;
    wall = performance.now();
    setTimeout(sayPrompted, PROMPT_PATIENCE);
    turn();
  },
  topology: async () => topologyOf(current()),
  async setRate(value) {
    rate = value;
    if (session) allowed = session.world.sim.now;
  },
  openTerminal: async (machine, rows, columns) =>
    promptly(0, (on) => on.openTerminal(machine, rows, columns)),
  closeTerminal: async (id) =>
    promptly(undefined, (on) => void on.input({ kind: "close", terminal: id })),
  type: async (id, text) => {
    await ready;
    promptly(undefined, (on) => void on.input({ kind: "type", terminal: id, text }));
  },
  resize: async (id, rows, columns) =>
    promptly(undefined, (on) => void on.input({ kind: "resize", terminal: id, rows, columns })),
  journeys: async (limit, filter) => current().journeys(limit, filter),
  packets: async (journey, filter) => current().packets(journey, filter),
  story: async (skb) => current().story(skb),
  storyText: async (skb) => current().storyText(skb),
  readFile: async (machine, path) => current().readFile(machine, path),
  writeFile: async (machine, path, text) =>
    promptly<string | null>(tongue.words.worker.failed, (on) => on.writeFile(machine, path, text)),
  language: async (id, text) => (await languages()).language(current(), id, text),
  check: async (id, text) => (await languages()).check(current(), id, text),
  complete: async (id, text, at) => (await languages()).complete(current(), id, text, at),
  hover: async (id, text, at) => (await languages()).hover(current(), id, text, at),
  preview: async (id, text) => (await languages()).preview(current(), id, text),
  answerEdit: async (id, answer) =>
    promptly(undefined, (on) => void on.input({ kind: "answer", request: id, answer })),
  inputLog: async () => session?.log ?? null,
  link: async () => encodeLink(current().log),
  whatIf: async (question) => promptly(0, (on) => on.whatIf(question)),
  history: async (after) => current().history(after),
  async tables(ns, topic) {
    const { sectionsOf } = await import("../world/tables.ts");
    return sectionsOf(current().world, ns, topic);
  },
  async deviceNote(ns, ifindex) {
    const { noteOf } = await import("../world/tables.ts");
    return noteOf(current().world, ns, ifindex);
  },
  async seek(at, given) {
    const { Past } = await import("./past.ts");
    await speaking;
    await loadPrograms();
    const log = given ?? past?.replay.log;
    const found = worlds.find(({ name }) => name === log?.world);
    if (!found || !log)
      throw new Error(fill(tongue.words.worker.noWorld, { name: log?.world ?? "" }));
    const spec = await found.load();
    past ??= new Past(({ seed }) => new WorldSession(spec, seed, false, tongue.words), log);
    session = past.seek(log, at);
    allowed = session.world.sim.now;
    return openedOf(session);
  },
  undo: async () => undoLast(current().log),
  lessons: async () => {
    const fresh = [...revised.values()].filter(
      ({ slug }) => !lessons.some((one) => one.slug === slug),
    );
    const about = ({ slug, title, summary, minutes, world }: Omit<LessonInfo, "steps">) => ({
      slug,
      title,
      summary,
      minutes,
      world,
    });
    return [
      ...lessons.map((one) => ({
        ...tongue.lesson(one.slug, about(one)),
        steps: one.steps,
      })),
      ...fresh.map((one) => ({ ...about(one), steps: one.steps.length })),
    ];
  },
  async reviseLesson(spec) {
    revised.set(spec.slug, spec);
    const { reviseLesson } = await import("./lesson.ts");
    return session ? reviseLesson(session, spec) : null;
  },
  async openLesson(slug, step, passed) {
    const spec = await lessonNamed(slug);
    if (!spec) throw new Error(fill(tongue.words.worker.noLesson, { name: slug }));
    const on = current();
    // Steps can be played only where the world has started, prompt or not.
    if (step > 0) {
      await loadPrograms();
      on.boot();
    }
    const { openLesson } = await import("./lesson.ts");
    const progress = openLesson(on, spec, step, passed);
    if (!progress) throw new Error("no lesson is open");
    return { spec, progress, terminals: openedOf(on).terminals };
  },
  async closeLesson() {
    const { closeLesson } = await import("./lesson.ts");
    closeLesson(current());
  },
  async goToStep(step) {
    const { goToStep } = await import("./lesson.ts");
    const progress = goToStep(current(), step);
    if (!progress) throw new Error("no lesson is open");
    return progress;
  },
  async answerTask(task, answer) {
    const { answerTask } = await import("./lesson.ts");
    const progress = answerTask(current(), task, answer);
    if (!progress) throw new Error("no lesson is open");
    return progress;
  },
  async recall(passed) {
    const on = current();
    for (const task of passed) on.lesson?.passed.add(task);
    return on.progress();
  },
  async completionCode() {
    const slug = session?.lesson?.spec.slug;
    return slug ? `${CODE}${slug}.${await encodeLink(current().log)}` : "";
  },
  async verify(code) {
    await speaking;
    const none: Verdict = { slug: "", title: "", done: 0, of: 0, problem: null };
    const [, slug = "", text = ""] = /^hopscope1\.([\w-]+)\.([\w-]+)$/.exec(code.trim()) ?? [];
    const spec = await lessons.find((one) => one.slug === slug)?.load();
    if (!spec) return { ...none, problem: tongue.words.worker.notCode };
    const log = await decodeLink(text);
    const say = tongue.words.worker;
    const why = inputLogProblem(log, say);
    if (why !== null) return { ...none, slug, problem: fill(say.brokenCode, { why }) };
    const { world, seed } = log as InputLog;
    const found = worlds.find(({ name }) => name === world && name === spec.world);
    if (!found) return { ...none, slug, problem: say.otherWorld };
    await loadPrograms();
    const { verify } = await import("./verify.ts");
    session = new WorldSession(await found.load(), seed, false, tongue.words);
    try {
      return verify(session, spec, log as InputLog);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { ...none, slug, title: spec.title, problem: why };
    }
  },
  async figure(figure) {
    const { drawFigure } = await import("./figure.ts");
    return drawFigure(current(), figure);
  },
  async sights(skb) {
    const { sightsOf } = await import("./inspect.ts");
    const { world, reader } = current();
    return sightsOf(world, reader, skb);
  },
  async dissect(n) {
    const { inspect } = await import("./inspect.ts");
    return inspect(current().world, n);
  },
  captures: async (place) => current().captures(place ?? null),
};

expose(api);

import lessons from "virtual:lessons";
import worlds from "virtual:worlds";
import { expose } from "comlink";
import { fill } from "../base/words.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import { Absent } from "../sim/part.ts";
import type { WorldSpec } from "../world/spec.ts";
import { looking, need, needAll, partsOf, partsOfLesson } from "./parts.ts";
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
import { WorldSession } from "./session.ts";
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

/** From the first line that is typed until all parts are fetched that nobody has asked for yet, ms. */
const LEISURE = 4000;

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
  if (playing || fetchAbsent(on)) return false;
  // After a pause of the page (a hidden tab) time goes on from where it was.
  allowed = Math.max(sim.now, allowed) + Math.min(elapsed, 250) * 1e6 * rate;
  let busy = rate > 0;
  while (busy && performance.now() - now < TURN) busy = !on.run(allowed, CHUNK);
  if (busy) allowed = Math.min(allowed, sim.now + 1e9);
  return busy;
}

/** Steps of a lesson are being played: nothing else moves the world. */
let playing = false;
/** Done when the world can go on, and nobody but an input moves it. */
let calmed: Promise<void> = Promise.resolve();

/** Is the world held until a part comes? It is fetched, and the event that needs it goes on then. */
function fetchAbsent(on: WorldSession): boolean {
  const { sim } = on.world;
  const part = sim.absent;
  if (part === null || on.crash !== null) return false;
  if (on.fetching === part) return true;
  on.fetching = part;
  calmed = need([part])
    .then(() => void sim.step())
    .catch((error) => {
      on.fail(error);
    })
    .then(() => {
      on.fetching = null;
      if (session === on) soon(true);
    });
  return true;
}

/** Inputs wait while the world is held, and while steps are played. */
async function calm(): Promise<void> {
  while (playing || (session && fetchAbsent(session))) await calmed;
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
      on.fail(error);
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
    on.fail(error);
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

/**
 * Let the world start. Where that needs a part that its file does not tell, it is made again with all
 * parts: nothing but opening terminals has been done.
 */
async function start(on: WorldSession, spec: WorldSpec): Promise<void> {
  try {
    if (on.crash === null) on.boot();
    soon(true);
  } catch (error) {
    if (!(error instanceof Absent)) {
      on.fail(error);
      return soon(true);
    }
    await needAll();
    const { Replay } = await import("./replay.ts");
    const again = new WorldSession(spec, on.log.seed, false, tongue.dictionary);
    new Replay(again, on.log).to(null);
    // What they have shown already is not shown again.
    for (const [id, { terminal }] of again.terminals)
      if (!on.terminals.get(id)?.terminal.drain().length) terminal.drain();
    if (session === on) session = again;
    soon(true);
  }
}

const reading = (): Promise<typeof import("./reading.ts")> => import("./reading.ts");

async function languages(): Promise<typeof import("./languages.ts")> {
  await needAll();
  return import("./languages.ts");
}

/** The open world has started: what is typed before that waits. */
let ready: Promise<void> = Promise.resolve();
/** The page has been sent something that a terminal printed; made anew for each world. */
let prompted: Promise<void> = Promise.resolve();
let sayPrompted: () => void = () => {};

/** Nothing else moves the world until it is done. */
async function played<T>(doing: Promise<T>): Promise<T> {
  playing = true;
  const done = (): void => {
    playing = false;
    soon(true);
  };
  calmed = doing.then(done, done);
  return doing;
}

/** A link is a world and an input log; one that cannot be read gives the world that was asked for. */
async function followed(options: OpenOptions): Promise<OpenOptions & { broken?: boolean }> {
  if (options.link === undefined) return options;
  const { link, ...rest } = options;
  const { logOfLink } = await import("./saved.ts");
  const log = await logOfLink(link);
  return log ? { ...rest, world: log.world, log } : { ...rest, broken: true };
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
  await speaking;
  if (!found) throw new Error(fill((await tongue.say()).noWorld, { name: options.world }));
  const spec = await found.load();
  const log = found.name === options.world ? logOf(options) : undefined;
  // What the world did that was open until now is no news any more.
  tell = null;
  waitingSince = 0;
  const { until = null, seed } = options;
  const { on, refused } = log
    ? await (await import("./saved.ts")).restore(spec, log, { until, seed, tongue }, lessonNamed)
    : { on: new WorldSession(spec, seed, false, tongue.dictionary), refused: null };
  session = on;
  const opened: Opened = { ...openedOf(on), refused };
  if (options.broken) opened.refused = (await tongue.say()).brokenLink;
  allowed = on.world.sim.now;
  wall = performance.now();
  prompted = new Promise((resolve) => {
    sayPrompted = resolve;
  });
  // The shells are there at once; the world's own start follows their first prompt.
  ready = Promise.all([need(partsOf(spec)), prompted]).then(() =>
    session === on ? start(on, spec) : undefined,
  );
  ready.catch((error) => {
    on.fail(error);
    soon(true);
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
  async openTerminal(machine, rows, columns) {
    await calm();
    return promptly(0, (on) => on.openTerminal(machine, rows, columns));
  },
  async closeTerminal(id) {
    await calm();
    promptly(undefined, (on) => void on.input({ kind: "close", terminal: id }));
  },
  async type(id, text) {
    await ready;
    await calm();
    promptly(undefined, (on) => void on.input({ kind: "type", terminal: id, text }));
    // What is used next is there then; and nothing is fetched for who only looks.
    if (/[\r\n]/.test(text)) setTimeout(() => needAll().catch(() => {}), LEISURE);
  },
  async resize(id, rows, columns) {
    await calm();
    promptly(undefined, (on) => void on.input({ kind: "resize", terminal: id, rows, columns }));
  },
  async journeys(limit, filter) {
    if (filter === "") return current().journeys(limit);
    const { journeysOf } = await reading();
    return journeysOf(current(), limit, filter);
  },
  async packets(journey, filter) {
    const { packetsOf } = await reading();
    return packetsOf(current(), journey, filter);
  },
  async story(skb) {
    const { storyOf } = await import("../journey/tell.ts");
    return storyOf(current().reader, skb);
  },
  async storyText(skb) {
    const { storyTextOf } = await reading();
    return storyTextOf(current(), skb);
  },
  readFile: async (machine, path) => current().readFile(machine, path),
  async writeFile(machine, path, text) {
    await calm();
    const { failed } = await tongue.say();
    return promptly<string | null>(failed, (on) => on.writeFile(machine, path, text));
  },
  language: async (id, text) => (await languages()).language(current(), id, text),
  check: async (id, text) => (await languages()).check(current(), id, text),
  complete: async (id, text, at) => (await languages()).complete(current(), id, text, at),
  hover: async (id, text, at) => (await languages()).hover(current(), id, text, at),
  preview: async (id, text) => (await languages()).preview(current(), id, text),
  async answerEdit(id, answer) {
    await calm();
    promptly(undefined, (on) => void on.input({ kind: "answer", request: id, answer }));
  },
  inputLog: async () => session?.log ?? null,
  async link() {
    const { encodeLink } = await import("./link.ts");
    return encodeLink(current().log);
  },
  async whatIf(question) {
    await needAll();
    await calm();
    return promptly(0, (on) => on.whatIf(question));
  },
  async history(after) {
    const { historyOf } = await import("./history.ts");
    return historyOf(current(), after);
  },
  async tables(ns, topic) {
    const { sectionsOf } = await import("../world/tables.ts");
    return looking(() => sectionsOf(current().world, ns, topic));
  },
  async deviceNote(ns, ifindex) {
    const { noteOf } = await import("../world/tables.ts");
    return looking(() => noteOf(current().world, ns, ifindex));
  },
  async seek(at, given) {
    const { Past } = await import("./past.ts");
    await Promise.all([speaking, needAll()]);
    const log = given ?? past?.replay.log;
    const found = worlds.find(({ name }) => name === log?.world);
    if (!found || !log)
      throw new Error(fill((await tongue.say()).noWorld, { name: log?.world ?? "" }));
    const spec = await found.load();
    past ??= new Past(({ seed }) => new WorldSession(spec, seed, false, tongue.dictionary), log);
    session = past.seek(log, at);
    allowed = session.world.sim.now;
    return openedOf(session);
  },
  async undo() {
    const { undoLast } = await import("./undo.ts");
    return undoLast(current().log);
  },
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
    await need(partsOfLesson(spec));
    const { reviseLesson } = await import("./lesson.ts");
    return session ? reviseLesson(session, spec) : null;
  },
  async openLesson(slug, step, passed) {
    const spec = await lessonNamed(slug);
    if (!spec) throw new Error(fill((await tongue.say()).noLesson, { name: slug }));
    await need(partsOfLesson(spec));
    const { openLesson } = await import("./lesson.ts");
    // Steps can be played only where the world has started, prompt or not.
    if (step > 0) {
      sayPrompted();
      await ready;
    }
    await calm();
    const on = current();
    const progress = await played(openLesson(on, spec, step, passed));
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
    const { encodeLink } = await import("./link.ts");
    return slug ? `${CODE}${slug}.${await encodeLink(current().log)}` : "";
  },
  async verify(code) {
    await speaking;
    const none: Verdict = { slug: "", title: "", done: 0, of: 0, problem: null };
    const [, slug = "", text = ""] = /^hopscope1\.([\w-]+)\.([\w-]+)$/.exec(code.trim()) ?? [];
    const spec = await lessons.find((one) => one.slug === slug)?.load();
    const say = await tongue.say();
    if (!spec) return { ...none, problem: say.notCode };
    const [{ decodeLink }, { inputLogProblem }] = await Promise.all([
      import("./link.ts"),
      import("./input-check.ts"),
    ]);
    const log = await decodeLink(text);
    const why = inputLogProblem(log, say);
    if (why !== null) return { ...none, slug, problem: fill(say.brokenCode, { why }) };
    const { world, seed } = log as InputLog;
    const found = worlds.find(({ name }) => name === world && name === spec.world);
    if (!found) return { ...none, slug, problem: say.otherWorld };
    await needAll();
    const { verify } = await import("./verify.ts");
    session = new WorldSession(await found.load(), seed, false, tongue.dictionary);
    try {
      return verify(session, spec, log as InputLog);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { ...none, slug, title: spec.title, problem: why };
    }
  },
  async figure(figure) {
    const { drawFigure } = await import("./figure.ts");
    return looking(() => drawFigure(current(), figure));
  },
  async sights(skb) {
    const { sightsOf } = await import("../journey/sights.ts");
    return sightsOf(current().reader, skb);
  },
  async dissect(n) {
    const { inspect } = await import("./inspect.ts");
    return inspect(current().world, n);
  },
  async captures(place) {
    const { capturesOf } = await import("./captures.ts");
    return capturesOf(current(), place ?? null);
  },
};

expose(api);

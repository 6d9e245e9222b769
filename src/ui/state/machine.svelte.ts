import { proxy, type Remote } from "comlink";
import { fill } from "../../base/words.ts";
import type {
  EditRequest,
  LessonProgress,
  Move,
  Opened,
  OpenOptions,
  Topology,
  Update,
  WorkerApi,
  WorldInfo,
} from "../../worker/protocol.ts";
import { text } from "../text/page.ts";
import { DEFAULT_WORLD, Engine } from "./engine.ts";

/** The map and the journeys wait for the first prompt, but not longer than this, ms. */
const PROMPT_PATIENCE = 1000;

export interface Failure {
  /** "machine": the engine threw; "worker": there is nobody left to ask. */
  kind: "machine" | "worker";
  details: string;
}

/** Who shows what a terminal prints. */
export interface Screen {
  write(text: string): Promise<void>;
  ended(): void;
}

/** The page's end of the worker: what is known of the world, and the news as they come. */
export class Machine {
  engine: Engine;
  worlds = $state.raw<WorldInfo[]>([]);
  topology = $state.raw<Topology | null>(null);
  /** Counts the worlds opened on this page: whatever shows one is made anew with it. */
  epoch = $state(0);
  /** Terminals that a replay left open, for the tabs to take over. */
  left = $state.raw<Opened["terminals"]>([]);
  /** Virtual time, ns, and the wall clock when it was that. */
  now = $state(0);
  rate = $state(1);
  paused = $state(false);
  edits = $state.raw<EditRequest[]>([]);
  failure = $state.raw<Failure | null>(null);
  /** Something was printed (or nobody waits for it any more): the rest of the page may come. */
  printed: Promise<void>;
  sayPrinted: () => void = () => {};
  /** A sentence for the person, until it is closed. */
  notice = $state("");
  screens = new Map<number, Screen>();
  /** What came for terminals that nobody shows yet. */
  early = new Map<number, { text: string; ended: boolean }>();
  /** Takes the packets that moved. */
  onMoves: (moves: Move[]) => void = () => {};
  /** Takes what somebody has done in the open lesson. */
  onLesson: (progress: LessonProgress) => void = () => {};
  /** Told when something was added to the journeys. */
  onJourneys: () => void = () => {};
  /** Told when anything may have changed. */
  onNews: () => void = () => {};

  constructor(engine: Engine) {
    this.engine = engine;
    this.printed = new Promise((resolve) => {
      this.sayPrinted = resolve;
    });
    this.hear();
    document.addEventListener("visibilitychange", this.seen);
  }

  seen = (): void => this.sendRate();

  /** Nobody will look at it again. */
  end(): void {
    document.removeEventListener("visibilitychange", this.seen);
    this.engine.end();
  }

  hear(): void {
    const { engine } = this;
    engine.onDeath = (details) => this.fail("worker", details);
    if (engine.death !== null) this.fail("worker", engine.death);
  }

  /** A new worker in place of one that is gone. */
  renew(): void {
    this.engine.end();
    this.engine = new Engine({ world: DEFAULT_WORLD });
    this.failure = null;
    this.hear();
  }

  fail(kind: Failure["kind"], details: unknown): void {
    const words = details instanceof Error ? details.message : String(details || "");
    this.sayPrinted();
    if (!this.failure) this.failure = { kind, details: words };
  }

  /** Open a world, unless it is being opened already. A name that nobody knows gives a sentence. */
  async open(options: OpenOptions, opening = this.engine.open(options)): Promise<Opened | null> {
    try {
      const opened = await opening;
      if (options.world && opened.topology.world.name !== options.world)
        this.notice = fill(text.failure.noWorld, { name: options.world });
      this.failure = null;
      this.edits = [];
      this.screens.clear();
      this.early.clear();
      this.now = 0;
      this.left = opened.terminals;
      if (opened.refused) this.notice = opened.refused;
      this.epoch++;
      this.topology = opened.topology;
      return opened;
    } catch (error) {
      this.fail("worker", error);
      return null;
    }
  }

  async loadWorlds(): Promise<void> {
    this.worlds = (await this.ask((api) => api.worlds())) ?? [];
  }

  /** From now on the world runs, and its news are taken. */
  async listen(): Promise<void> {
    const { epoch } = this;
    this.sendRate();
    setTimeout(this.sayPrinted, PROMPT_PATIENCE);
    await this.ask((api) => api.listen(proxy((update) => this.take(update, epoch))));
  }

  /** News. Answered when it has been shown, which is what the worker waits for. */
  async take(update: Update, epoch: number): Promise<void> {
    if (epoch !== this.epoch) return;
    this.now = update.now;
    if (update.moves.length) this.onMoves(update.moves);
    if (update.journeys) this.onJourneys();
    this.onNews();
    if (update.lesson) this.onLesson(update.lesson);
    if (update.edits.length) this.edits = [...this.edits, ...update.edits];
    if (update.topology) void this.refreshTopology(epoch);
    if (update.crash !== null) this.fail("machine", update.crash);
    const written: Promise<void>[] = [];
    for (const news of update.terminals) {
      const screen = this.screens.get(news.id);
      if (!screen) {
        const before = this.early.get(news.id);
        const all = (before?.text ?? "") + news.text;
        this.early.set(news.id, { text: all, ended: news.ended });
        continue;
      }
      if (news.text) written.push(screen.write(news.text));
      if (news.ended) screen.ended();
    }
    // A screen that cannot show (a hidden tab) must not hold up the world for ever.
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 1000));
    if (!written.length) return;
    await Promise.race([Promise.all(written), patience]);
    this.sayPrinted();
  }

  async refreshTopology(epoch: number): Promise<void> {
    const topology = await this.ask((api) => api.topology());
    if (topology && epoch === this.epoch) this.topology = topology;
  }

  /** Ask the worker; a machine that cannot answer is a failure that the page shows. */
  async ask<T>(question: (api: Remote<WorkerApi>) => Promise<T>): Promise<T | null> {
    if (this.failure) return null;
    try {
      return await question(this.engine.api);
    } catch (error) {
      this.fail("machine", error);
      return null;
    }
  }

  attach(id: number, screen: Screen): void {
    this.screens.set(id, screen);
    const early = this.early.get(id);
    if (!early) return;
    this.early.delete(id);
    if (early.text) void screen.write(early.text);
    if (early.ended) screen.ended();
  }

  /** Ends the terminal, unless its number belongs to another screen by now: to one of a new world. */
  detach(id: number, screen: Screen): void {
    if (this.screens.get(id) !== screen) return;
    this.screens.delete(id);
    void this.ask((api) => api.closeTerminal(id));
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    this.sendRate();
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.sendRate();
  }

  /** A hidden page stands still. */
  sendRate(): void {
    if (this.epoch === 0) return;
    const rate = this.paused || document.hidden ? 0 : this.rate;
    void this.ask((api) => api.setRate(rate));
  }

  async answerEdit(id: number, answer: "saved" | "closed"): Promise<void> {
    this.edits = this.edits.filter((edit) => edit.id !== id);
    await this.ask((api) => api.answerEdit(id, answer));
  }
}

import { fill } from "../../base/words.ts";
import type { Call, Event } from "../../embed/protocol.ts";
import type { Opened } from "../../worker/protocol.ts";
import { App, type Area } from "../state/app.svelte.ts";
import { DEFAULT_WORLD, Engine } from "../state/engine.ts";
import { embedText as words } from "../text/embed.ts";
import { type Asked, type Line, linesOf, themeOf } from "./asked.ts";
import type { Host } from "./host.ts";

/** A frame's world, from its address to its end: opened, put to sleep, made again. */
export class Scene {
  asked: Asked;
  host: Host;
  app: App = $state.raw() as App;
  /** Its terminal has come to its first prompt, and what was to be run first is typed. */
  ready = $state(false);
  /** Its worker was ended, because nobody looks. */
  kept = $state.raw<string | null>(null);
  /** What has been told of the lesson. */
  told = new Set<string>();
  /** Told that the host asks something: it is not to stand still. */
  onStir: () => void = () => {};
  /** The world is being made again. */
  waking: Promise<void> | null = null;

  constructor(asked: Asked, host: Host, engine: Engine) {
    this.asked = asked;
    this.host = host;
    this.app = this.appOf(engine);
    host.onCall = (call) => this.act(call);
  }

  appOf(engine: Engine): App {
    const app = new App(engine, false);
    // The page that the frame stands in says how it looks, and nothing of that is remembered.
    const { theme } = this.asked;
    app.settings.choice = theme === "auto" ? "system" : theme;
    app.area = this.areas[0] ?? "terminal";
    if (!this.asked.views.includes("journey") && this.asked.views.includes("tables"))
      app.side = "tables";
    const onType = app.lessons.onType;
    app.lessons.onType = () => {
      onType();
      this.attempt();
    };
    return app;
  }

  /** The areas that are shown, in the order that was asked for. */
  get areas(): Area[] {
    const areas = this.asked.views.map((view) =>
      view === "journey" || view === "tables" ? "journeys" : view,
    );
    return [...new Set(areas)];
  }

  async start(opening: Promise<Opened>): Promise<void> {
    const { asked } = this;
    const { lessons, machine } = this.app;
    await lessons.load();
    const known = !asked.lesson || lessons.list.some(({ slug }) => slug === asked.lesson);
    if (!known) machine.notice = fill(words.noLesson, { name: asked.lesson ?? "" });
    const lesson = known ? asked.lesson : null;
    const isFresh = asked.state === null;
    const world = asked.state ? "" : (asked.world ?? "");
    await this.app.open({ world }, this.at(lesson, isFresh ? asked.step : 0), opening);
    if (!isFresh && lesson && asked.step) await lessons.go(asked.step);
    await this.settle(isFresh);
  }

  at(slug: string | null, step: number): { slug: string; step: number } | null {
    return slug === null ? null : { slug, step };
  }

  /** What is to be typed first. */
  async settle(isFresh: boolean): Promise<void> {
    const { app } = this;
    const { lessons, machine } = app;
    // What was played to get to the step is nobody's doing.
    for (const key of lessons.progress?.passed ?? []) this.told.add(`passed ${key}`);
    await machine.printed;
    const at = lessons.spec?.steps[lessons.progress?.step ?? 0]?.at;
    if (at && isFresh) app.tabs.show(lessons.machineOf(at));
    this.ready = true;
    this.host.sayAble();
    const { world } = machine.topology ?? {};
    this.tell({
      type: "ready",
      world: world?.name ?? "",
      lesson: lessons.spec?.slug ?? null,
      storage: self.origin !== "null",
    });
    if (machine.notice) this.tell({ type: "error", message: machine.notice });
    if (isFresh) await this.runFirst();
  }

  /** What is to be typed first; what cannot be is said where everybody sees it. */
  async runFirst(): Promise<void> {
    try {
      await this.type(this.asked.run);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.app.machine.notice = message;
      this.tell({ type: "error", message });
    }
  }

  tell(event: Event): void {
    this.host.tell(event);
  }

  async type(lines: Line[]): Promise<void> {
    const { machine, lessons } = this.app;
    for (const { at, command } of lines) {
      const { tabs } = this.app;
      const shown = tabs.list.find((tab) => tab.key === tabs.active)?.machine ?? "";
      const name = at ? lessons.machineOf(at) : shown;
      if (!machine.topology?.machines.some((one) => one.name === name))
        throw new Error(fill(words.noMachine, { name: at || name }));
      this.attempt();
      await tabs.type(name, command);
    }
  }

  /** Somebody did something in this step. */
  attempt(): void {
    const { spec, progress } = this.app.lessons;
    if (!spec || !progress) return;
    const step = progress.step + 1;
    this.once(`attempted ${step}`, { type: "attempted", lesson: spec.slug, step });
  }

  once(key: string, event: Event): void {
    if (this.told.has(key)) return;
    this.told.add(key);
    this.tell(event);
  }

  /** What of the lesson has changed since it was told. */
  report(): void {
    const { spec, progress, helped } = this.app.lessons;
    if (!spec || !progress) return;
    const lesson = spec.slug;
    const steps = spec.steps.length;
    const current = `step ${progress.step}`;
    if (!this.told.has(current)) {
      for (const key of [...this.told]) if (/^step /.test(key)) this.told.delete(key);
      const title = spec.steps[progress.step]?.title ?? "";
      this.once(current, { type: "step", lesson, step: progress.step + 1, steps, title });
    }
    const parts = (key: string): { step: number; task: string } => {
      const [step, task] = key.split("/");
      return { step: Number(step) + 1, task: task ?? "" };
    };
    for (const key of progress.passed)
      this.once(`passed ${key}`, { type: "passed", lesson, ...parts(key) });
    for (const key of helped.keys())
      this.once(`hint ${key}`, { type: "hint", lesson, ...parts(key) });
    const all = spec.steps
      .slice(this.asked.step)
      .every((one, n) =>
        one.tasks.every((task) => progress.passed.includes(`${n + this.asked.step}/${task.id}`)),
      );
    if (all) this.once("completed", { type: "completed", lesson });
  }

  /** What the host asks. */
  async act(call: Call): Promise<string | null> {
    await this.wake();
    this.onStir();
    const { app } = this;
    switch (call.type) {
      case "run":
        await this.type(linesOf(call.commands, call.at));
        return null;
      case "reset":
        await this.reset();
        return null;
      case "setTheme":
        this.asked.theme = themeOf(call.theme);
        app.settings.choice = this.asked.theme === "auto" ? "system" : this.asked.theme;
        return null;
      case "seek":
        await this.seek(call.seconds);
        return null;
      case "getState":
        return await this.state();
      case "setState":
        await this.setState(call.state);
        return null;
    }
  }

  async state(): Promise<string> {
    const state = await this.app.machine.ask((api) => api.link());
    if (state === null) throw new Error(words.failed);
    return state;
  }

  async setState(state: string): Promise<void> {
    const { app } = this;
    await app.open({ world: "", link: state }, this.at(app.lessons.spec?.slug ?? null, 0));
    if (app.machine.notice) throw new Error(app.machine.notice);
  }

  async seek(seconds: number | null): Promise<void> {
    const { app } = this;
    const at = Math.round((seconds ?? 0) * 1e9);
    app.closeBranches();
    if (seconds === null || at >= app.machine.now) return;
    await app.goTo(Math.max(0, at));
    if (app.bench.since === null) throw new Error(app.machine.notice);
  }

  async reset(): Promise<void> {
    const { asked, app } = this;
    const { machine } = app.live;
    if (machine.failure?.kind === "worker") return this.renew(new Engine(this.first()));
    const world = machine.topology?.world.name ?? DEFAULT_WORLD;
    const seed = asked.seed === null ? {} : { seed: asked.seed };
    const lesson = app.lessons.spec?.slug ?? null;
    this.told.clear();
    await app.open({ world, ...seed }, this.at(lesson, this.asked.step));
    await this.settle(true);
  }

  first(): { world: string; lesson?: string } {
    const { lesson, world } = this.asked;
    return lesson ? { world: "", lesson } : { world: world ?? DEFAULT_WORLD };
  }

  /** A new worker in place of one that died. */
  async renew(engine: Engine): Promise<void> {
    this.app.live.machine.end();
    this.app = this.appOf(engine);
    this.told.clear();
    await this.start(engine.first());
  }

  /** End the worker: what was done so far is all that is kept. */
  async sleep(): Promise<void> {
    const { app } = this;
    if (!this.ready || this.kept || app.machine.failure) return;
    app.closeBranches();
    const state = await app.live.machine.ask((api) => api.link());
    if (state === null || this.kept) return;
    this.kept = state;
    app.live.end();
  }

  /** Made again by doing again what was done. */
  async wake(): Promise<void> {
    if (this.kept) this.waking ??= this.comeBack(this.kept);
    await this.waking;
  }

  async comeBack(state: string): Promise<void> {
    const engine = new Engine({ world: "", link: state });
    const app = this.appOf(engine);
    app.area = this.app.area;
    app.settings.choice = this.app.settings.choice;
    await app.open({ world: "" }, null, engine.first());
    this.app = app;
    this.kept = null;
    this.waking = null;
  }
}

import type { LessonSpec } from "../../lesson/spec.ts";
import type { Answer, LessonInfo, LessonProgress, LessonView } from "../../worker/protocol.ts";
import type { Machine } from "../state/machine.svelte.ts";
import { remember, remembered } from "../state/storage.ts";
import type { Tabs } from "../terminal/tabs.svelte.ts";
import { type Progress, progressOf } from "./progress.ts";

/** The lessons there are, the one that is open, and how far somebody has come in each. */
export class Lessons {
  machine: Machine;
  tabs: Tabs;
  list = $state.raw<LessonInfo[]>([]);
  spec = $state.raw<LessonSpec | null>(null);
  progress = $state.raw<LessonProgress | null>(null);
  /** How much help was asked for with each task ("step/task"): 1 is what is wrong, then the hints. */
  helped = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** What was expected before it was run, by "step/prediction": the option's place. */
  predicted = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** What the browser keeps: lessons that were begun. */
  kept = $state.raw<Progress>({});
  /** Progress is for the browser to keep: not that of frames in pages of others. */
  keeps: boolean;

  /** Told before a command is typed. */
  onType: () => void = () => {};
  /** Told that the step is to begin anew. */
  onAnew: (slug: string, step: number) => void = () => {};

  constructor(machine: Machine, tabs: Tabs, keeps: boolean) {
    this.machine = machine;
    this.tabs = tabs;
    this.keeps = keeps;
    if (keeps) this.kept = progressOf(remembered("progress", {}));
    machine.onLesson = (progress) => this.take(progress);
  }

  get index(): number {
    return this.progress?.step ?? 0;
  }

  async load(): Promise<void> {
    this.list = (await this.machine.ask((api) => api.lessons())) ?? [];
  }

  /** What to begin with: the one that was left, the next of all, those of this world; at most three. */
  offered(world: string): LessonInfo[] {
    const open = this.list.filter(({ slug }) => !this.kept[slug]?.finished);
    const left = open
      .filter(({ slug }) => this.kept[slug])
      .sort((a, b) => (this.kept[b.slug]?.at ?? 0) - (this.kept[a.slug]?.at ?? 0));
    const here = open.filter((lesson) => lesson.world === world);
    return [...new Set([...left.slice(0, 1), ...open.slice(0, 1), ...here])].slice(0, 3);
  }

  /** Open it on the world that is there, at a step; `before`: what has passed, else what is kept. */
  async attach(slug: string, step: number, before?: readonly string[]): Promise<void> {
    const kept = this.kept[slug];
    // Who has been through it and comes again begins anew.
    const passed = [...(before ?? (kept && !kept.finished ? kept.passed : []))];
    const view = await this.machine.ask((api) => api.openLesson(slug, step, passed));
    if (!view) return;
    if (step > 0) this.machine.left = view.terminals;
    this.show(view);
  }

  /** It was open in the world that a log has made again: there it goes on, and what has passed has passed. */
  async goOn(view: LessonView): Promise<void> {
    const { slug } = view.spec;
    const kept = this.kept[slug];
    const here = this.spec?.slug === slug ? (this.progress?.passed ?? []) : [];
    const passed = [...(kept && !kept.finished ? kept.passed : []), ...here];
    this.show(view);
    const progress = passed.length && (await this.machine.ask((api) => api.recall(passed)));
    if (progress) this.take(progress);
  }

  show({ spec, progress }: LessonView): void {
    this.spec = spec;
    this.helped = new Map();
    this.predicted = new Map();
    this.take(progress);
  }

  /** Its author has saved a lesson: what is shown of it is shown anew, at the same step. */
  async revise(spec: LessonSpec): Promise<void> {
    const progress = await this.machine.ask((api) => api.reviseLesson(spec));
    await this.load();
    if (this.spec?.slug !== spec.slug || !progress) return;
    this.spec = spec;
    this.take(progress);
  }

  take(progress: LessonProgress): void {
    const { spec } = this;
    this.progress = progress;
    if (!spec) return;
    const before = this.kept[spec.slug];
    const passed = [...new Set([...(before?.passed ?? []), ...progress.passed])];
    const finished = spec.steps.every(({ tasks }, n) =>
      tasks.every(({ id }) => passed.includes(`${n}/${id}`)),
    );
    const { step } = progress;
    this.keep({
      ...this.kept,
      [spec.slug]: { step, steps: spec.steps.length, passed, finished, at: Date.now() },
    });
  }

  keep(progress: Progress): void {
    this.kept = progress;
    if (this.keeps) remember("progress", progress);
  }

  /** No lesson is open: another world is. */
  forget(): void {
    this.spec = null;
    this.progress = null;
  }

  async close(): Promise<void> {
    this.forget();
    await this.machine.ask((api) => api.closeLesson());
  }

  async go(step: number): Promise<void> {
    const progress = await this.machine.ask((api) => api.goToStep(step));
    if (progress) this.take(progress);
  }

  passed(step: number, task: string): boolean {
    return this.progress?.passed.includes(`${step}/${task}`) ?? false;
  }

  stepDone(step: number): boolean {
    return this.spec?.steps[step]?.tasks.every((task) => this.passed(step, task.id)) ?? false;
  }

  /** How much help with a task of this step somebody has had. */
  help(task: string): number {
    return this.helped.get(`${this.index}/${task}`) ?? 0;
  }

  helpMore(task: string): void {
    this.helped = new Map([...this.helped, [`${this.index}/${task}`, this.help(task) + 1]]);
  }

  predict(prediction: number, option: number): void {
    this.predicted = new Map([...this.predicted, [`${this.index}/${prediction}`, option]]);
  }

  async answer(task: string, answer: Answer): Promise<void> {
    const progress = await this.machine.ask((api) => api.answerTask(task, answer));
    if (progress) this.take(progress);
  }

  /** The question of this step that is answered by pointing at something of this kind. */
  pointing(kind: "packet" | "row"): string | null {
    const tasks = this.spec?.steps[this.index]?.tasks ?? [];
    const open = tasks.find(({ id, ask }) => ask?.kind === kind && !this.passed(this.index, id));
    return open?.id ?? null;
  }

  /** Somebody opened a packet, or clicked a line: it may be an answer. */
  point(answer: { packet: number } | { row: string }): void {
    const task = this.pointing("packet" in answer ? "packet" : "row");
    if (task) void this.answer(task, answer);
  }

  /** The machine that a lesson calls by node, pod or app. */
  machineOf(at: string): string {
    const machines = this.machine.topology?.machines ?? [];
    const found = machines.find((m) => m.name === at) ?? machines.find((m) => m.label === at);
    return found?.name ?? at;
  }

  /** Type a command in the terminal of its machine, where everybody sees it. */
  async type(at: string, command: string): Promise<void> {
    this.onType();
    await this.tabs.type(this.machineOf(at), command);
  }

  /** Type the solution of this step. */
  async solve(): Promise<void> {
    for (const { at, run } of this.spec?.steps[this.index]?.solution ?? [])
      await this.type(at, run);
  }

  /** The step again, in a fresh world. */
  anew(): void {
    if (this.spec) this.onAnew(this.spec.slug, this.index);
  }
}

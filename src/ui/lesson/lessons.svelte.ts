import type { LessonSpec } from "../../lesson/spec.ts";
import type { LessonInfo, LessonProgress } from "../../worker/protocol.ts";
import type { Machine } from "../state/machine.svelte.ts";
import type { Tabs } from "../terminal/tabs.svelte.ts";

/** The lessons there are, the one that is open, and how far somebody has come in it. */
export class Lessons {
  machine: Machine;
  tabs: Tabs;
  list = $state.raw<LessonInfo[]>([]);
  spec = $state.raw<LessonSpec | null>(null);
  progress = $state.raw<LessonProgress | null>(null);
  /** Hints that were asked for: "step/task". */
  hinted = $state.raw<ReadonlySet<string>>(new Set());

  /** Told before a command is typed. */
  onType: () => void = () => {};

  constructor(machine: Machine, tabs: Tabs) {
    this.machine = machine;
    this.tabs = tabs;
    machine.onLesson = (progress) => {
      this.progress = progress;
    };
  }

  async load(): Promise<void> {
    this.list = (await this.machine.ask((api) => api.lessons())) ?? [];
  }

  /** Open it on the world that is there. */
  async attach(slug: string): Promise<void> {
    const view = await this.machine.ask((api) => api.openLesson(slug));
    if (!view) return;
    this.spec = view.spec;
    this.progress = view.progress;
    this.hinted = new Set();
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
    if (progress) this.progress = progress;
  }

  passed(step: number, task: string): boolean {
    return this.progress?.passed.includes(`${step}/${task}`) ?? false;
  }

  stepDone(step: number): boolean {
    return this.spec?.steps[step]?.tasks.every((task) => this.passed(step, task.id)) ?? false;
  }

  hint(task: string): void {
    this.hinted = new Set([...this.hinted, `${this.progress?.step}/${task}`]);
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
}

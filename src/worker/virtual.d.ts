declare module "virtual:worlds" {
  import type { WorldSpec } from "../world/spec.ts";

  const worlds: { name: string; title: string; summary: string; load(): Promise<WorldSpec> }[];
  export default worlds;
}

declare module "virtual:lessons" {
  import type { LessonSpec } from "../lesson/spec.ts";

  const lessons: {
    slug: string;
    title: string;
    summary: string;
    minutes: number;
    world: string;
    steps: number;
    load(): Promise<LessonSpec>;
  }[];
  export default lessons;
}

declare module "virtual:languages" {
  import type { Dictionary } from "../base/words.ts";
  import type { LessonSpec } from "../lesson/spec.ts";

  interface Language {
    /** Of the page, the worker, worlds ("worlds.NAME.title") and lessons' titles ("lessons.SLUG.title"). */
    words: Dictionary;
    /** Lessons of which something is translated. */
    lessons: Record<string, () => Promise<LessonSpec>>;
  }

  const languages: { tag: string; load(): Promise<Language> }[];
  export default languages;
}

declare module "virtual:commands" {
  import type { CommandName } from "../shell/registry.ts";

  const commands: CommandName[];
  export default commands;
}

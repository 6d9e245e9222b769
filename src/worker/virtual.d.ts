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

declare module "virtual:commands" {
  import type { CommandName } from "../shell/registry.ts";

  const commands: CommandName[];
  export default commands;
}

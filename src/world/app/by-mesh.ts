import type { App, AppContext } from "./registry.ts";

/** Is the world's mesh today's ambient mode, rather than the preview of 2022? */
export function isToday({ world }: AppContext): boolean {
  return world.spec.cluster?.mesh === "ambient-inpod";
}

/** A program of which there are two generations: the world says which. */
export function byMesh(preview: App, today: App): App {
  const of = (context: AppContext): App => (isToday(context) ? today : preview);
  return {
    ...preview,
    init: (context) => of(context).init?.(context),
    start: (context) => of(context).start(context),
  };
}

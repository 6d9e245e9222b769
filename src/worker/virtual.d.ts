declare module "virtual:worlds" {
  import type { WorldSpec } from "../world/spec.ts";

  const worlds: { name: string; title: string; summary: string; load(): Promise<WorldSpec> }[];
  export default worlds;
}

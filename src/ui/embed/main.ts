import { mount } from "svelte";
import type { Opened } from "../../worker/protocol.ts";
import type { Engine } from "../state/engine.ts";
import type { Asked } from "./asked.ts";
import EmbedView from "./EmbedView.svelte";
import type { Host } from "./host.ts";
import { Scene } from "./scene.svelte.ts";

/** Show a frame's view of an engine that is opening what the address asks for. */
export function start(asked: Asked, host: Host, engine: Engine, opening: Promise<Opened>): void {
  const target = document.getElementById("app");
  if (!target) return;
  const scene = new Scene(asked, host, engine);
  void scene.start(opening);
  mount(EmbedView, { target, props: { scene } });
}

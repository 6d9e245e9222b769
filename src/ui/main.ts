import { mount } from "svelte";
import type { Opened } from "../worker/protocol.ts";
import AppView from "./AppView.svelte";
import { App } from "./state/app.svelte.ts";
import type { Engine } from "./state/engine.ts";

/** Show the page for an engine that is opening what the address asks for. */
export function start(engine: Engine, opening: Promise<Opened>, query: URLSearchParams): void {
  const target = document.getElementById("app");
  if (!target) return;
  const app = new App(engine);
  void app.start(query, opening);
  mount(AppView, { target, props: { app } });
}

import "./theme.css";
import "./base.css";
import { mount } from "svelte";
import AppView from "./AppView.svelte";
import { App } from "./state/app.svelte.ts";
import { DEFAULT_WORLD } from "./state/machine.svelte.ts";

const target = document.getElementById("app");
if (target) {
  const app = new App();
  const world = new URLSearchParams(location.search).get("world") || DEFAULT_WORLD;
  void app.open({ world });
  mount(AppView, { target, props: { app } });
}

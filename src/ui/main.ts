import "./theme.css";
import "./base.css";
import { mount } from "svelte";
import AppView from "./AppView.svelte";
import { App } from "./state/app.svelte.ts";

const target = document.getElementById("app");
if (target) {
  const app = new App();
  void app.start(new URLSearchParams(location.search));
  mount(AppView, { target, props: { app } });
}

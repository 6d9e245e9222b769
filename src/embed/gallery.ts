import type { EventName, HopScope } from "./element.ts";

/* The gallery's own few lines: what its first embed says, and buttons that speak to it. */
const NAMES: readonly EventName[] = [
  "ready",
  "step",
  "attempted",
  "passed",
  "completed",
  "hint",
  "resize",
  "error",
];
const MOST = 12;

const embed = document.querySelector<HopScope>("#first");
const heard = document.querySelector("#heard");

function note(line: string): void {
  if (!heard) return;
  const lines = [...(heard.textContent ?? "").split("\n").filter(Boolean), line];
  heard.textContent = lines.slice(-MOST).join("\n");
}

for (const name of NAMES)
  embed?.addEventListener(name, (event) => note(`${name} ${JSON.stringify(event.detail)}`));

for (const button of document.querySelectorAll("button"))
  button.addEventListener("click", async () => {
    const { run, do: act } = button.dataset;
    try {
      if (run) await embed?.run(run);
      else if (act === "reset") await embed?.reset();
      else note(`getState() = ${await embed?.getState()}`);
    } catch (error) {
      note(String(error));
    }
  });

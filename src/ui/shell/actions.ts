import { fill } from "../../base/words.ts";
import type { App } from "../state/app.svelte.ts";
import { language, nameOf, tags } from "../text/language.ts";
import { text } from "../text/page.ts";
import { chooseLog, saveCaptures, saveLog } from "./files.ts";

/** Something that the page can do, for menus and for the palette. */
export interface Action {
  label: string;
  detail?: string;
  about?: string;
  checked?: boolean;
  act: () => void;
}

export interface ActionGroup {
  title: string;
  items: Action[];
}

function themes({ settings }: App): ActionGroup {
  return {
    title: text.theme,
    items: (["dark", "light", "system"] as const).map((choice) => ({
      label: text.themes[choice],
      checked: settings.choice === choice,
      act: () => settings.setTheme(choice),
    })),
  };
}

function tongues(app: App): ActionGroup[] {
  if (tags.length < 2) return [];
  const items = tags.map((tag) => ({
    label: nameOf(tag),
    checked: tag === language,
    act: () => void app.readIn(tag),
  }));
  return [{ title: text.language, items }];
}

function page(app: App): ActionGroup {
  const { machine, settings } = app;
  return {
    title: text.product,
    items: [
      { label: text.palette.open, detail: "Ctrl K", act: () => app.ask("palette") },
      { label: text.keys.title, detail: "?", act: () => app.ask("keys") },
      { label: text.whatIf.title, act: () => app.ask("what if") },
      { label: text.lesson.progress, act: () => app.ask("progress") },
      { label: text.lesson.workshop, act: () => app.ask("workshop") },
      { label: text.undo.label, act: () => void app.undo() },
      { label: text.link.copy, act: () => void app.copyLink() },
      { label: text.link.share, act: () => app.ask("share") },
      { label: text.captures, detail: ".pcapng", act: () => void saveCaptures(machine) },
      { label: text.saveLog, detail: ".json", act: () => void saveLog(machine) },
      { label: text.openLog, act: () => chooseLog(app) },
      {
        label: text.screenReader,
        checked: settings.screenReader,
        act: () => settings.setScreenReader(!settings.screenReader),
      },
    ],
  };
}

export function lessonActions(app: App): ActionGroup {
  return {
    title: text.lesson.choose,
    items: app.lessons.list.map(({ slug, title, summary, minutes }) => {
      const kept = app.lessons.kept[slug];
      const begun = kept?.finished
        ? text.lesson.done
        : kept && fill(text.lesson.at, { step: kept.step + 1 });
      return {
        label: title,
        detail: begun ?? fill(text.lesson.minutes, { count: minutes }),
        about: summary,
        act: () => void app.openLesson(slug),
      };
    }),
  };
}

/** What the menu at the header's end has. */
export function menuActions(app: App): ActionGroup[] {
  return [themes(app), ...tongues(app), page(app)];
}

/** Everything that can be done by name. */
export function allActions(app: App): ActionGroup[] {
  const { machine, tabs, journeys, timeline } = app.bench;
  return [
    {
      title: text.palette.terminals,
      items: (machine.topology?.machines ?? []).map(({ name, node }) => ({
        label: name,
        detail: name === node ? "" : node,
        act: () => {
          app.area = "terminal";
          tabs.show(name);
        },
      })),
    },
    {
      title: text.palette.look,
      items: [
        {
          label: machine.paused ? text.resume : text.pause,
          act: () => machine.setPaused(!machine.paused),
        },
        {
          label: text.palette.drops,
          act: () => {
            app.area = "journeys";
            journeys.leave();
            journeys.setFilter("drop");
          },
        },
        { label: text.timeline.back, act: () => timeline.step(-1) },
        { label: text.timeline.forward, act: () => timeline.step(1) },
        { label: text.reset, act: () => void app.reset() },
      ],
    },
    { ...lessonActions(app), title: text.areas.lesson },
    {
      title: text.world,
      items: app.live.machine.worlds.map(({ name, title }) => ({
        label: title,
        act: () => void app.choose(name),
      })),
    },
    page(app),
    themes(app),
  ];
}

/* What the first prompt does not need: a part of its own, loaded right after it. */
export { default as Editor } from "./editor/Editor.svelte";
export { default as JourneyPane } from "./journey/JourneyPane.svelte";
export { default as LessonPanel } from "./lesson/LessonPanel.svelte";
export { default as ProgressView } from "./lesson/ProgressView.svelte";
export { default as MapPane } from "./map/MapPane.svelte";
export { default as Keys } from "./palette/Keys.svelte";
export { default as Palette } from "./palette/Palette.svelte";
export { default as WhatIf } from "./palette/WhatIf.svelte";
export { default as TablesPane } from "./tables/TablesPane.svelte";
export { default as TimelineBar } from "./timeline/TimelineBar.svelte";
